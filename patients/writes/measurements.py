"""File visits that were measured elsewhere: patients, visits without scans, lesions without outlines, signed readings.

Rows are made in bulk, whatever their number; everything or nothing is filed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import chain

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from patients.lesions_shown import known_to_all
from patients.measured.rows import LesionNamed, LesionSized, MeasuredPatient, MeasuredVisit
from patients.models import Lesion, LesionReading, LesionTreatment, Patient, Reading, Team, Timepoint, TreatmentCourse
from patients.words.audit_words import Deed
from patients.words.reading_words import DiameterFrom, ReadingState
from patients.writes.lesions import new_uid
from patients.writes.trail.record import record

WHY = "Measured elsewhere"
BATCH = 2000

Visits = Mapping[tuple[int, date], Timepoint]
Lesions = Mapping[tuple[int, str], Lesion]


class PatientTaken(Exception):
    """A pseudonym of the table is another team's, or is written in other capitals here."""

    def __init__(self, pseudonym: str, sentence: str) -> None:
        super().__init__(sentence)
        self.pseudonym = pseudonym
        self.sentence = sentence


def lock_known(pseudonyms: Collection[str], team: Team) -> dict[str, int]:
    """Lock those of these patients who are there, in one order for everybody; by pseudonym, their keys.

    Call it inside the transaction that files. Raises PatientTaken.
    """
    lowered = {pseudonym.lower(): pseudonym for pseudonym in pseudonyms}
    everybody = Patient.objects.values_list("pk", "pseudonym", "team_id")
    theirs = {pk: (name, team_pk) for pk, name, team_pk in everybody if name.lower() in lowered}
    for name, team_pk in theirs.values():
        if team_pk != team.pk:
            raise PatientTaken(lowered[name.lower()], "This pseudonym is taken. Choose another one.")
        if name not in pseudonyms:
            raise PatientTaken(lowered[name.lower()], f"This patient is known as {name}. Write it the same way.")
    locked = list(Patient.objects.select_for_update(no_key=True).filter(pk__in=theirs).order_by("pk"))
    for patient in locked:
        if patient.merged_into_id is not None:
            raise PatientTaken(patient.pseudonym, "This patient was put together with another one: use that pseudonym.")
    return {patient.pseudonym: patient.pk for patient in locked}


def file_measured(patients: Sequence[MeasuredPatient], team: Team) -> list[int]:
    """File what is new of these patients; the answer is their keys, in the same order.

    Call it with the known ones locked. Raises IntegrityError where somebody else files the same patient just now.
    """
    with transaction.atomic():
        rows = _patients(patients, team)
        _courses(patients, rows)
        visits = _timepoints(patients, rows)
        lesions = _lesions(patients, rows)
        _readings(patients, rows, visits, lesions)
        for patient in patients:
            record(Deed.TABLE_FILED, patient=rows[patient.pseudonym], kind="reading", rows=len(patient.visits))
    return [rows[patient.pseudonym].pk for patient in patients]


def _patients(patients: Sequence[MeasuredPatient], team: Team) -> dict[str, Patient]:
    names = [patient.pseudonym for patient in patients]
    rows = {row.pseudonym: row for row in Patient.objects.filter(pseudonym__in=names)}
    new = [Patient(pseudonym=name, team=team) for name in names if name not in rows]
    return rows | {row.pseudonym: row for row in Patient.objects.bulk_create(new, BATCH)}


def _courses(patients: Sequence[MeasuredPatient], rows: Mapping[str, Patient]) -> None:
    TreatmentCourse.objects.bulk_create(
        [
            TreatmentCourse(
                patient=rows[patient.pseudonym],
                name=course.name,
                drug_class=course.drug_class,
                started_on=course.started_on,
                stopped_on=course.stopped_on,
                randomised_on=course.randomised_on,
            )
            for patient in patients
            for course in patient.courses
        ],
        BATCH,
    )


def _timepoints(patients: Sequence[MeasuredPatient], rows: Mapping[str, Patient]) -> Visits:
    """The visit of each day: one whose last scan is of that day, or one without scans."""
    wanted = {(rows[patient.pseudonym].pk, visit.on) for patient in patients for visit in patient.visits}
    dated = Timepoint.objects.filter(patient__in={pk for pk, _ in wanted}).annotate(
        last_on=Coalesce(Max("scans__acquired_on"), "judged_on")
    )
    found: dict[tuple[int, date], Timepoint] = {}
    for row in dated:
        found[row.patient_id, row.last_on] = row
    new = sorted(wanted - found.keys())
    made = Timepoint.objects.bulk_create([Timepoint(patient_id=pk, judged_on=on) for pk, on in new], BATCH)
    return found | dict(zip(new, made, strict=True))


