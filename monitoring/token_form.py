"""What is said of a new access token."""

from django import forms

from patients.words.token_words import Scope

DAYS = [(7, "a week"), (30, "thirty days"), (90, "ninety days"), (365, "a year")]


class TokenForm(forms.Form):
    """What it is for, what it may be used for, how long."""

    name = forms.CharField(label="What it is for", max_length=60)
    scopes = forms.MultipleChoiceField(
        label="It may fetch",
        choices=Scope.pairs(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    days = forms.TypedChoiceField(label="It ends after", choices=DAYS, coerce=int, initial=30)

    def clean_name(self) -> str:
        """Without spaces at its ends."""
        return " ".join(str(self.cleaned_data["name"]).split())
