"""The form of one visit: its lesions, and what is judged of the visit as a whole."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from monitoring.assessment_forms.lesions import NOT_SAID, LesionForm
from monitoring.forms import day_choices
from patients.models import Reading
from patients.reads.readings.asked import Asks
from patients.reads.readings.visits import ReadingSeen
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import ClinicalStatus, NewDisease, NonTarget, NotTumour, Reappearance, Trend
from patients.writes.readings.content import ReadingContent, ReadingProblem

NON_TARGET = {word.value: word.label for word in NonTarget}
AT_BASELINE = [
    (NonTarget.NCNP.value, "There is some"),
    (NonTarget.NA.value, "There is none"),
    (NonTarget.NE.value, "Not all evaluated"),
]
OTHER_WORDS = "WORDS"
EARLIER = [NOT_SAID, ("CONFIRMED", "Confirmed as tumour: it was new then"), ("RESOLVED", "Resolved: it was none")]


def _radios(label: str, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=forms.RadioSelect)


class VisitForm(forms.Form):
    """What is judged of one visit beside its lesions; nothing of it is ever proposed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    # Which outlines the sizes on the page come from: no others are signed with it.
    outlines = forms.CharField(required=False, widget=forms.HiddenInput)
    non_target = _radios("Non-target disease, all of it", list(NON_TARGET.items()))
    non_target_trend = _radios("Since last time", Trend.usual_pairs())
    non_target_on = forms.TypedChoiceField(
        required=False, coerce=date.fromisoformat, empty_value=None, label="Non-target disease seen on"
    )
    new_disease = _radios("New lesion", NewDisease.pairs())
    not_tumour = forms.ChoiceField(
        required=False,
        label="Not called tumour, because",
        choices=[("", "Choose"), *NotTumour.pairs(), (OTHER_WORDS, "Another reason")],
    )
    new_disease_why = forms.CharField(required=False, max_length=200, label="In words")
    new_on = forms.TypedChoiceField(required=False, coerce=date.fromisoformat, empty_value=None, label="Seen on")
    earlier = forms.ChoiceField(required=False, label="The earlier equivocal finding is", choices=EARLIER)
    reappearance = forms.ChoiceField(
        required=False, label="Disease after a complete response", choices=[NOT_SAID, *Reappearance.pairs()]
    )
    reappearance_why = forms.CharField(required=False, max_length=200, label="Reason")
    is_merged_cr_confirmed = forms.BooleanField(
        required=False, label="Merged lesions: nothing is left of them (complete response confirmed)"
    )
    regions_not_scanned = forms.MultipleChoiceField(
        required=False, label="Regions not scanned", choices=Organ.pairs(), widget=forms.CheckboxSelectMultiple
    )
    clinical_status = _radios("The patient is", ClinicalStatus.pairs())
    steroid_mg = forms.FloatField(
        required=False,
        label="Steroids (mg prednisone equivalent a day)",
        error_messages={"invalid": "Write the dose in mg a day with a decimal point, 0 where there is none."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6}),
    )
    is_for_symptom = forms.BooleanField(required=False, label="The scan was done for a symptom, not by schedule")
    note = forms.CharField(required=False, max_length=2000, label="Note", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, seen: ReadingSeen, asks: Asks, data: Any = None) -> None:
        super().__init__(data, initial=_initial(seen) | {"outlines": seen.outlines_digest})
        self.asks = asks
        for name in ("non_target_on", "new_on"):
            self._choose(name, [NOT_SAID, *day_choices(seen.dates)])
            if len(set(seen.dates)) < 2:
                del self.fields[name]
        if asks.is_first:
            self._choose("non_target", AT_BASELINE)
        dropped = {
            "non_target": asks.none_since is not None,
            "non_target_trend": asks.is_first or asks.none_since is not None,
            "earlier": not asks.has_equivocal,
            "reappearance": not asks.is_after_cr,
            "reappearance_why": not asks.is_after_cr,
            **dict.fromkeys(("new_disease", "not_tumour", "new_disease_why", "is_for_symptom"), asks.is_first),
        }
        for name in [name for name, is_dropped in dropped.items() if is_dropped]:
            del self.fields[name]
        if asks.none_since is not None:
            self.fields.pop("non_target_on", None)

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)

    def clean(self) -> dict[str, Any]:
        """The words beside a finding are those of the chosen reason, or the reader's own."""
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("not_tumour")
        if cleaned.get("new_disease") == NewDisease.EQUIVOCAL and reason and reason != OTHER_WORDS:
            cleaned["new_disease_why"] = reason
        if cleaned.get("new_disease") not in (NewDisease.EQUIVOCAL, NewDisease.YES):
            cleaned |= {"new_disease_why": "", "new_on": None}
        if cleaned.get("non_target") not in (NonTarget.NCNP, NonTarget.PD):
            cleaned["non_target_trend"] = ""
        if cleaned.get("non_target") != NonTarget.PD:
            cleaned["non_target_on"] = None
        return cleaned

    def refuse(self, problem: ReadingProblem) -> None:
        """Say a problem at the field it is about."""
        name = {"confirms_equivocal": "earlier", "equivocal_resolved": "earlier"}.get(problem.field, problem.field)
        if name == "new_disease_why" and not self.cleaned_data.get("not_tumour"):
            name = "not_tumour"
        self.add_error(name if name in self.fields else None, problem.sentence)


