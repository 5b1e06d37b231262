"""What a reader says of one lesion at one visit, and of a new lesion, as a form."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from monitoring.assessment_forms.lines import OutlineLine, read_line, shown_mm, written_line
from monitoring.forms import day_choices
from patients.models import Lesion
from patients.reads.readings.visits import LesionToRead
from patients.vocabulary import Absence, LesionRole, Organ
from patients.words.reading_words import DiameterFrom, NewLesionKind, NotTumour, SizeState, Trend
from patients.writes.readings.content import LesionContent, ReadingProblem

STATES = [
    (SizeState.MEASURED.value, "Measured"),
    (SizeState.TOO_SMALL.value, "Too small to measure"),
    (SizeState.ABSENT.value, "Gone"),
    (SizeState.PRESENT.value, "Present, not measured"),
    (SizeState.SPLIT.value, "Split into parts"),
    (SizeState.MERGED.value, "Merged into another"),
    (SizeState.NOT_EVALUABLE.value, "Not evaluable"),
]
OWN = [(word.value, word.label) for word in (DiameterFrom.TYPED, DiameterFrom.DRAWN)]
ROLES = [(word.value, word.label) for word in (LesionRole.TARGET, LesionRole.NON_TARGET)]
NOT_SAID = ("", "–")
# How a problem's field is called where the form has another name for it.
FIELDS = {"parts_mm": "parts", "diameter_from": "diameter_mm", "lesion": None}
MILLIMETRES = "Write millimetres with a decimal point, for example 12.5."


class LesionForm(forms.Form):
    """One lesion: how it was found, and only then what that asks for."""

    state = forms.ChoiceField(required=False, label="How it was found", choices=[NOT_SAID, *STATES])
    is_own = forms.BooleanField(required=False, label="Another diameter")
    diameter_mm = forms.FloatField(
        required=False,
        label="Diameter (mm)",
        error_messages={"invalid": MILLIMETRES},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6}),
    )
    diameter_from = forms.ChoiceField(required=False, label="By", choices=OWN)
    diameter_why = forms.CharField(required=False, max_length=200, label="Reason for another diameter")
    # What was drawn on a slice, as monitoring/assessment_forms/lines.py writes it.
    line = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    parts = forms.CharField(required=False, max_length=120, label="Diameters of the parts (mm), with spaces between")
    merged_into = forms.TypedChoiceField(required=False, label="Merged into", coerce=int, empty_value=None)
    trend = forms.ChoiceField(required=False, label="Since last time", choices=[NOT_SAID, *Trend.usual_pairs()])
    not_tumour = forms.ChoiceField(
        required=False, label="Tumour?", choices=[("", "Tumour"), *((w.value, w.label) for w in NotTumour)]
    )
    observed_on = forms.TypedChoiceField(required=False, label="Scan of", coerce=date.fromisoformat, empty_value=None)
    role = forms.ChoiceField(required=False, label="Follow as", choices=ROLES)
    why = forms.CharField(required=False, max_length=200, label="Why it cannot be evaluated")

    def __init__(
        self,
        row: LesionToRead,
        lesions: Sequence[Lesion],
        dates: Sequence[date],
        data: Any = None,
        *,
        is_baseline: bool,
    ) -> None:
        super().__init__(data, prefix=f"lesion-{row.lesion.pk}", initial=_initial(row))
        self.row, self.lesion = row, row.lesion
        self.has_size = row.outline is not None and row.outline.size_mm is not None
        self._choose("state", STATES if self.has_size else [NOT_SAID, *STATES])
        self._choose("merged_into", [NOT_SAID, *((one.pk, one.tracking_id) for one in lesions if one != row.lesion)])
        self._choose("observed_on", [NOT_SAID, *day_choices(dates)])
        self.drawn: OutlineLine | None = None
        self.is_new = row.lesion.role == LesionRole.NEW
        if self.is_new and row.lesion.new_kind != NewLesionKind.TARGET:
            self._choose("trend", [NOT_SAID, *Trend.pairs()])
        for name, is_asked in (
            ("role", is_baseline and not self.is_new),
            ("not_tumour", self.is_new),
            ("observed_on", len(set(dates)) > 1),
        ):
            if not is_asked:
                del self.fields[name]

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)

    @property
    def absence(self) -> str:
        """Why the outline has no size, in words."""
        if self.row.outline is None:
            return Absence.NOT_OUTLINED.label
        return (self.row.outline.absence or Absence.WAITING).label

    def clean_parts(self) -> tuple[float, ...]:
        """Sizes in millimetres, with spaces or semicolons between."""
        words = str(self.cleaned_data["parts"]).replace(";", " ").split()
        try:
            return tuple(float(word) for word in words)
        except ValueError:
            raise forms.ValidationError(f"{MILLIMETRES} A space stands between two parts.") from None

    def clean(self) -> dict[str, Any]:
        """What belongs to another state than the chosen one is left out: it was hidden when the form was sent."""
        cleaned = super().clean() or self.cleaned_data
        state = cleaned.get("state")
        is_own = state == SizeState.MEASURED and (cleaned.get("is_own") or not self.has_size)
        if not is_own:
            cleaned |= {"diameter_mm": None, "diameter_why": ""}
            self.errors.pop("diameter_mm", None)
        self._clean_line(is_drawn=bool(is_own) and cleaned.get("diameter_from") == DiameterFrom.DRAWN)
        if state != SizeState.SPLIT:
            cleaned["parts"] = ()
            self.errors.pop("parts", None)
        if state != SizeState.MERGED:
            cleaned["merged_into"] = None
        return cleaned

    def _clean_line(self, *, is_drawn: bool) -> None:
        """The line that was drawn goes with a drawn diameter, and with no other."""
        self.errors.pop("line", None)
        text, self.drawn = self.cleaned_data.get("line", ""), None
        if is_drawn and text:
            try:
                self.drawn = read_line(text)
            except ValueError:
                self.add_error("diameter_mm", "The line that was drawn cannot be read. Draw it again.")

    def content(self) -> LesionContent | None:
        """What a valid form says of the lesion; None where nothing is said."""
        said = self.cleaned_data
        if not said["state"]:
            return None
        is_own = said["diameter_mm"] is not None or (said["is_own"] and said["state"] == SizeState.MEASURED)
        return LesionContent(
            lesion_pk=self.lesion.pk,
            state=SizeState(said["state"]),
            diameter_mm=said["diameter_mm"],
            diameter_from=DiameterFrom(said["diameter_from"] or DiameterFrom.TYPED) if is_own else DiameterFrom.OUTLINE,
            diameter_why=said["diameter_why"],
            parts_mm=said["parts"],
            merged_into_pk=said["merged_into"],
            trend=Trend(said["trend"]) if said["trend"] else None,
            observed_on=said.get("observed_on"),
            role=LesionRole(said["role"]) if said.get("role") else None,
            why=said["why"] if said["state"] == SizeState.NOT_EVALUABLE else said.get("not_tumour", ""),
            line_on=self.drawn[0] if self.drawn else None,
            line=self.drawn[1] if self.drawn else None,
        )

    def refuse(self, problem: ReadingProblem) -> None:
        """Say a problem at the field it is about."""
        name = FIELDS.get(problem.field, problem.field)
        self.add_error(name if name in self.fields else None, problem.sentence)


def _initial(row: LesionToRead) -> dict[str, Any]:
    """What was said; else the outline's size stands for itself, and nothing is judged."""
    said = row.said
    if said is None:
        has_size = row.outline is not None and row.outline.size_mm is not None
        return {"state": SizeState.MEASURED if has_size else "", "role": row.lesion.role}
    is_not_tumour = said.why in {word.value for word in NotTumour}
    return {
        "state": said.state,
        "is_own": said.diameter_mm is not None,
        "diameter_mm": shown_mm(said),
        "line": written_line(said),
        "diameter_from": said.diameter_from,
        "diameter_why": said.diameter_why,
        "parts": " ".join(map(repr, said.parts_mm)),
        "merged_into": said.merged_into_id,
        "trend": said.trend,
        "not_tumour": said.why if is_not_tumour else "",
        "observed_on": said.observed_on.isoformat() if said.observed_on else "",
        "role": said.role or row.lesion.role,
        "why": "" if is_not_tumour else said.why,
    }


class NewLesionForm(forms.Form):
    """A new lesion that is opened without an outline."""

    new_name = forms.CharField(label="Name", max_length=64)
    new_organ = forms.ChoiceField(label="Organ", choices=[("", "Choose"), *Organ.pairs()])
    new_is_node = forms.BooleanField(label="Lymph node", required=False)
    new_kind = forms.ChoiceField(label="Kind (iRECIST)", choices=NewLesionKind.pairs())

    # They stand in the form of the assessment, which is sent without them too.
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """The organ says whether it is a node where it can."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["new_is_node"] = bool(cleaned.get("new_is_node")) or cleaned.get("new_organ") == Organ.LYMPH_NODE
        return cleaned
