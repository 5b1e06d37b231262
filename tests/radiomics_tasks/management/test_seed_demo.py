"""`manage.py seed_demo`: what it tells of a patient, and when one counts as loaded."""

from datetime import timedelta

import pytest

from patients.vocabulary import Criterion, ResponseCategory
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.management.commands.seed_demo import calls_of, is_loaded
from radiomics_tasks.management.demo_people import enter_plan, sign_visits
from radiomics_tasks.models import ProcessingRun
from tests.factories import BASELINE_ON, PatientFactory, ResponseAssessmentFactory, TimepointFactory, UserFactory
from tests.radiomics_tasks.management.test_demo_people import filed

pytestmark = pytest.mark.django_db
PLAN = next(plan for plan in DEMO_PATIENTS if plan.pseudonym == "SYN-04")


def called(patient, criterion, *categories):
    for number, category in enumerate(categories):
        ResponseAssessmentFactory.create(
            timepoint=TimepointFactory.create(patient=patient),
            criterion=criterion,
            category=category,
            assessed_on=BASELINE_ON + timedelta(days=56 * number),
        )


def test_targets_are_told_until_somebody_has_read():
    patient = PatientFactory.create()
    called(patient, Criterion.RECIST_1_1_TARGET, ResponseCategory.BASELINE, ResponseCategory.PD)
    assert calls_of(patient) == "RECIST 1.1, target lesions only BASELINE → PD"
    called(patient, Criterion.RECIST_1_1, ResponseCategory.PD)
    called(patient, Criterion.IRECIST, ResponseCategory.IUPD)
    assert calls_of(patient) == "RECIST 1.1 PD; iRECIST iUPD"


def test_a_patient_is_loaded_once_every_visit_is_read_and_concluded():
    assert not is_loaded(PLAN)
    patient, person = filed(PLAN), UserFactory.create()
    enter_plan(PLAN, patient, person)
    ProcessingRun.objects.all().delete()
    assert not is_loaded(PLAN)
    sign_visits(PLAN, patient, person)
    assert not is_loaded(PLAN)
    ProcessingRun.objects.all().delete()
    assert is_loaded(PLAN)
