"""Many patients, one row each, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Max, Q

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
    """One patient in the list, whole. `sums`: date and target sum (mm; None: not evaluable) of each visit.

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


@dataclass(frozen=True, slots=True)
class Listed:
    """One patient's place in the list, before anything is read that only its row shows."""

    pk: int
    code: str
    pseudonym: str
    is_synthetic: bool
    visits: int
    last_on: date | None
    waiting_outlines: int


def cohort(teams: Collection[int], search: str = "") -> list[PatientRow]:
    """The patients of these teams, whole: those with something waiting first, then the latest scan first.

    `search` looks in pseudonyms and course names.
    """
    return cohort_rows(listed(teams, search))


def listed(teams: Collection[int], search: str = "") -> list[Listed]:
    """All patients of these teams in the order of `cohort`, in four queries that count in the database."""
    patients = _matching(teams, search)
    keys = [pk for pk, *_ in patients]
    scanned = Scan.objects.filter(patient__in=keys, is_withheld=False).order_by().values("patient")
    counted = scanned.annotate(visits=Count("timepoint", distinct=True), last_on=Max("acquired_on"))
    seen = {patient: (visits, on) for patient, visits, on in counted.values_list("patient", "visits", "last_on")}
    waiting = dict(
        Segmentation.objects.filter(scan__patient__in=keys, lesion=None, superseded_at=None, is_withheld=False)
        .order_by()
        .values("scan__patient")
        .annotate(outlines=Count("pk"))
        .values_list("scan__patient", "outlines")
    )
    for patient, on in _measured_elsewhere(keys):
        visits, last_on = seen.get(patient, (0, on))
        seen[patient] = visits + 1, max(on, last_on)
    found = [
        Listed(pk, str(code), pseudonym, is_synthetic, *seen.get(pk, (0, None)), waiting.get(pk, 0))
        for pk, code, pseudonym, is_synthetic in patients
    ]
    return sorted(found, key=_urgency)


def cohort_rows(places: Sequence[Listed]) -> list[PatientRow]:
    """The rows of some listed patients, in the same order, in four queries."""
    keys = [place.pk for place in places]
    responses, courses = _responses(keys), _courses(keys)
    calls, progressed = _calls(keys), _progressed(keys)
    return [
        PatientRow(
            code=place.code,
            pseudonym=place.pseudonym,
            is_synthetic=place.is_synthetic,
            visits=place.visits,
            last_on=place.last_on,
            courses=courses.get(place.pk, ""),
            sums=tuple((r.assessed_on, Decimal(r.sum_mm) if r.sum_mm else None) for r in responses[place.pk]),
            category=ResponseCategory(responses[place.pk][-1].category) if responses[place.pk] else None,
            waiting_outlines=place.waiting_outlines,
            pk=place.pk,
            overall=_category(calls.get((place.pk, Criterion.RECIST_1_1))),
            immune=_category(calls.get((place.pk, Criterion.IRECIST))),
            progressed_on=_progressed_before(calls.get((place.pk, Criterion.RECIST_1_1)), progressed),
        )
        for place in places
    ]


def _matching(teams: Collection[int], search: str) -> list[tuple[int, UUID, str, bool]]:
    rows = Patient.objects.filter(team__in=teams, merged_into=None).order_by("pseudonym")
    wanted = search.replace("\0", "").strip()
    if wanted:
        rows = rows.filter(Q(pseudonym__icontains=wanted) | Q(courses__name__icontains=wanted)).distinct()
    return list(rows.values_list("pk", "code", "pseudonym", "is_synthetic"))


def _measured_elsewhere(keys: Collection[int]) -> Iterator[tuple[int, date]]:
    """Patient and date of each visit that has a date of its own instead of scans."""
    rows = Timepoint.objects.filter(patient__in=keys, judged_on__isnull=False, scans=None)
    for patient_pk, on in rows.values_list("patient_id", "judged_on"):
        if on is not None:
            yield patient_pk, on


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


def _urgency(row: Listed) -> tuple[bool, float, str]:
    return row.waiting_outlines == 0, -row.last_on.toordinal() if row.last_on else 0, row.pseudonym
