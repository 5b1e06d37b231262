"""What people enter of a made-up patient, as the plan says: lesions, therapy, blood, events, readings."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from patients.lab_tables.happenings import checked_event
from patients.lab_tables.results import checked_result
from patients.models import Lesion, Patient, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.vocabulary import LesionRole, Step
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


@transaction.atomic
def enter_plan(plan: DemoPatient, patient: Patient, coordinator: User) -> None:
    """Say what the plan says of lesions and therapy, and have the patient concluded again."""
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
    enter_clinical(plan, patient, coordinator)
    runs.arm(Step.REASSESS, patient.pk)


@transaction.atomic
def enter_clinical(plan: DemoPatient, patient: Patient, coordinator: User) -> None:
    """Tumour, results and events as declared, each through the same checks as anybody's."""
    declared, today = CLINICAL[plan.pseudonym], timezone.localdate()
    Patient.objects.filter(pk=patient.pk).update(tumour=declared.tumour)
    for texts in result_texts(plan, declared):
        result, problems = checked_result(texts, today)
        if result is None:
            raise ValueError(f"{plan.pseudonym}: {problems}")
        enter_result(patient, result, coordinator)
    for texts in event_texts(plan, declared):
        event, problems = checked_event(texts, today)
        if event is None:
            raise ValueError(f"{plan.pseudonym}: {problems}")
        enter_event(patient, event, coordinator)


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


def is_read(plan: DemoPatient, patient: Patient) -> bool:
    """Whether every visit has a signed reading, by whomever."""
    read = Reading.objects.filter(patient=patient, state__in=IN_FORCE).values("timepoint").distinct()
    return read.count() >= len(plan.visits)


@transaction.atomic
def sign_visits(plan: DemoPatient, patient: Patient, reader: User) -> None:
    """Sign every visit that nobody has read, in the order of their dates, and have the patient concluded again.

    Call it when everything is measured: a reading is signed on sizes.
    """
    lesion_pks = dict(patient.lesions.values_list("tracking_id", "pk"))
    for visit, said in zip(plan.visits, SIGNED[plan.pseudonym], strict=True):
        timepoint = Timepoint.objects.filter(patient=patient, scans__acquired_on=visit.scans[0].acquired_on).first()
        if timepoint is None or timepoint.readings.filter(state__in=IN_FORCE).exists():
            continue
        draft = save_reading(start_reading(timepoint, reader), _content(said, lesion_pks), reader)
        sign_reading(draft, reader, is_progression_open=said.clinical_status is not None)
    runs.arm(Step.REASSESS, patient.pk)


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
