"""What a user may send."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.forms import CourseForm, DecliningForm, OpeningForm, SettlingForm
from patients.vocabulary import LesionRole
from tests.factories import CandidateFactory, PatientFactory, TreatmentCourseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate():
    return CandidateFactory.create(acquired_on=None)


def settling(candidate, **fields):
    prefix = str(candidate.code)[:8]
    return SettlingForm(candidate, {f"{prefix}-{name}": value for name, value in fields.items()})


def test_a_pseudonym_is_met_whatever_its_case_and_spaces(candidate):
    patient = PatientFactory.create(team=candidate.upload.team, pseudonym="Site A 12")
    form = settling(candidate, pseudonym="  site a   12 ")
    assert form.is_valid(), form.errors
    assert form.patient == patient


def test_an_empty_pseudonym_is_not_a_patient(candidate):
    assert "Choose the patient" in settling(candidate, pseudonym=" ").errors["pseudonym"][0]


@pytest.mark.parametrize("day", ["1979-12-31", "31.12.2020", "2024-02-30"])
def test_a_scan_has_a_date_that_can_be(candidate, day):
    assert "acquired_on" in settling(candidate, pseudonym="new", is_new="on", acquired_on=day).errors


def test_a_scan_is_not_from_the_future(candidate):
    tomorrow = timezone.localdate() + timedelta(days=1)
    form = settling(candidate, pseudonym="new", is_new="on", acquired_on=tomorrow.isoformat())
    assert form.errors["acquired_on"] == ["A scan is dated between 1980 and today."]


def test_only_doubts_that_were_raised_can_be_confirmed(candidate):
    assert "confirmed" in settling(candidate, pseudonym="new", is_new="on", confirmed=["Q_ANYTHING"]).errors


def test_a_reason_for_declining_is_short():
    assert DecliningForm({"reason": "wrong patient"}).is_valid()
    assert not DecliningForm({"reason": "x" * 201}).is_valid()


def test_a_node_needs_yes():
    said = {"tracking_id": "node 1", "organ": "LYMPH_NODE", "is_node": "yes", "role": "TARGET"}
    form = OpeningForm(said)
    assert form.is_valid()
    assert form.cleaned_data["is_node"] is True
    assert "is_node" in OpeningForm(said | {"is_node": "no"}).errors


def test_a_lesion_that_is_opened_has_one_of_the_known_roles():
    said = {"tracking_id": "liver 1", "organ": "LIVER", "is_node": "no"}
    assert not any("role" in OpeningForm({**said, "role": role}).errors for role in LesionRole)
    assert "role" in OpeningForm({**said, "role": "UNSURE"}).errors
    assert "role" in OpeningForm(said).errors


def test_a_course_form_shows_what_is_there():
    course = TreatmentCourseFactory.create()
    assert CourseForm.of(course)["started_on"].value() == course.started_on
