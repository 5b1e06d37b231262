"""Pauses of a therapy and treatment of a lesion: entered once however often it is sent, ended, taken back."""

import pytest

from tests.assessing import is_armed, today, words
from tests.factories import CourseHoldFactory, LesionFactory, LesionTreatmentFactory, TreatmentCourseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(team):
    return TreatmentCourseFactory.create(patient__team=team)


@pytest.fixture
def lesion(course):
    return LesionFactory.create(patient=course.patient)


def holds(course):
    return [(str(hold.started_on), hold.stopped_on and str(hold.stopped_on)) for hold in course.holds.all()]


def test_a_pause_is_entered_once_ended_and_taken_back(as_user, owner, course):
    client, door = as_user(owner), f"/courses/{course.code}/holds"
    for _ in range(2):
        assert client.post(door, {"act": "add", "started_on": "2024-03-04"})["Location"] == door
    assert holds(course) == [("2024-03-04", None)]
    assert is_armed(course.patient)
    client.post(door, {"act": "add", "started_on": "2024-03-04", "stopped_on": "2024-03-20"})
    assert holds(course) == [("2024-03-04", "2024-03-20")]
    assert "20 Mar 2024" in words(client.get(door))
    client.post(door, {"act": "remove", "started_on": "2024-03-04"})
    assert holds(course) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"started_on": "2024-02-20"}, "Two pauses overlap"),
        ({"started_on": "2023-01-01"}, "A pause lies within its line of therapy."),
        ({"started_on": "2024-05-05", "stopped_on": "2024-05-01"}, "A pause ends on or after the day it began."),
        ({"started_on": "0024-05-05"}, "Check the year."),
        ({}, "This field is required."),
    ],
)
def test_a_pause_that_cannot_be_meant_is_said(as_user, owner, course, said, sentence):
    CourseHoldFactory.create(course=course, started_on="2024-02-10", stopped_on="2024-02-25")
    answer = as_user(owner).post(f"/courses/{course.code}/holds", said)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert len(holds(course)) == 1


def test_a_lesion_is_treated_once_and_that_is_taken_back(as_user, owner, lesion):
    client, door = as_user(owner), f"/lesions/{lesion.code}/treatments"
    said = {"kind": "SURGERY", "treated_on": "2024-03-04"}
    for _ in range(2):
        assert client.post(door, said | {"act": "add"})["Location"] == door
    assert lesion.treatments.count() == 1
    assert is_armed(lesion.patient)
    assert "Surgery on 4 Mar 2024" in words(client.get(f"/lesions/{lesion.code}/"))
    client.post(door, said | {"act": "remove"})
    assert not lesion.treatments.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "SURGERY", "treated_on": "2029-03-04"}, "this day is in the future"),
        ({"kind": "SURGERY", "treated_on": "0029-03-04"}, "Check the year."),
        ({"kind": "PRAYER", "treated_on": today()}, "Select a valid choice."),
    ],
)
def test_a_treatment_that_cannot_be_meant_is_said(as_user, owner, lesion, said, sentence):
    answer = as_user(owner).post(f"/lesions/{lesion.code}/treatments", said)
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_only_the_team_and_only_the_right_roles(as_user, member, stranger, course, lesion):
    treated = LesionTreatmentFactory.create(lesion=lesion)
    for door in (f"/courses/{course.code}/holds", f"/lesions/{lesion.code}/treatments"):
        said = {"started_on": "2024-03-04", "kind": treated.kind, "treated_on": "2024-03-28", "act": "remove"}
        assert as_user(member).post(door, said).status_code == 403
        assert as_user(stranger).post(door, said).status_code == 404
    assert lesion.treatments.exists()
    assert "Surgery, radiation or ablation" not in words(as_user(member).get(f"/lesions/{lesion.code}/"))
