"""A lesion's course in a few numbers: concluded, stored, read back, and said on its page."""

import math

import pytest

from patients.models import FeatureSet, LesionTrajectory, Patient
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.trajectories import trajectory_of_feature
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
ENTROPY, MEAN, AREA = "original_firstorder_Entropy", "original_firstorder_Mean", "original_glszm_LargeAreaEmphasis"
# Every third value of a made-up patient is missing.
NAMES = (ENTROPY, MEAN, "original_glcm_Idm", AREA)


def concluded(patient: Patient) -> Patient:
    replace_findings(conclude(patient_timeline(patient.pk)))
    return patient


def course(patient: Patient, feature: str):
    return trajectory_of_feature(patient.lesions.get().pk, FeatureSet.objects.get().pk, feature)


def test_the_panel_of_a_followed_lesion_is_stored_with_its_reasons():
    patient = concluded(followed([10.0, 20.0, 40.0], names=NAMES, days=56))
    found = course(patient, ENTROPY)
    assert (found.visits, found.days, found.highest.value) == (3, 112, 40 / 7)
    assert found.slope_per_month.value == pytest.approx(math.log(2) / 56 * 30.4375)
    assert found.mean_log_ratio.value == pytest.approx(math.log(2))
    assert course(patient, MEAN).mean_log_ratio.absence == "NO_RATIO"
    assert course(patient, "original_glcm_Idm").turns.absence == "TOO_FEW_VISITS"
    assert course(patient, AREA) is None


def test_two_visits_are_no_course_and_what_is_said_again_is_left_alone():
    assert course(concluded(followed([10.0, 20.0], names=NAMES)), ENTROPY) is None
    patient = concluded(followed([10.0, 20.0, 40.0], names=NAMES))
    before = LesionTrajectory.objects.get().pk
    assert LesionTrajectory.objects.get(patient=concluded(patient)).pk == before


def test_the_lesion_page_says_the_course_of_a_panel_feature(as_user, owner, team):
    patient = concluded(followed([10.0, 40.0, 20.0], names=NAMES, days=61, team=team))
    page = f"/lesions/{patient.lesions.get().code}/?feature="
    shown = as_user(owner).get(page + MEAN).content.decode()
    assert "3 visits, 122 days" in shown
    assert "<dt>Highest</dt><dd>11.43 HU</dd>" in shown
    assert "<dt>Slope</dt><dd>+0.7128 HU per month</dd>" in shown
    assert "this feature, or one of its values, has no ratio" in shown
    assert "<dt>Slope</dt>" not in as_user(owner).get(page + AREA).content.decode()
