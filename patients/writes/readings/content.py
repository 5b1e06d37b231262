"""What a reader says of one visit, whole, and everything that is wrong with it."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from patients.slice_lines import SliceLine
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import (
    ClinicalStatus,
    DiameterFrom,
    NewDisease,
    NewLesionKind,
    NonTarget,
    Reappearance,
    SizeState,
    Trend,
)

SMALLEST_MM = 0.5
LARGEST_MM = 600.0
MOST_PARTS = 10
MOST_STEROID_MG = 2000.0
WHY_LENGTH = 200
# A visit takes two weeks at most, and a size may be of a scan that was not filed here.
VISIT_WINDOW = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LesionContent:
    """What is said of one lesion; names and units as in the row of the same name.

    `line` is what the reader drew on the pictures of the outline `line_on` (its code), None where a diameter came
    without one: typed, or drawn elsewhere.
    """

    lesion_pk: int
    state: SizeState = SizeState.MEASURED
    diameter_mm: float | None = None
    diameter_from: DiameterFrom = DiameterFrom.OUTLINE
    diameter_why: str = ""
    parts_mm: tuple[float, ...] = ()
    merged_into_pk: int | None = None
    trend: Trend | None = None
    observed_on: date | None = None
    role: LesionRole | None = None
    why: str = ""
    line: SliceLine | None = None
    line_on: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReadingContent:
    """The whole form at once; what is not judged yet is None."""

    lesions: tuple[LesionContent, ...] = ()
    non_target: NonTarget | None = None
    non_target_trend: Trend | None = None
    non_target_on: date | None = None
    new_disease: NewDisease | None = None
    new_on: date | None = None
    new_disease_why: str = ""
    equivocal_resolved: bool = False
    confirms_equivocal: bool = False
    regions_not_scanned: tuple[Organ, ...] = ()
    reappearance: Reappearance | None = None
    reappearance_why: str = ""
    is_merged_cr_confirmed: bool = False
    clinical_status: ClinicalStatus | None = None
    steroid_mg: float | None = None
    is_for_symptom: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadingProblem:
    """One thing that is wrong: a stable code, the field, a sentence, and the lesion where it is one's."""

    code: str
    field: str
    sentence: str
    lesion_pk: int | None = None


class ReadingRefused(Exception):
    """A reading cannot be kept or signed like this; `code`, `field` and `sentence` are those of the first problem."""

    def __init__(self, problems: Sequence[ReadingProblem]) -> None:
        super().__init__("; ".join(f"{found.code}: {found.sentence}" for found in problems))
        self.problems = tuple(problems)
        self.code = problems[0].code
        self.field = problems[0].field
        self.sentence = problems[0].sentence
        self.lesion_pk = problems[0].lesion_pk


def refused(code: str, sentence: str, field: str = "") -> ReadingRefused:
    """A refusal with one problem."""
    return ReadingRefused([ReadingProblem(code, field, sentence)])


def content_problems(
    content: ReadingContent, lesion_pks: Collection[int], dates: Sequence[date]
) -> Iterator[ReadingProblem]:
    """Everything that is wrong with what was entered; what is still missing in a draft is not wrong.

    `lesion_pks`: the lesions of the patient. `dates`: those of the visit's scans.
    """
    named = [said.lesion_pk for said in content.lesions]
    merged = {said.lesion_pk for said in content.lesions if said.state is SizeState.MERGED}
    for said in content.lesions:
        if said.lesion_pk not in lesion_pks:
            yield _wrong("E_LESION", "lesion", "This lesion is not one of this patient. Reload the page.", said)
        elif named.count(said.lesion_pk) > 1:
            yield _wrong("E_LESION", "lesion", "This lesion stands twice. Keep one of the two.", said)
        yield from _size_problems(said)
        yield from _merging_problems(said, lesion_pks, merged)
        if said.state is SizeState.NOT_EVALUABLE and not said.why.strip():
            yield _wrong("E_WHY", "why", "Say why the lesion cannot be evaluated.", said)
        yield from _day_problems("observed_on", said.observed_on, dates, said)
        yield from _length_problems({"diameter_why": said.diameter_why, "why": said.why}, said)
    yield from _judgement_problems(content)
    yield from _day_problems("new_on", content.new_on, dates)
    yield from _day_problems("non_target_on", content.non_target_on, dates)
    yield from _length_problems(
        {"new_disease_why": content.new_disease_why, "reappearance_why": content.reappearance_why}
    )


def _wrong(code: str, field: str, sentence: str, said: LesionContent | None = None) -> ReadingProblem:
    return ReadingProblem(code, field, sentence, said.lesion_pk if said else None)


