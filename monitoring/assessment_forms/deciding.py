"""Which of two readings counts, and for when a confirming scan is booked, as forms."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from monitoring.forms import EARLIEST_SCAN, FARTHEST_DAYS, date_field
from patients.models import Reading


class AdjudicationForm(forms.Form):
    """The reading that counts, and why. `seen` names the last decision that the page showed, 0 for none."""

    reading = forms.TypedChoiceField(
        coerce=int, widget=forms.RadioSelect, error_messages={"required": "Choose the assessment that counts."}
    )
    why = forms.CharField(
        label="Reason",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give the reason for your decision."},
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, readings: Sequence[Reading], seen: int, data: Any = None) -> None:
        super().__init__(data, initial={"seen": seen})
        chooser = self.fields["reading"]
        if isinstance(chooser, forms.ChoiceField):
            chooser.choices = [(row.pk, f"{row.who}, version {row.version}") for row in readings]


class BookingForm(forms.Form):
    """For when the confirming scan of one progression is booked; an empty day takes the booking back."""

    opened_on = forms.DateField(widget=forms.HiddenInput)
    booked_for = date_field("Booked for", required=False)

    def clean_booked_for(self) -> Any:
        """A day that can be meant."""
        day = self.cleaned_data["booked_for"]
        if day and (day < EARLIEST_SCAN or (day - timezone.localdate()).days > FARTHEST_DAYS):
            raise forms.ValidationError("Check the year.")
        return day
