"""How a lesion is followed: new after baseline, a target there only where a person says that it is meant."""

from datetime import timedelta

import pytest

from patients.models import Lesion, Patient, Scan, Segmentation
from patients.vocabulary import LesionRole, Organ
from patients.writes.lesions import LesionRefused, open_lesion, revise_lesion
from patients.writes.roles import proposed_role
from tests.factories import (
    BASELINE_ON,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient() -> Patient:
    known = PatientFactory.create()
    TreatmentCourseFactory.create(patient=known, started_on=BASELINE_ON + timedelta(7))
    return known


def scan_on(patient: Patient, days: int) -> Scan:
    visit = TimepointFactory.create(patient=patient)
    return ScanFactory.create(timepoint=visit, acquired_on=BASELINE_ON + timedelta(days))


def opened(scan: Scan, role: LesionRole, **said) -> Lesion:
    row: Segmentation = SegmentationFactory.create(scan=scan, lesion=None)
    return open_lesion(row, "liver 9", Organ.LIVER, is_node=False, role=role, user=None, **said)


def test_what_is_first_outlined_after_baseline_is_proposed_as_new(patient):
    baseline, later = scan_on(patient, 0), scan_on(patient, 56)
    assert proposed_role(patient, Organ.LIVER, baseline) is LesionRole.TARGET
    assert proposed_role(patient, Organ.LIVER, later) is LesionRole.NEW


def test_another_line_of_therapy_brings_another_baseline(patient):
    scan_on(patient, 0)
    later = scan_on(patient, 56)
    TreatmentCourseFactory.create(patient=patient, name="Second line", started_on=BASELINE_ON + timedelta(60))
    assert proposed_role(patient, Organ.LIVER, later) is LesionRole.NEW
    scan_on(patient, 112)
    assert proposed_role(patient, Organ.LIVER, later) is LesionRole.TARGET


def test_a_late_target_is_refused_until_it_is_meant(patient):
    scan_on(patient, 0)
    later = scan_on(patient, 56)
    with pytest.raises(LesionRefused, match="every visit becomes not evaluable") as refusal:
        opened(later, LesionRole.TARGET)
    assert refusal.value.code == "E_LATE_TARGET"
    assert not Lesion.objects.exists()
    assert opened(later, LesionRole.TARGET, is_late_target_meant=True).role == LesionRole.TARGET


@pytest.mark.parametrize("role", [LesionRole.NEW, LesionRole.NON_TARGET])
def test_new_and_non_target_need_no_confirmation_but_becoming_a_target_does(patient, role):
    scan_on(patient, 0)
    lesion = opened(scan_on(patient, 56), role)
    with pytest.raises(LesionRefused, match="E_LATE_TARGET"):
        revise_lesion(lesion, "liver 9", Organ.LIVER, is_node=False, role=LesionRole.TARGET)
    revise_lesion(lesion, "liver 9", Organ.LIVER, is_node=False, role=LesionRole.TARGET, is_late_target_meant=True)
    revise_lesion(lesion, "liver X", Organ.LIVER, is_node=False, role=LesionRole.TARGET)
    lesion.refresh_from_db()
    assert (lesion.role, lesion.tracking_id) == (LesionRole.TARGET, "liver X")
