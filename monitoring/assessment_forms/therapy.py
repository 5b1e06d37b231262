"""A pause of a line of therapy, and the treatment of a single lesion, as forms."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from monitoring.forms import EARLIEST_SCAN, FARTHEST_DAYS, date_field
from patients.words.reading_words import LocalTherapy


class HoldForm(forms.Form):
    """From when to when a therapy pauses; entered again with the same start it gets this end."""

    started_on = date_field("Paused from")
    stopped_on = date_field("Until", required=False)

    def clean(self) -> dict[str, Any]:
        """Days that can be meant."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("started_on", "stopped_on"):
            if not _can_be_meant(cleaned.get(name)):
                self.add_error(name, "Check the year.")
        return cleaned


class TreatmentForm(forms.Form):
    """What was done to one lesion, and when."""

    kind = forms.ChoiceField(label="What was done", choices=[("", "Choose"), *LocalTherapy.pairs()])
    treated_on = date_field("On")

    def clean_treated_on(self) -> date:
        """A day that can be meant."""
        day: date = self.cleaned_data["treated_on"]
        if not _can_be_meant(day):
            raise forms.ValidationError("Check the year.")
        return day


def _can_be_meant(day: date | None) -> bool:
    return day is None or (day >= EARLIEST_SCAN and (day - timezone.localdate()).days <= FARTHEST_DAYS)
