"""Many patients, one row each, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from patients.models import (
    Patient,
    ResponseAssessment,
    ResponseSummary,
    Scan,
    Segmentation,
    Timepoint,
    TreatmentCourse,
)
from patients.vocabulary import Criterion, ResponseCategory


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient in the list. `sums`: date and target sum (mm; None: not evaluable) of each visit.

    `category` is the last target response; `overall` and `immune` are the last calls of RECIST 1.1 and iRECIST,
    None where nobody assessed a visit. `progressed_on`: the day of progression by RECIST 1.1 where `overall` was
    called after it and does not count any more.
    """

    code: str
    pseudonym: str
    is_synthetic: bool
    visits: int
    last_on: date | None
    courses: str
    sums: tuple[tuple[date, Decimal | None], ...]
    category: ResponseCategory | None
    waiting_outlines: int
    pk: int
    overall: ResponseCategory | None = None
    immune: ResponseCategory | None = None
    progressed_on: date | None = None


def cohort(teams: Collection[int], search: str = "") -> list[PatientRow]:
    """The patients of these teams: those with something waiting first, then the latest scan first.

    `search` looks in pseudonyms and course names.
    """
    patients = list(_matching(teams, search))
    keys = [patient.pk for patient in patients]
    visits: dict[int, set[int]] = defaultdict(set)
    last_on: dict[int, date] = {}
    for patient_pk, timepoint_pk, day in Scan.objects.filter(patient__in=keys, is_withheld=False).values_list(
        "patient_id", "timepoint_id", "acquired_on"
    ):
        visits[patient_pk].add(timepoint_pk)
        last_on[patient_pk] = max(day, last_on.get(patient_pk, day))
    waiting = Counter(
        Segmentation.objects.filter(
            scan__patient__in=keys, lesion=None, superseded_at=None, is_withheld=False
        ).values_list("scan__patient_id", flat=True)
    )
    for patient_pk, timepoint_pk, on in _measured_elsewhere(keys):
        visits[patient_pk].add(timepoint_pk)
        last_on[patient_pk] = max(on, last_on.get(patient_pk, on))
    responses = _responses(keys)
    calls, progressed = _calls(keys), _progressed(keys)
    courses = _courses(keys)
    rows = [
        PatientRow(
            code=str(patient.code),
            pseudonym=patient.pseudonym,
            is_synthetic=patient.is_synthetic,
            visits=len(visits[patient.pk]),
            last_on=last_on.get(patient.pk),
            courses=courses.get(patient.pk, ""),
            sums=tuple((r.assessed_on, Decimal(r.sum_mm) if r.sum_mm else None) for r in responses[patient.pk]),
            category=ResponseCategory(responses[patient.pk][-1].category) if responses[patient.pk] else None,
            waiting_outlines=waiting[patient.pk],
            pk=patient.pk,
            overall=_category(calls.get((patient.pk, Criterion.RECIST_1_1))),
            immune=_category(calls.get((patient.pk, Criterion.IRECIST))),
            progressed_on=_progressed_before(calls.get((patient.pk, Criterion.RECIST_1_1)), progressed),
        )
        for patient in patients
    ]
    return sorted(rows, key=_urgency)


def _matching(teams: Collection[int], search: str) -> Collection[Patient]:
    rows = Patient.objects.filter(team__in=teams).order_by("pseudonym")
    wanted = search.replace("\0", "").strip()
    if wanted:
        rows = rows.filter(Q(pseudonym__icontains=wanted) | Q(courses__name__icontains=wanted)).distinct()
    return rows


def _measured_elsewhere(keys: Collection[int]) -> Iterator[tuple[int, int, date]]:
    """Patient, visit and date of the visits that have a date of their own instead of scans."""
    rows = Timepoint.objects.filter(patient__in=keys, judged_on__isnull=False, scans=None)
    for patient_pk, timepoint_pk, on in rows.values_list("patient_id", "pk", "judged_on"):
        if on is not None:
            yield patient_pk, timepoint_pk, on


def _responses(keys: Collection[int]) -> dict[int, list[ResponseAssessment]]:
    found: dict[int, list[ResponseAssessment]] = defaultdict(list)
    """The target responses of each patient: one a visit, whoever read it and whatever else was called."""
    targets = ResponseAssessment.objects.filter(criterion=Criterion.RECIST_1_1_TARGET, reader=None)
    rows = targets.filter(patient__in=keys).order_by("assessed_on", "pk")
    for row in rows.only("patient_id", "assessed_on", "sum_mm", "category"):
        found[row.patient_id].append(row)
    return found


def _calls(keys: Collection[int]) -> dict[tuple[int, str], ResponseAssessment]:
    """By patient and criterion the last call: lines of therapy and their visits are stored in the order of time."""
    counting = ResponseAssessment.objects.filter(patient__in=keys, reader=None)
    rows = counting.filter(criterion__in=[Criterion.RECIST_1_1, Criterion.IRECIST]).order_by("pk")
    told = rows.only("patient_id", "course_id", "criterion", "category", "revised", "assessed_on")
    return {(row.patient_id, row.criterion): row for row in told}


def _category(call: ResponseAssessment | None) -> ResponseCategory | None:
    return ResponseCategory(call.revised or call.category) if call else None


def _progressed(keys: Collection[int]) -> dict[tuple[int, int | None], date]:
    """By patient and line of therapy the day of progression by RECIST 1.1."""
    rows = ResponseSummary.objects.filter(patient__in=keys, reader=None, progressed_on__isnull=False)
    return {
        (patient_pk, course_pk): on
        for patient_pk, course_pk, on in rows.values_list("patient_id", "course_id", "progressed_on")
        if on is not None
    }


def _progressed_before(
    call: ResponseAssessment | None, progressed: Mapping[tuple[int, int | None], date]
) -> date | None:
    """The day of the progression that a call came after; None for progression itself."""
    if call is None or _category(call) is ResponseCategory.PD:
        return None
    on = progressed.get((call.patient_id, call.course_id))
    return on if on is not None and on < call.assessed_on else None


def _courses(keys: Collection[int]) -> dict[int, str]:
    """The course that started last, by name."""
    rows = TreatmentCourse.objects.filter(patient__in=keys).order_by("started_on", "pk")
    return {row.patient_id: row.name for row in rows}


def _urgency(row: PatientRow) -> tuple[bool, float, str]:
    return row.waiting_outlines == 0, -row.last_on.toordinal() if row.last_on else 0, row.pseudonym