def _lesions(patients: Sequence[MeasuredPatient], rows: Mapping[str, Patient]) -> Lesions:
    keys = [rows[patient.pseudonym].pk for patient in patients]
    known = Lesion.objects.filter(known_to_all(), patient__in=keys)
    found = {(row.patient_id, row.tracking_id): row for row in known}
    wanted = [(rows[patient.pseudonym].pk, lesion) for patient in patients for lesion in patient.lesions]
    made = Lesion.objects.bulk_create([_lesion(patient_pk, lesion) for patient_pk, lesion in wanted], BATCH)
    LesionTreatment.objects.bulk_create(
        [
            LesionTreatment(lesion=row, kind=lesion.local_therapy, treated_on=lesion.local_therapy_on)
            for row, (_, lesion) in zip(made, wanted, strict=True)
            if lesion.local_therapy and lesion.local_therapy_on
        ],
        BATCH,
    )
    return found | {(row.patient_id, row.tracking_id): row for row in made}


def _lesion(patient_pk: int, lesion: LesionNamed) -> Lesion:
    return Lesion(
        patient_id=patient_pk,
        tracking_uid=new_uid(),
        tracking_id=lesion.name,
        organ=lesion.organ,
        is_node=lesion.is_node,
        role=lesion.role,
        new_kind=lesion.kind or "",
    )


def _readings(
    patients: Sequence[MeasuredPatient], rows: Mapping[str, Patient], visits: Visits, lesions: Lesions
) -> None:
    """Drafts first, then their lesions, then all are signed: what is signed takes no further lesion."""
    wanted = [(rows[patient.pseudonym].pk, visit) for patient in patients for visit in patient.visits]
    readings = Reading.objects.bulk_create(
        [_reading(patient_pk, visit, visits[patient_pk, visit.on]) for patient_pk, visit in wanted], BATCH
    )
    sizes = (
        [_size(reading, one, lesions) for one in sorted(visit.sized, key=lambda one: one.lesion.name)]
        for reading, (_, visit) in zip(readings, wanted, strict=True)
    )
    LesionReading.objects.bulk_create(chain.from_iterable(sizes), BATCH)
    _sign(readings, timezone.now())


def _sign(readings: Sequence[Reading], at: datetime) -> None:
    keys = [reading.pk for reading in readings]
    Reading.objects.filter(pk__in=keys).update(state=ReadingState.SIGNED, signed_at=at)


def _reading(patient_pk: int, visit: MeasuredVisit, timepoint: Timepoint) -> Reading:
    judged = visit.judged
    return Reading(
        patient_id=patient_pk,
        timepoint=timepoint,
        reader_name=visit.reader,
        non_target=judged.non_target,
        non_target_trend=judged.non_target_trend or "",
        non_target_on=judged.non_target_on,
        new_disease=judged.new_disease,
        new_on=judged.new_on,
        new_disease_why=judged.new_why,
        equivocal_resolved=judged.equivocal_resolved,
        confirms_equivocal=judged.confirms_equivocal,
        regions_not_scanned=list(judged.regions_not_scanned),
        reappearance=judged.reappearance or "",
        reappearance_why=judged.reappearance_why,
        is_merged_cr_confirmed=judged.is_merged_cr_confirmed,
        clinical_status=judged.clinical_status or "",
        steroid_mg=judged.steroid_mg,
        is_for_symptom=judged.is_for_symptom,
        note=judged.note,
    )


def _size(reading: Reading, one: LesionSized, lesions: Lesions) -> LesionReading:
    is_own = one.diameter_mm is not None
    return LesionReading(
        reading=reading,
        lesion=lesions[reading.patient_id, one.lesion.name],
        state=one.state,
        diameter_mm=one.diameter_mm,
        diameter_from=DiameterFrom.TYPED if is_own else DiameterFrom.OUTLINE,
        diameter_why=WHY if is_own else "",
        parts_mm=list(one.parts_mm),
        merged_into=lesions[reading.patient_id, one.merged_into] if one.merged_into else None,
        trend=one.trend or "",
        observed_on=one.observed_on,
        why=one.why,
    )
