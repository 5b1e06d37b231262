"""Signed readings as the rows of the table of measurements, for any number of patients in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Max, Min
from django.db.models.functions import Coalesce

from patients.measured.agreement import rows_of
from patients.measured.rows import (
    CourseNamed,
    KnownPatient,
    LesionNamed,
    LesionSized,
    MeasuredPatient,
    MeasuredRow,
    MeasuredVisit,
    VisitJudged,
)
from patients.models import Lesion, LesionReading, LesionTreatment, Patient, Reading, Timepoint, TreatmentCourse
from patients.models.readings import IN_FORCE
from patients.reads.readings.judgements import is_withheld
from patients.vocabulary import DrugClass, LesionRole, Organ
from patients.words.reading_words import (
    ClinicalStatus,
    LocalTherapy,
    NewDisease,
    NewLesionKind,
    NonTarget,
    Reappearance,
    SizeState,
    Trend,
)


def measured_rows(patient_pks: Sequence[int] | None = None) -> Iterator[MeasuredRow]:
    """Every signed reading in force of these patients (None: all), by pseudonym, date, reader and lesion.

    Visits that nobody has read are not in it.
    """
    known = known_patients(patient_pks)
    for pseudonym in sorted(known):
        yield from rows_of(known[pseudonym].patient)


def known_patients(patient_pks: Sequence[int] | None = None) -> dict[str, KnownPatient]:
    """By pseudonym, what is filed of these patients (None: all)."""
    names = dict(_of(Patient.objects.all(), "pk", patient_pks).values_list("pk", "pseudonym"))
    lesions = _lesions(patient_pks)
    days = _days(patient_pks)
    visits = _visits(patient_pks, {pk: one for own in lesions.values() for pk, one in own.items()}, days)
    courses = _courses(patient_pks)
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for patient_pk, first, last in days.values():
        spans[patient_pk].append((first, last))
    return {
        name: KnownPatient(
            MeasuredPatient(name, tuple(visits[pk]), tuple(lesions[pk].values()), tuple(courses[pk])),
            tuple(sorted(spans[pk])),
        )
        for pk, name in names.items()
    }


def _of(rows: Any, field: str, patient_pks: Sequence[int] | None) -> Any:
    return rows if patient_pks is None else rows.filter(**{f"{field}__in": patient_pks})


def _lesions(patient_pks: Sequence[int] | None) -> defaultdict[int, dict[int, LesionNamed]]:
    """By patient, the lesions by their key, each with the first thing that was done to it alone."""
    treated: dict[int, tuple[LocalTherapy, date]] = {}
    treatments = _of(LesionTreatment.objects.all(), "lesion__patient", patient_pks).order_by("treated_on", "pk")
    for row in treatments:
        treated.setdefault(row.lesion_id, (LocalTherapy(row.kind), row.treated_on))
    found: defaultdict[int, dict[int, LesionNamed]] = defaultdict(dict)
    for row in _of(Lesion.objects.order_by("pk"), "patient", patient_pks):
        found[row.patient_id][row.pk] = LesionNamed(
            row.tracking_id,
            Organ(row.organ),
            row.is_node,
            LesionRole(row.role),
            NewLesionKind(row.new_kind) if row.new_kind else None,
            *treated.get(row.pk, ()),
        )
    return found


def _days(patient_pks: Sequence[int] | None) -> dict[int, tuple[int, date, date]]:
    """By visit, its patient and its first and last day; a visit without scans has one day of its own."""
    dated = _of(Timepoint.objects.all(), "patient", patient_pks).annotate(
        first_on=Coalesce(Min("scans__acquired_on"), "judged_on"),
        last_on=Coalesce(Max("scans__acquired_on"), "judged_on"),
    )
    rows = dated.exclude(first_on=None).values_list("pk", "patient_id", "first_on", "last_on")
    return {pk: (patient_pk, first, last) for pk, patient_pk, first, last in rows}


def _courses(patient_pks: Sequence[int] | None) -> defaultdict[int, list[CourseNamed]]:
    """By patient, the lines of therapy: radiotherapy is one only where there is no other."""
    every: defaultdict[int, list[CourseNamed]] = defaultdict(list)
    for row in _of(TreatmentCourse.objects.all(), "patient", patient_pks):
        course = CourseNamed(row.started_on, row.name, DrugClass(row.drug_class), row.stopped_on, row.randomised_on)
        every[row.patient_id].append(course)
    for pk, courses in every.items():
        drugs = [course for course in courses if course.drug_class is not DrugClass.RADIOTHERAPY]
        every[pk] = drugs or courses
    return every


def _visits(
    patient_pks: Sequence[int] | None, lesions: dict[int, LesionNamed], days: dict[int, tuple[int, date, date]]
) -> defaultdict[int, list[MeasuredVisit]]:
    sized: defaultdict[int, list[LesionSized]] = defaultdict(list)
    in_force = LesionReading.objects.filter(reading__state__in=list(IN_FORCE)).select_related("outline__scan")
    shown = in_force.only(*_SIZE_FIELDS, "outline__scan__acquired_on")
    readings = Reading.objects.filter(~is_withheld(), state__in=list(IN_FORCE)).select_related("reader").order_by("pk")
    found = list(_of(readings, "patient", patient_pks))
    on = {row.pk: days[row.timepoint_id][2] for row in found}
    for size in _of(shown, "reading__patient", patient_pks):
        if size.reading_id in on:
            sized[size.reading_id].append(_sized(size, lesions, on[size.reading_id]))
    visits: defaultdict[int, list[MeasuredVisit]] = defaultdict(list)
    for row in found:
        visits[row.patient_id].append(MeasuredVisit(on[row.pk], row.who, _judged(row), frozenset(sized[row.pk])))
    return visits


_SIZE_FIELDS = (
    "reading_id",
    "lesion_id",
    "state",
    "diameter_mm",
    "outline_mm",
    "parts_mm",
    "merged_into_id",
    "trend",
    "observed_on",
    "why",
    "outline",
)


def _sized(row: LesionReading, lesions: dict[int, LesionNamed], on: date) -> LesionSized:
    """One lesion's size: the reader's own diameter, else that of the outline it was signed on."""
    state = SizeState(row.state)
    diameter_mm = row.outline_mm if row.diameter_mm is None else row.diameter_mm
    if state is SizeState.MEASURED and diameter_mm is None:
        state = SizeState.NOT_EVALUABLE
    scanned_on = row.observed_on or (row.outline.scan.acquired_on if row.outline else None)
    return LesionSized(
        lesion=lesions[row.lesion_id],
        state=state,
        diameter_mm=diameter_mm if state is SizeState.MEASURED else None,
        parts_mm=tuple(map(float, row.parts_mm)) if state is SizeState.SPLIT else (),
        merged_into=lesions[row.merged_into_id].name if row.merged_into_id else "",
        trend=Trend(row.trend) if row.trend else None,
        observed_on=None if scanned_on == on else scanned_on,
        why=row.why,
    )


def _judged(row: Reading) -> VisitJudged:
    return VisitJudged(
        non_target=NonTarget(row.non_target),
        new_disease=NewDisease(row.new_disease),
        non_target_trend=Trend(row.non_target_trend) if row.non_target_trend else None,
        non_target_on=row.non_target_on,
        new_on=row.new_on,
        new_why=row.new_disease_why,
        confirms_equivocal=row.confirms_equivocal,
        equivocal_resolved=row.equivocal_resolved,
        regions_not_scanned=_organs(row.regions_not_scanned),
        reappearance=Reappearance(row.reappearance) if row.reappearance else None,
        reappearance_why=row.reappearance_why,
        is_merged_cr_confirmed=row.is_merged_cr_confirmed,
        clinical_status=ClinicalStatus(row.clinical_status) if row.clinical_status else None,
        steroid_mg=row.steroid_mg,
        is_for_symptom=row.is_for_symptom,
        note=row.note,
    )


def _organs(values: Iterable[str]) -> tuple[Organ, ...]:
    return tuple(map(Organ, values))
