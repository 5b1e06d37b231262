"""What somebody says who lets texture of a blocked pair of scans be compared all the same."""

from django import forms

from patients.readable import is_readable

LONGEST = 500


class AcceptForm(forms.Form):
    """The reason, and a digest of what the person saw who gave it."""

    reason = forms.CharField(
        label="Why texture may be compared all the same",
        widget=forms.TextInput(attrs={"maxlength": LONGEST, "autocomplete": "off"}),
        error_messages={"required": "Say why texture may be compared all the same."},
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        """A reason that can be read, in one line."""
        reason = " ".join(str(self.cleaned_data["reason"]).split())
        if not is_readable(reason, LONGEST):
            raise forms.ValidationError(f"Write the reason in words, at most {LONGEST} readable letters.")
        return reason
