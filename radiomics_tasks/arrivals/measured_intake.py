"""The intake of sizes measured elsewhere: read the table, hold it against what is filed, file all of it or nothing."""

from dataclasses import dataclass, replace
from datetime import date

from django.db import IntegrityError, transaction

from patients.measured.agreement import Plan, plan
from patients.measured.rows import TableProblem
from patients.measured.table import Table, read_table
from patients.models import Team
from patients.reads.tables.measurements import known_patients
from patients.vocabulary import Step
from patients.writes.measurements import PatientTaken, file_measured, lock_known
from radiomics_tasks import runs
from radiomics_tasks.arrivals.measured_forms import form_problems


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table: where there are `problems`, nothing was filed.

    `patient_pks`: the patients with something new. `known_visits` were filed already, word for word.
    """

    problems: tuple[TableProblem, ...] = ()
    patient_pks: tuple[int, ...] = ()
    visits: int = 0
    known_visits: int = 0


def take_table(content: bytes, team: Team, today: date, *, is_trial: bool = False) -> Taken:
    """File what is new in a table for a team's patients and queue their conclusions.

    Parameters
    ----------
    today : no date may lie after it.
    is_trial : look only; nothing is filed.
    """
    table = read_table(content, today)
    try:
        with transaction.atomic():
            planned = _planned(table, team)
            visits = sum(len(patient.visits) for patient in planned.patients)
            if planned.problems or is_trial:
                return Taken(planned.problems, (), visits, planned.known_visits)
            if team._state.adding:
                team.save()
            keys = tuple(file_measured(planned.patients, team))
            for key in keys:
                runs.arm(Step.REASSESS, key)
    except IntegrityError:
        sentence = "Somebody else files a patient of this table just now. Nothing was filed; try again."
        return Taken((TableProblem(1, "", sentence),))
    return Taken((), keys, visits, planned.known_visits)


def _planned(table: Table, team: Team) -> Plan:
    pseudonyms = dict.fromkeys(row.patient for row in table.rows)
    try:
        keys = lock_known(pseudonyms.keys(), team)
    except PatientTaken as taken:
        row = next(row for row in table.rows if row.patient == taken.pseudonym)
        problem = TableProblem(row.number, "patient", taken.sentence)
        return Plan(problems=(*table.problems, problem))
    known = known_patients(list(keys.values())) if keys else {}
    planned = plan(table, known)
    problems = (*planned.problems, *form_problems(table, planned.patients, known))
    return replace(planned, problems=tuple(sorted(problems, key=lambda problem: problem.row)))
