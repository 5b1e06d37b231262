"""What the rows of a table must agree on, patient by patient, and what of them is new."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from patients.measured.columns import COLUMNS
from patients.measured.rows import (
    KnownPatient,
    LesionNamed,
    LesionSized,
    MeasuredPatient,
    MeasuredRow,
    TableProblem,
)
from patients.measured.rules import course_problems, lesion_problems, visit_problems
from patients.measured.standing import PatientRows, course_in_force
from patients.measured.table import Table


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table asks to be filed: only what is new, patients without anything new left out.

    `known_visits` counts the readings that are filed already, word for word.
    """

    patients: tuple[MeasuredPatient, ...] = ()
    problems: tuple[TableProblem, ...] = ()
    known_visits: int = 0


def plan(table: Table, known: Mapping[str, KnownPatient]) -> Plan:
    """Hold the rows of a table against each other and against what is filed.

    Parameters
    ----------
    known : by pseudonym, the patients of the table who are there already.

    Notes
    -----
    Patients with a problem in any cell are not looked at further: half of a course disagrees with itself.
    """
    problems = list(table.problems)
    by_patient: dict[str, list[MeasuredRow]] = {}
    for row in table.rows:
        by_patient.setdefault(row.patient, []).append(row)
    problems += _capitals(by_patient)
    patients, known_visits = [], 0
    for pseudonym, rows in by_patient.items():
        if pseudonym in table.spoiled:
            continue
        here = PatientRows(tuple(rows), known.get(pseudonym, KnownPatient(MeasuredPatient(pseudonym))))
        found = [*_refused(here)]
        problems += found
        if not found:
            fresh = _fresh(here)
            known_visits += len({row.visit for row in rows}) - len(fresh.visits)
            if fresh.visits or fresh.lesions or fresh.courses:
                patients.append(fresh)
    return Plan(tuple(patients), tuple(sorted(problems, key=lambda problem: problem.row)), known_visits)


def _capitals(by_patient: Mapping[str, Sequence[MeasuredRow]]) -> Iterator[TableProblem]:
    first: dict[str, str] = {}
    for pseudonym, rows in by_patient.items():
        other = first.setdefault(pseudonym.lower(), pseudonym)
        if other != pseudonym:
            sentence = f"{pseudonym} and {other} differ in capitals only. Write one patient one way."
            yield TableProblem(rows[0].number, "patient", sentence)


def _refused(here: PatientRows) -> Iterator[TableProblem]:
    doubles = [*_doubles(here)]
    yield from doubles
    yield from _order(here)
    if doubles:
        return
    split = [*_split_visits(here)]
    yield from split
    if not split:
        yield from course_problems(here)
        yield from lesion_problems(here)
        yield from visit_problems(here)
        yield from _filed_otherwise(here)


def _doubles(here: PatientRows) -> Iterator[TableProblem]:
    first: dict[tuple[object, ...], int] = {}
    for row in here.rows:
        number = first.setdefault((*row.visit, row.lesion_name), row.number)
        if number != row.number and row.sized:
            yield TableProblem(row.number, "lesion", f"{row.lesion_name} of {row.on} stands in row {number} already.")
        elif number != row.number:
            yield TableProblem(row.number, "date", f"The visit of {row.on} stands in row {number} already.")


def _order(here: PatientRows) -> Iterator[TableProblem]:
    last: dict[str, MeasuredRow] = {}
    for row in here.rows:
        before = last.setdefault(row.reader, row)
        if row.on < before.on:
            sentence = f"{row.on} lies before {before.on} in row {before.number}. Put visits in the order of dates."
            yield TableProblem(row.number, "date", sentence)
        else:
            last[row.reader] = row


def _split_visits(here: PatientRows) -> Iterator[TableProblem]:
    """Rows of one visit that say different things of it."""
    first: dict[tuple[object, ...], MeasuredRow] = {}
    for row in here.rows:
        one = first.setdefault(row.visit, row)
        for part in ("judged", "course"):
            if getattr(row, part) != getattr(one, part):
                name = _differing(part, getattr(row, part), getattr(one, part))
                sentence = f"Row {one.number}, of the same visit and reader, says something else."
                yield TableProblem(row.number, name, sentence)


def _differing(part: str, one: object, other: object) -> str:
    """The first column in which two parts of rows differ."""
    own = [column for column in COLUMNS if column.part == part]
    return next(
        (column.name for column in own if getattr(one, column.field, None) != getattr(other, column.field, None)), ""
    )


def _filed_otherwise(here: PatientRows) -> Iterator[TableProblem]:
    """Visits that are filed already, with other words: a table adds, it never changes what was signed."""
    filed = {(visit.on, visit.reader): visit for visit in here.known.patient.visits}
    told = set()
    for row in here.rows:
        before = filed.get(row.visit)
        if before is not None and row.visit not in told and before != here.visits[row.visit]:
            told.add(row.visit)
            sentence = f"The visit of {row.on} is filed already and says something else. A signed reading is kept."
            yield TableProblem(row.number, "date", sentence)


def _fresh(here: PatientRows) -> MeasuredPatient:
    before = here.known.patient
    begun = {course.started_on for course in before.courses}
    return MeasuredPatient(
        pseudonym=before.pseudonym,
        visits=tuple(visit for visit in here.visits.values() if visit not in before.visits),
        lesions=_without(here.lesions, before.lesions),
        courses=tuple(course for day, course in here.courses.items() if day not in begun),
    )


def _without(lesions: Mapping[str, LesionNamed], before: Sequence[LesionNamed]) -> tuple[LesionNamed, ...]:
    names = {lesion.name for lesion in before}
    return tuple(lesion for name, lesion in lesions.items() if name not in names)


def rows_of(patient: MeasuredPatient) -> Iterator[MeasuredRow]:
    """A patient as rows again: visits by date and reader, lesions in the order of `patient.lesions`.

    Their numbers are those of a file with this patient alone.
    """
    order = {lesion.name: place for place, lesion in enumerate(patient.lesions)}
    number = 1
    for visit in sorted(patient.visits, key=lambda visit: (visit.on, visit.reader)):
        course = course_in_force(visit.on, patient.courses)
        listed: list[LesionSized | None] = [*sorted(visit.sized, key=lambda one: order[one.lesion.name])]
        for sized in listed or [None]:
            number += 1
            yield MeasuredRow(number, patient.pseudonym, visit.on, visit.reader, visit.judged, sized, course)
