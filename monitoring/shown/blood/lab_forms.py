"""Results, events and what is known of a patient as forms, over the same checks that files pass."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from patients.lab_tables import happenings, results
from patients.lab_tables.cells import Problem
from patients.labs.words import DETAILS, Analyte, EventKind
from patients.models import ClinicalEvent, LabResult
from patients.reads.labs import event_texts_of, result_texts_of
from patients.vocabulary import Tumour

# More of them keep a web process, and whoever waits for it, longer than a few seconds.
MOST_LINES = 5_000


def _text(label: str, longest: int = 60, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attributes})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


def _day(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs={"type": "date"}))


class _Checked(forms.Form):
    """A form whose fields are the columns of a table, checked in the same words."""

    fields_of: ClassVar[tuple[str, ...]]
    check: ClassVar[Callable[..., tuple[Any, tuple[Problem, ...]]]]
    why = _text("Why it is corrected", 200)

    def __init__(self, birth_year: int | None, data: Any = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}), auto_id=f"{type(self).__name__.lower()}_%s")
        self.birth_year = birth_year
        self.said: Any = None

    def clean(self) -> dict[str, Any]:
        """Each problem beside its field."""
        cleaned = super().clean() or self.cleaned_data
        texts = {name: str(self.data.get(name, "")) for name in self.fields_of}
        today: date = timezone.localdate()
        self.said, problems = type(self).check(texts, today, self.birth_year)
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.sentence)
        return cleaned

    def refuse(self, field: str, sentence: str) -> None:
        """Say what the record refused."""
        self.add_error(field if field in self.fields else None, sentence)


class ResultForm(_Checked):
    """One result, in the unit of the laboratory's report."""

    fields_of = results.FIELDS
    check = staticmethod(results.checked_result)
    analyte = _text("Analyte", list="analytes")
    date = _day("Taken on")
    value = _text("Value", inputmode="decimal", placeholder="1.9 or <0.1")
    unit = _text("Unit", 24, placeholder="as reported")
    low = _text("Normal from", 24, inputmode="decimal")
    high = _text("Normal to", 24, inputmode="decimal")
    assay = _text("Assay or laboratory", 80)
    names = tuple(analyte.label for analyte in Analyte if analyte is not Analyte.OTHER)

    @classmethod
    def of(cls, row: LabResult, birth_year: int | None) -> "ResultForm":
        """The form of a result that is there."""
        return cls(birth_year, initial=result_texts_of(row))


class EventForm(_Checked):
    """One event; each kind asks for its own fields."""

    fields_of = happenings.FIELDS
    check = staticmethod(happenings.checked_event)
    kind = forms.ChoiceField(label="What happened", required=False, choices=[("", "Choose"), *EventKind.pairs()])
    date = _day("On, or from")
    end = _day("Until")
    grade = _text("Grade (ECOG, CTCAE)", 2, inputmode="numeric")
    dose_mg = _text("Prednisone equivalent, mg a day", 12, inputmode="decimal")
    detail = forms.ChoiceField(
        label="Organ, result, cause or outcome",
        required=False,
        choices=[("", "None"), *((kind.label, words.pairs()) for kind, words in DETAILS.items())],
    )
    text = _text("In words", 200)
    lesion = _text("Lesion", 64)
    reader_1 = _text("First reader", 80)
    reader_2 = _text("Second reader", 80)

    @classmethod
    def of(cls, row: ClinicalEvent, birth_year: int | None) -> "EventForm":
        """The form of an event that is there."""
        return cls(birth_year, initial=event_texts_of(row))


class AboutForm(forms.Form):
    """What kind of tumour a patient has, and, where results shall be held against it, the year of birth."""

    tumour = forms.ChoiceField(label="Tumour", required=False, choices=Tumour.pairs())
    birth_year = forms.IntegerField(label="Year of birth (may stay empty)", required=False, min_value=1900)

    def clean_birth_year(self) -> int | None:
        """A year that is not in the future."""
        year: int | None = self.cleaned_data["birth_year"]
        if year is not None and year > timezone.localdate().year:
            raise forms.ValidationError("This year has not come yet.")
        return year


class TableForm(forms.Form):
    """A table of results or of events of one patient."""

    prefix = "file"
    kind = forms.ChoiceField(label="It holds", choices=[("results", "Results"), ("events", "Events")])
    table = forms.CharField(
        label="The table as CSV", strip=False, widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    )

    def clean_table(self) -> str:
        """A table that a page can take in while somebody waits; a command takes in more."""
        table = str(self.cleaned_data["table"])
        if len(table.splitlines()) > MOST_LINES:
            raise forms.ValidationError(
                f"This table has more than {MOST_LINES:,} lines. Send it in parts, or have it taken in by command."
            )
        return table
