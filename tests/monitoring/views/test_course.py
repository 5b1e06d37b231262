"""Lines of therapy: entered, corrected, taken back; each time the patient is concluded again."""

import pytest

from patients.models import TreatmentCourse
from patients.vocabulary import Step
from radiomics_tasks.models import ProcessingRun
from tests.factories import PatientFactory, TreatmentCourseFactory

pytestmark = pytest.mark.django_db

SAID = {"name": "Nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2024-01-15", "stopped_on": ""}


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team)


def is_armed(patient):
    return ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exists()


def test_a_course_is_entered(as_user, owner, patient):
    answer = as_user(owner).post(f"/patients/{patient.code}/courses/", SAID)
    assert answer["Location"] == f"/patients/{patient.code}/"
    course = patient.courses.get()
    assert (course.name, course.started_on.isoformat(), course.stopped_on) == ("Nivolumab", "2024-01-15", None)
    assert is_armed(patient)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("stopped_on", "2024-01-01", "The stop lies before the start."),
        ("started_on", "0024-01-15", "Check the year."),
        ("started_on", "2124-01-15", "Check the year."),
        ("name", "", "This field is required."),
        ("name", "\u202eumabovin", "at most 120 readable letters"),
    ],
)
def test_what_cannot_be_meant_is_said(as_user, owner, patient, field, value, words):
    answer = as_user(owner).post(f"/patients/{patient.code}/courses/", SAID | {field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not patient.courses.exists()


def test_a_course_is_corrected(as_user, owner, patient):
    course = TreatmentCourseFactory.create(patient=patient)
    client = as_user(owner)
    assert 'value="2024-01-15"' in client.get(f"/courses/{course.code}/").content.decode()
    client.post(f"/courses/{course.code}/", SAID | {"stopped_on": "2024-03-01"})
    course.refresh_from_db()
    assert (course.name, course.stopped_on.isoformat()) == ("Nivolumab", "2024-03-01")
    assert is_armed(patient)


def test_a_course_is_taken_back(as_user, owner, patient):
    course = TreatmentCourseFactory.create(patient=patient)
    as_user(owner).post(f"/courses/{course.code}/remove")
    assert not TreatmentCourse.objects.exists()
    assert is_armed(patient)


def test_an_empty_form_has_an_address_of_its_own(as_user, owner, patient):
    assert "A new line of therapy" in as_user(owner).get(f"/patients/{patient.code}/courses/").content.decode()


def test_only_the_team_and_only_the_right_roles(as_user, member, stranger, patient):
    course = TreatmentCourseFactory.create(patient=patient)
    for door in (f"/patients/{patient.code}/courses/", f"/courses/{course.code}/", f"/courses/{course.code}/remove"):
        assert as_user(member).post(door, SAID).status_code == 403
        assert as_user(stranger).post(door, SAID).status_code == 404


@pytest.mark.parametrize("door", ["", "remove"])
def test_a_course_that_was_removed_a_moment_ago_is_not_found(as_user, owner, patient, monkeypatch, door):
    course = TreatmentCourseFactory.create(patient=patient)
    TreatmentCourse.objects.filter(pk=course.pk).delete()
    monkeypatch.setattr("monitoring.views.course.course_for_user", lambda *_: course)
    assert as_user(owner).post(f"/courses/{course.code}/{door}", SAID).status_code == 404
    assert not patient.courses.exists()
    assert not is_armed(patient)


def test_a_course_sent_twice_is_one(as_user, owner, patient):
    for _ in range(2):
        as_user(owner).post(f"/patients/{patient.code}/courses/", SAID)
    assert patient.courses.count() == 1