def _size_problems(said: LesionContent) -> Iterator[ReadingProblem]:
    is_own = said.diameter_from is not DiameterFrom.OUTLINE
    if is_own and said.diameter_mm is None:
        yield _wrong("E_SIZE", "diameter_mm", "Enter the diameter in millimetres, or take that of the outline.", said)
    if said.diameter_mm is not None:
        if not is_own:
            yield _wrong("E_SIZE", "diameter_from", "Say whether the diameter was typed or drawn.", said)
        if said.state is not SizeState.MEASURED:
            yield _wrong("E_SIZE", "diameter_mm", f"A diameter does not go with “{said.state.label}”.", said)
        if not said.diameter_why.strip():
            yield _wrong("E_WHY", "diameter_why", "Give the reason for a diameter of your own.", said)
        yield from _millimetre_problems("diameter_mm", [said.diameter_mm], said)
    if said.line is not None and said.diameter_from is not DiameterFrom.DRAWN:
        yield _wrong("E_LINE", "diameter_from", "A line goes with a diameter that was drawn.", said)
    yield from _part_problems(said)


def _part_problems(said: LesionContent) -> Iterator[ReadingProblem]:
    if said.state is SizeState.SPLIT and len(said.parts_mm) < 2:
        yield _wrong("E_SIZE", "parts_mm", "Enter the diameters of all parts, at least two.", said)
    if len(said.parts_mm) > MOST_PARTS:
        yield _wrong("E_SIZE", "parts_mm", "At most 10 parts stand here. Enter the largest ones.", said)
    if said.parts_mm and said.state is not SizeState.SPLIT:
        yield _wrong("E_SIZE", "parts_mm", "Only a lesion that split has parts.", said)
    yield from _millimetre_problems("parts_mm", said.parts_mm, said)


def _millimetre_problems(field: str, sizes_mm: Iterable[float], said: LesionContent) -> Iterator[ReadingProblem]:
    if not all(math.isfinite(size) and SMALLEST_MM <= size <= LARGEST_MM for size in sizes_mm):
        sentence = (
            "A diameter is at least 0.5 and at most 600 mm. Say “Too small to measure” of less, “Gone” where nothing "
            "is left."
        )
        yield _wrong("E_SIZE", field, sentence, said)


def _merging_problems(
    said: LesionContent, lesion_pks: Collection[int], merged: Collection[int]
) -> Iterator[ReadingProblem]:
    into = said.merged_into_pk
    if said.state is not SizeState.MERGED:
        if into is not None:
            yield _wrong("E_MERGED", "merged_into", "Only a merged lesion is part of another one.", said)
    elif into is None or into == said.lesion_pk or into not in lesion_pks:
        yield _wrong("E_MERGED", "merged_into", "Choose the other lesion of this patient that it merged into.", said)
    elif into in merged:
        yield _wrong("E_MERGED", "merged_into", "That lesion has merged into another one itself. Choose that.", said)


def trend_problems(said: LesionContent, kind: NewLesionKind | None, *, is_new: bool) -> Iterator[ReadingProblem]:
    """Whether “unequivocally larger” may be said: of a new lesion that is not measured (`kind` None: not chosen)."""
    is_unmeasured = kind is NewLesionKind.NON_TARGET or (kind is None and said.state is SizeState.PRESENT)
    if said.trend is Trend.UNEQUIVOCAL and not (is_new and is_unmeasured):
        sentence = f"“{Trend.UNEQUIVOCAL.label}” is said of a new lesion that is not measured. Say “larger” of others."
        yield _wrong("E_TREND", "trend", sentence, said)


def _judgement_problems(content: ReadingContent) -> Iterator[ReadingProblem]:
    is_equivocal = content.new_disease is NewDisease.EQUIVOCAL
    if content.non_target_trend is Trend.UNEQUIVOCAL:
        sentence = "This is said of single new lesions. Unequivocal progression of the others stands above."
        yield _wrong("E_TREND", "non_target_trend", sentence)
    if is_equivocal and not content.new_disease_why.strip():
        yield _wrong("E_WHY", "new_disease_why", "Say why the finding is not called a new lesion yet.")
    if content.confirms_equivocal and content.new_disease is not NewDisease.YES:
        yield _wrong("E_NEW", "confirms_equivocal", "Only an unequivocal new lesion confirms an earlier finding.")
    if content.equivocal_resolved and (is_equivocal or content.confirms_equivocal):
        yield _wrong("E_NEW", "equivocal_resolved", "A finding is either resolved, confirmed or still equivocal.")
    if content.reappearance is not None and not content.reappearance_why.strip():
        yield _wrong("E_WHY", "reappearance_why", "Give the reason for your decision.")
    dose = content.steroid_mg
    if dose is not None and not (math.isfinite(dose) and 0 <= dose <= MOST_STEROID_MG):
        yield _wrong("E_STEROID", "steroid_mg", "The dose is 0 to 2000 mg of prednisone a day.")


def _day_problems(
    field: str, day: date | None, dates: Sequence[date], said: LesionContent | None = None
) -> Iterator[ReadingProblem]:
    if day is None or not dates:
        return
    if not min(dates) - VISIT_WINDOW <= day <= max(dates) + VISIT_WINDOW:
        yield _wrong("E_DATE", field, "This day is not one of the visit: it lies more than 14 days away.", said)


def _length_problems(texts: dict[str, str], said: LesionContent | None = None) -> Iterator[ReadingProblem]:
    for field, text in texts.items():
        if len(text) > WHY_LENGTH or "\0" in text:
            yield _wrong("E_TEXT", field, "At most 200 letters stand here. Put the rest into the note.", said)
