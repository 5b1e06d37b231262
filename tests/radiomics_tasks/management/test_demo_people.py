"""What is entered of the demo's patients: every visit signed by the writes of a person, called as declared."""

import pytest

from patients.models import ClinicalEvent, Lesion, Patient, Reading
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Criterion, LesionRole, ResponseCategory, Role
from patients.writes.labs import take_back
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.cohort.signed import SIGNED
from radiomics_tasks.imaging.phantom.patient_out import lesions_on
from radiomics_tasks.management.demo_people import enter_plan, follow_up, is_complete
from tests.factories import (
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
each_patient = pytest.mark.parametrize("plan", DEMO_PATIENTS, ids=lambda plan: plan.pseudonym)
PLANS = {plan.pseudonym: plan for plan in DEMO_PATIENTS}


@pytest.fixture
def reader():
    return UserFactory.create(username="reader-of-demo", roles=[Role.READER])


def filed(plan: DemoPatient, **of_patient: object) -> Patient:
    """The patient after intake and measuring: every outline with its true size, every lesion a non-target."""
    patient = PatientFactory.create(pseudonym=plan.pseudonym, **of_patient)
    rows: dict[str, Lesion] = {}
    for number, visit in enumerate(plan.visits):
        timepoint = TimepointFactory.create(patient=patient)
        for scan in visit.scans:
            row = ScanFactory.create(timepoint=timepoint, acquired_on=scan.acquired_on, modality=scan.modality)
            for lesion in lesions_on(plan, number, scan):
                if lesion.name not in rows:
                    rows[lesion.name] = LesionFactory.create(
                        patient=patient, tracking_id=lesion.name, organ=lesion.organ, role=LesionRole.NON_TARGET
                    )
                outline = SegmentationFactory.create(scan=row, lesion=rows[lesion.name])
                size_mm = lesion.sizes_mm[number]
                MeasurementFactory.create(
                    segmentation=outline, longest_diameter_mm=size_mm, short_axis_mm=size_mm, volume_ml=1
                )
    return patient


def followed_to_the_end(plan: DemoPatient, patient: Patient, reader) -> int:
    """In so many steps, between which a patient is concluded."""
    steps = 0
    while not is_complete(plan, patient):
        follow_up(plan, patient, reader, reader)
        steps += 1
    return steps


@each_patient
def test_every_visit_is_signed_and_called_as_declared(plan, reader):
    patient = filed(plan)
    enter_plan(plan, patient, reader)
    steps = followed_to_the_end(plan, patient, reader)
    unconfirmed = [said for said in SIGNED[plan.pseudonym] if said.immune_response is ResponseCategory.IUPD]
    assert steps == 1 + len(unconfirmed)
    found = conclude(patient_timeline(patient.pk))
    declared = SIGNED[plan.pseudonym][1:]
    recist, immune = (
        [each for each in found.responses if each.criterion is criterion and each.reader_pk is None]
        for criterion in (Criterion.RECIST_1_1, Criterion.IRECIST)
    )
    assert [each.category for each in recist] == [said.response for said in declared]
    assert [each.revised or each.category for each in recist] == [said.final_response for said in declared]
    assert [each.category for each in immune] == [said.immune_response for said in declared]


def test_started_again_it_signs_and_enters_nothing_twice(reader):
    plan = PLANS["SYN-03"]
    patient = filed(plan)
    for _ in range(2):
        enter_plan(plan, patient, reader)
        followed_to_the_end(plan, patient, reader)
        follow_up(plan, patient, reader, reader)
    assert Reading.objects.filter(patient=patient).count() == len(plan.visits)
    (course,) = patient.courses.all()
    assert [(hold.started_on, hold.stopped_on) for hold in course.holds.all()] == list(plan.courses[0].holds)


def test_disease_without_an_outline_and_a_new_lesion_are_entered_as_such(reader):
    plan = PLANS["SYN-14"]
    patient = filed(plan)
    enter_plan(plan, patient, reader)
    enter_plan(plan, patient, reader)
    roles = {row.tracking_id: (row.role, row.new_kind) for row in patient.lesions.all()}
    assert roles == {"bone 1": ("NON_TARGET", ""), "ascites": ("NON_TARGET", ""), "liver 1": ("NEW", "NLT")}


def test_a_progression_without_another_scan_stays_open(reader):
    plan = PLANS["SYN-04"]
    patient = filed(plan)
    enter_plan(plan, patient, reader)
    followed_to_the_end(plan, patient, reader)
    (summary,) = (each for each in conclude(patient_timeline(patient.pk)).summaries if each.reader_pk is None)
    assert summary.open_block is not None
    assert not summary.is_immune_progression_confirmed
    assert summary.open_block.opened_on == plan.visits[1].scans[0].acquired_on


def test_blood_and_events_are_entered_once_however_often_the_plan_is(reader):
    plan = PLANS["SYN-15"]
    patient = filed(plan)
    for _ in range(2):
        enter_plan(plan, patient, reader)
        followed_to_the_end(plan, patient, reader)
        follow_up(plan, patient, reader, reader)
    timeline = patient_timeline(patient.pk, ())
    measured = [lab for lab in timeline.labs if not lab.sources]
    assert (timeline.tumour, len(measured), len(timeline.events)) == ("melanoma", 4 * 10, 5)
    biopsy = next(event for event in timeline.events if event.kind == "BIOPSY")
    assert biopsy.lesion_pk == patient.lesions.get(tracking_id="right hilar node").pk


def test_nothing_of_what_follows_a_progression_is_known_before_it_was_concluded(reader):
    plan = PLANS["SYN-04"]
    patient = filed(plan)
    enter_plan(plan, patient, reader)
    follow_up(plan, patient, reader, reader)
    progressed_on = plan.visits[1].scans[0].acquired_on
    known = patient_timeline(patient.pk, ())
    assert [one.timepoint_pk for one in known.judgements] == [visit.pk for visit in known.timepoints]
    assert max(one.started_on for one in known.events) <= progressed_on
    assert max(one.taken_on for one in known.labs) <= progressed_on
    follow_up(plan, patient, reader, reader)
    kinds = [event.kind for event in patient_timeline(patient.pk, ()).events]
    assert is_complete(plan, patient) and kinds[-2:] == ["CLINICAL_PROGRESSION", "DEATH"]


def test_what_somebody_took_back_is_not_entered_again(reader):
    plan = PLANS["SYN-04"]
    patient = filed(plan)
    enter_plan(plan, patient, reader)
    followed_to_the_end(plan, patient, reader)
    take_back(ClinicalEvent.objects.get(patient=patient, kind="DEATH"), "Another patient's")
    assert is_complete(plan, patient)
    follow_up(plan, patient, reader, reader)
    assert not ClinicalEvent.objects.filter(patient=patient, kind="DEATH", superseded_at=None).exists()