def _initial(seen: ReadingSeen) -> dict[str, Any]:
    shown = seen.shown
    if shown is None:
        return {"version": 1}
    plain = (
        "version",
        "non_target",
        "non_target_trend",
        "new_disease",
        "reappearance",
        "reappearance_why",
        "is_merged_cr_confirmed",
        "regions_not_scanned",
        "clinical_status",
        "is_for_symptom",
        "note",
    )
    return {name: getattr(shown, name) for name in plain} | {
        "non_target_on": shown.non_target_on.isoformat() if shown.non_target_on else "",
        "new_on": shown.new_on.isoformat() if shown.new_on else "",
        "earlier": "CONFIRMED" if shown.confirms_equivocal else "RESOLVED" if shown.equivocal_resolved else "",
        "steroid_mg": "" if shown.steroid_mg is None else f"{shown.steroid_mg:g}",
        **_why(shown),
    }


def _why(shown: Reading) -> dict[str, str]:
    """The reason of an equivocal finding as one to choose, else as words."""
    if shown.new_disease != NewDisease.EQUIVOCAL:
        return {"new_disease_why": shown.new_disease_why}
    if shown.new_disease_why in {word.value for word in NotTumour}:
        return {"not_tumour": shown.new_disease_why}
    return {"not_tumour": OTHER_WORDS if shown.new_disease_why else "", "new_disease_why": shown.new_disease_why}


class AssessmentForm:
    """The whole page as one form: the visit and each of its lesions."""

    def __init__(self, seen: ReadingSeen, asks: Asks, data: Any = None) -> None:
        lesions = [row.lesion for row in seen.lesions]
        self.visit = VisitForm(seen, asks, data)
        order = {LesionRole.TARGET: 0, LesionRole.NEW: 2}
        shown = [row for row in seen.lesions if row.lesion.pk not in asks.later]
        rows = sorted(shown, key=lambda row: order.get(LesionRole(row.lesion.role), 1))
        self.lesions = [LesionForm(row, lesions, seen.dates, data, is_baseline=asks.is_baseline) for row in rows]

    @property
    def version(self) -> int:
        """Which version a valid form enters."""
        return int(self.visit.cleaned_data["version"])

    def is_valid(self) -> bool:
        """Whether everything can be read; asks every form, so that all that is wrong is said at once."""
        return all([form.is_valid() for form in (self.visit, *self.lesions)])

    @property
    def outlines_digest(self) -> str:
        """Of the outlines whose sizes stood on the page that was sent."""
        return str(self.visit.cleaned_data["outlines"])

    @property
    def problem_count(self) -> int:
        """How many fields are refused."""
        return sum(len(form.errors) for form in (self.visit, *self.lesions))

    def refuse(self, problems: Sequence[ReadingProblem]) -> None:
        """Say each problem where it belongs."""
        by_lesion = {form.lesion.pk: form for form in self.lesions}
        for problem in problems:
            at = by_lesion.get(problem.lesion_pk) if problem.lesion_pk is not None else None
            (at or self.visit).refuse(problem)

    def content(self) -> ReadingContent:
        """What a valid form says."""
        said = self.visit.cleaned_data
        said_of_lesions = (form.content() for form in self.lesions)
        first = NewDisease.NO if self.visit.asks.is_first else None
        none = NonTarget.NA if self.visit.asks.none_since else None
        return ReadingContent(
            lesions=tuple(one for one in said_of_lesions if one is not None),
            non_target=NonTarget(said["non_target"]) if said.get("non_target") else none,
            non_target_trend=Trend(said["non_target_trend"]) if said.get("non_target_trend") else None,
            non_target_on=said.get("non_target_on"),
            new_disease=NewDisease(said["new_disease"]) if said.get("new_disease") else first,
            new_on=said.get("new_on"),
            new_disease_why=said.get("new_disease_why", ""),
            equivocal_resolved=said.get("earlier") == "RESOLVED",
            confirms_equivocal=said.get("earlier") == "CONFIRMED",
            regions_not_scanned=tuple(Organ(name) for name in said["regions_not_scanned"]),
            reappearance=Reappearance(said["reappearance"]) if said.get("reappearance") else None,
            reappearance_why=said.get("reappearance_why", ""),
            is_merged_cr_confirmed=said["is_merged_cr_confirmed"],
            clinical_status=ClinicalStatus(said["clinical_status"]) if said["clinical_status"] else None,
            steroid_mg=said["steroid_mg"],
            is_for_symptom=said.get("is_for_symptom", False),
            note=said["note"],
        )
