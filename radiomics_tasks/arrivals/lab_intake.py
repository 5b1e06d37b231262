"""The intake of tables of results or events: everything is checked, then all of a file is filed, or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from patients.lab_tables.happenings import EventSaid
from patients.lab_tables.results import Identity, ResultSaid
from patients.lab_tables.table import LabTable, Row, read_events, read_results
from patients.measured.rows import TableProblem
from patients.models import ClinicalEvent, LabResult, Patient, Team
from patients.vocabulary import Step
from patients.writes.labs import file_events, file_results, lesions_named, place_taken
from radiomics_tasks import runs

Patients = dict[str, Patient]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: where there are `problems`, nothing was filed; `known` rows had been filed before."""

    problems: tuple[TableProblem, ...] = ()
    filed: int = 0
    known: int = 0
    patient_pks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: how it is read, the rows it fills, what stands in the way of its rows, how they are filed."""

    read: Callable[..., LabTable[Any]]
    model: type[LabResult] | type[ClinicalEvent]
    in_the_way: Callable[[Sequence[Row[Any]], Patients], Iterator[TableProblem]]
    file: Callable[[Any, User | None], int]


def take_labs(
    content: bytes,
    kind: Kind,
    team: Team,
    today: date,
    user: User | None = None,
    *,
    only: Patient | None = None,
    is_trial: bool = False,
) -> Taken:
    """File what is new in a table of a team's patients, and queue their conclusions.

    Parameters
    ----------
    today : nothing happened later.
    only : the one patient that the table may speak of.
    is_trial : look only; nothing is filed.
    """
    with transaction.atomic():
        patients = _locked(team, only)
        years = {name: patient.birth_year for name, patient in patients.items()}
        table = kind.read(content, today, years.get)
        rows = [row for row in table.rows if row.patient in patients]
        problems = [*table.problems, *_strangers(table.rows, patients), *_doubles(rows)]
        fresh = _fresh(rows, patients, kind.model)
        problems += kind.in_the_way(fresh, patients)
        told = tuple(sorted(problems, key=lambda problem: problem.row))
        known = len(rows) - len(fresh)
        if told or is_trial:
            return Taken(told, len(fresh), known)
        kind.file([(patients[row.patient].pk, row.said) for row in fresh], user)
        keys = tuple(sorted({patients[row.patient].pk for row in fresh}))
        for key in keys:
            runs.arm(Step.REASSESS, key)
    return Taken((), len(fresh), known, keys)


def _locked(team: Team, only: Patient | None) -> Patients:
    rows = Patient.objects.select_for_update(no_key=True).filter(team=team.pk, merged_into=None).order_by("pk")
    return {row.pseudonym: row for row in (rows.filter(pk=only.pk) if only else rows)}


def _strangers(rows: Iterable[Row[Any]], patients: Patients) -> Iterator[TableProblem]:
    for row in rows:
        if row.patient not in patients:
            sentence = f"No patient here is known as {row.patient}. Check the pseudonym and its capitals."
            yield TableProblem(row.number, "patient", sentence)


def _doubles(rows: Iterable[Row[Any]]) -> Iterator[TableProblem]:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        number = first.setdefault((row.patient, row.said.digest), row.number)
        if number != row.number:
            yield TableProblem(row.number, "", f"It says the same as row {number}. Keep one of the two.")


def _fresh(
    rows: Sequence[Row[Any]], patients: Patients, model: type[LabResult] | type[ClinicalEvent]
) -> list[Row[Any]]:
    """The rows that were never filed; what was filed and corrected since is known, too."""
    keys = {patients[row.patient].pk for row in rows}
    filed = set(model.objects.filter(patient__in=keys).values_list("patient", "row_digest"))
    return [row for row in rows if (patients[row.patient].pk, row.said.digest) not in filed]


def _other_results(rows: Sequence[Row[ResultSaid]], patients: Patients) -> Iterator[TableProblem]:
    """Results where another one of the same analyte, time and assay stands, in the record or in the file."""
    keys = {patients[row.patient].pk for row in rows}
    standing = {_place(one): one for one in LabResult.objects.filter(patient__in=keys, superseded_at=None)}
    first: dict[tuple[int, Identity], int] = {}
    for row in rows:
        place = (patients[row.patient].pk, row.said.identity)
        number = first.setdefault(place, row.number)
        if place in standing:
            yield TableProblem(row.number, "value", place_taken(standing[place]))
        elif number != row.number:
            sentence = f"Row {number} gives another value of the same day. Say the time of day, or keep one of them."
            yield TableProblem(row.number, "value", sentence)


def _place(row: LabResult) -> tuple[int, Identity]:
    return row.patient_id, (row.analyte, row.name, row.canonical_unit, row.taken_on, row.taken_at, row.assay)


def _unknown_lesions(rows: Sequence[Row[EventSaid]], patients: Patients) -> Iterator[TableProblem]:
    known = {row.patient: lesions_named(patients[row.patient].pk) for row in rows if row.said.lesion}
    for row in rows:
        if row.said.lesion and row.said.lesion.lower() not in known[row.patient]:
            names = ", ".join(sorted(known[row.patient])) or "none yet"
            yield TableProblem(row.number, "lesion", f"No lesion is named {row.said.lesion}. Known are: {names}.")


RESULTS = Kind(read_results, LabResult, _other_results, file_results)
EVENTS = Kind(read_events, ClinicalEvent, _unknown_lesions, file_events)
