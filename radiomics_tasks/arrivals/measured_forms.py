"""Visits of a table held against the very rules of the reading form: what is wrong by row and column."""

from collections.abc import Iterator, Mapping
from datetime import date

from patients.measured.rows import KnownPatient, LesionSized, MeasuredPatient, MeasuredRow, MeasuredVisit, TableProblem
from patients.measured.table import Table
from patients.vocabulary import LesionRole
from patients.words.reading_words import DiameterFrom
from patients.writes.measurements import WHY
from patients.writes.readings.content import (
    LesionContent,
    ReadingContent,
    ReadingProblem,
    content_problems,
    trend_problems,
)

COLUMNS = {
    "lesion": "lesion",
    "state": "state",
    "diameter_mm": "diameter_mm",
    "parts_mm": "parts_mm",
    "merged_into": "merged_into",
    "observed_on": "scan_date",
    "why": "why",
    "new_on": "new_date",
    "non_target_on": "non_target_date",
    "new_disease_why": "new_why",
    "confirms_equivocal": "confirms_equivocal",
    "equivocal_resolved": "equivocal_resolved",
    "reappearance_why": "reappearance_why",
    "steroid_mg": "steroid_mg",
}

Numbers = Mapping[tuple[str, date, str, str], int]


def form_problems(
    table: Table, patients: tuple[MeasuredPatient, ...], known: Mapping[str, KnownPatient]
) -> Iterator[TableProblem]:
    """What the reading form would say of every new visit; `known`: by pseudonym, who is filed already."""
    numbers: dict[tuple[str, date, str, str], int] = {}
    for row in table.rows:
        numbers.setdefault(_place(row, ""), row.number)
        numbers.setdefault(_place(row, row.lesion_name), row.number)
    for patient in patients:
        spans = known[patient.pseudonym].visit_days if patient.pseudonym in known else ()
        for visit in patient.visits:
            dates = next((span for span in spans if span[1] == visit.on), (visit.on,))
            yield from _of_visit(patient.pseudonym, visit, dates, numbers)


def _place(row: MeasuredRow, lesion: str) -> tuple[str, date, str, str]:
    return row.patient, row.on, row.reader, lesion


def _of_visit(
    pseudonym: str, visit: MeasuredVisit, dates: tuple[date, ...], numbers: Numbers
) -> Iterator[TableProblem]:
    sized = sorted(visit.sized, key=lambda one: one.lesion.name)
    names = [one.lesion.name for one in sized]
    # The form knows lesions by their keys; a lesion of this visit that is not filed yet has its place in the visit.
    content = _content(visit, sized, {name: place for place, name in enumerate(names)})
    for problem in (*content_problems(content, range(len(names)), dates), *_trends(content, sized)):
        lesion = "" if problem.lesion_pk is None else names[problem.lesion_pk]
        number = numbers[pseudonym, visit.on, visit.reader, lesion]
        yield TableProblem(number, COLUMNS.get(problem.field, problem.field), problem.sentence)


def _trends(content: ReadingContent, sized: list[LesionSized]) -> Iterator[ReadingProblem]:
    for said, one in zip(content.lesions, sized, strict=True):
        yield from trend_problems(said, one.lesion.kind, is_new=one.lesion.role is LesionRole.NEW)


def _content(visit: MeasuredVisit, sized: list[LesionSized], places: Mapping[str, int]) -> ReadingContent:
    judged = visit.judged
    return ReadingContent(
        lesions=tuple(_lesion(one, places) for one in sized),
        non_target=judged.non_target,
        non_target_trend=judged.non_target_trend,
        non_target_on=judged.non_target_on,
        new_disease=judged.new_disease,
        new_on=judged.new_on,
        new_disease_why=judged.new_why,
        equivocal_resolved=judged.equivocal_resolved,
        confirms_equivocal=judged.confirms_equivocal,
        regions_not_scanned=judged.regions_not_scanned,
        reappearance=judged.reappearance,
        reappearance_why=judged.reappearance_why,
        is_merged_cr_confirmed=judged.is_merged_cr_confirmed,
        clinical_status=judged.clinical_status,
        steroid_mg=judged.steroid_mg,
        is_for_symptom=judged.is_for_symptom,
        note=judged.note,
    )


def _lesion(one: LesionSized, places: Mapping[str, int]) -> LesionContent:
    is_own = one.diameter_mm is not None
    return LesionContent(
        lesion_pk=places[one.lesion.name],
        state=one.state,
        diameter_mm=one.diameter_mm,
        diameter_from=DiameterFrom.TYPED if is_own else DiameterFrom.OUTLINE,
        diameter_why=WHY if is_own else "",
        parts_mm=one.parts_mm,
        merged_into_pk=places.get(one.merged_into) if one.merged_into else None,
        trend=one.trend,
        observed_on=one.observed_on,
        why=one.why,
    )
