"""What people enter of a made-up patient, as the plan says: lesions, therapy, blood, events, readings."""

from datetime import date
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from patients.lab_tables.happenings import EventSaid, checked_event
from patients.lab_tables.results import ResultSaid, checked_result
from patients.models import ClinicalEvent, LabResult, Lesion, Patient, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.vocabulary import LesionRole, ResponseCategory, Step
from patients.writes.courses import save_course
from patients.writes.labs import enter_event, enter_result
from patients.writes.lesions import revise_lesion
from patients.writes.readings.content import LesionContent, ReadingContent
from patients.writes.readings.drafts import save_reading, start_reading
from patients.writes.readings.signing import sign_reading
from patients.writes.therapies import replace_holds
from patients.writes.unoutlined import open_unoutlined_lesion
from radiomics_tasks import runs
from radiomics_tasks.imaging.phantom.cohort.clinical import CLINICAL
from radiomics_tasks.imaging.phantom.cohort.labs import event_texts, result_texts
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.cohort.readings import DeclaredReading
from radiomics_tasks.imaging.phantom.cohort.signed import SIGNED

Said = TypeVar("Said", ResultSaid, EventSaid)


@transaction.atomic
def enter_plan(plan: DemoPatient, patient: Patient, coordinator: User) -> None:
    """Say what the plan says of tumour, lesions and therapy, and have the patient concluded again."""
    Patient.objects.filter(pk=patient.pk).update(tumour=CLINICAL[plan.pseudonym].tumour)
    _revise_lesions(plan, patient)
    for finding in plan.findings:
        if not patient.lesions.filter(tracking_id=finding.name).exists():
            open_unoutlined_lesion(
                patient,
                finding.name,
                finding.organ,
                is_node=False,
                role=LesionRole.NON_TARGET,
                user=coordinator,
            )
    for course in plan.courses:
        if not patient.courses.filter(name=course.name, started_on=course.started_on).exists():
            row = save_course(patient, course.name, course.drug_class, course.started_on, course.stopped_on)
            replace_holds(row, course.holds)
    runs.arm(Step.REASSESS, patient.pk)


def is_complete(plan: DemoPatient, patient: Patient) -> bool:
    """Whether every visit has a signed reading, by whomever, and everything declared beside the scans was entered."""
    read = Reading.objects.filter(patient=patient, state__in=IN_FORCE).values("timepoint").distinct()
    return read.count() >= len(plan.visits) and not any(_not_entered(plan, patient))


@transaction.atomic
def follow_up(plan: DemoPatient, patient: Patient, coordinator: User, reader: User) -> None:
    """Enter and sign visit after visit in the order of their dates, and have the patient concluded again.

    As at a site nobody knows what is to come: with a visit goes what happened until its day, and an unconfirmed
    progression ends the step, so that its score is given before it is known what became of it. Call it again, each
    time when everything is measured and concluded, until the patient is complete.
    """
    for visit, said in zip(plan.visits, SIGNED[plan.pseudonym], strict=True):
        days = [scan.acquired_on for scan in visit.scans]
        timepoint = Timepoint.objects.filter(patient=patient, scans__acquired_on=days[0]).first()
        if timepoint is None or timepoint.readings.filter(state__in=IN_FORCE).exists():
            continue
        _enter_clinical(plan, patient, coordinator, until=max(days))
        _sign(timepoint, said, reader)
        if said.immune_response is ResponseCategory.IUPD:
            break
    else:
        _enter_clinical(plan, patient, coordinator)
    runs.arm(Step.REASSESS, patient.pk)


def _enter_clinical(plan: DemoPatient, patient: Patient, coordinator: User, until: date = date.max) -> None:
    """Results and events until a day, each through the same checks as anybody's."""
    results, events = _not_entered(plan, patient)
    for result in results:
        if result.taken_on <= until:
            enter_result(patient, result, coordinator)
    for event in events:
        if event.started_on <= until:
            enter_event(patient, event, coordinator)


def _not_entered(plan: DemoPatient, patient: Patient) -> tuple[list[ResultSaid], list[EventSaid]]:
    """What is declared of a patient and was never entered; what somebody took back or corrected since, was."""
    declared, today = CLINICAL[plan.pseudonym], timezone.localdate()
    results = [_passed(plan, *checked_result(texts, today)) for texts in result_texts(plan, declared)]
    events = [_passed(plan, *checked_event(texts, today)) for texts in event_texts(plan, declared)]
    known = {
        digest
        for kind in (LabResult, ClinicalEvent)
        for digest in kind.objects.filter(patient=patient).values_list("row_digest", flat=True)
    }
    return [one for one in results if one.digest not in known], [one for one in events if one.digest not in known]


def _passed(plan: DemoPatient, said: Said | None, problems: object) -> Said:
    if said is None:
        raise ValueError(f"{plan.pseudonym}: {problems}")
    return said


def _revise_lesions(plan: DemoPatient, patient: Patient) -> None:
    """Non-targets first, so that the places of targets are free for those that are meant."""
    wanted = {lesion.name: lesion for lesion in plan.lesions}
    rows = Lesion.objects.filter(patient=patient, tracking_id__in=wanted)
    for row in sorted(rows, key=lambda row: wanted[row.tracking_id].role is LesionRole.TARGET):
        lesion = wanted[row.tracking_id]
        revise_lesion(
            row,
            lesion.name,
            lesion.organ,
            is_node=lesion.is_node,
            role=lesion.role,
            new_kind=lesion.new_kind,
        )


def _sign(timepoint: Timepoint, said: DeclaredReading, reader: User) -> None:
    lesion_pks = dict(timepoint.patient.lesions.values_list("tracking_id", "pk"))
    draft = save_reading(start_reading(timepoint, reader), _content(said, lesion_pks), reader)
    sign_reading(draft, reader, is_progression_open=said.clinical_status is not None)


def _content(said: DeclaredReading, lesion_pks: dict[str, int]) -> ReadingContent:
    return ReadingContent(
        lesions=tuple(
            LesionContent(lesion_pks[one.name], one.state, trend=one.trend, why=one.why) for one in said.lesions
        ),
        non_target=said.non_target,
        non_target_trend=said.non_target_trend,
        new_disease=said.new,
        new_disease_why=said.new_why,
        equivocal_resolved=said.equivocal_resolved,
        regions_not_scanned=said.regions_not_scanned,
        clinical_status=said.clinical_status,
        steroid_mg=said.steroid_mg,
        note=said.note,
    )
