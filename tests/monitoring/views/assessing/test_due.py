"""The due list: windows with their state, bookings that are made once, and what readers have to do."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from patients.models import ConfirmationAppointment
from patients.vocabulary import Criterion, ResponseCategory, Role
from patients.writes.readings.signing import reopen_visits
from tests.assessing import visits, words
from tests.factories import (
    PatientFactory,
    ResponseAssessmentFactory,
    ResponseSummaryFactory,
    ScanFactory,
    TeamFactory,
    TimepointFactory,
    followed_patient,
    login,
    signed_reading,
)

pytestmark = pytest.mark.django_db


def days_ago(count: int) -> date:
    return timezone.localdate() - timedelta(days=count)


def block(opened_on: date, **changed):
    start, end = opened_on + timedelta(days=28), opened_on + timedelta(days=56)
    days = {"opened_on": opened_on, "confirm_from": start, "confirm_until": end}
    known = {name: day.isoformat() for name, day in days.items()}
    return {**known, "drivers": ["T"], "outcome": "OPEN", "closed_on": None, "label": "OPEN", **changed}


@pytest.fixture
def patient(team):
    patient = PatientFactory.create(team=team, pseudonym="WINDOW-1")
    ResponseSummaryFactory.create(patient=patient, blocks=[block(days_ago(30))])
    return patient


def booking(patient, **said):
    return {"opened_on": days_ago(30).isoformat(), "booked_for": days_ago(-5).isoformat(), **said}


def test_a_window_is_booked_once_changed_and_taken_back(as_user, owner, patient):
    client, door = as_user(owner), f"/patients/{patient.code}/confirmation"
    assert "Not booked" in words(client.get("/due/"))
    for _ in range(2):
        assert client.post(door, booking(patient))["Location"] == "/due/"
    row = ConfirmationAppointment.objects.get()
    assert (row.booked_for, row.booked_by) == (days_ago(-5), owner)
    assert "Booked</span> <span" in words(client.get("/due/")) and "by owner" in words(client.get("/due/"))
    late = booking(patient, booked_for=days_ago(-40).isoformat(), back="patient")
    assert client.post(door, late)["Location"] == f"/patients/{patient.code}/"
    assert "outside the window" in words(client.get("/due/"))
    client.post(door, booking(patient, booked_for=""))
    assert "Not booked" in words(client.get("/due/"))
    assert ConfirmationAppointment.objects.count() == 3


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"booked_for": "0024-01-01"}, "Check the year."),
        ({"booked_for": "soon"}, "Enter a valid date."),
        ({"booked_for": "2020-01-01"}, "comes after the scan that it is to confirm"),
    ],
)
def test_a_booking_that_cannot_be_meant_is_said(as_user, owner, patient, said, sentence):
    answer = as_user(owner).post(f"/patients/{patient.code}/confirmation", booking(patient, **said))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not ConfirmationAppointment.objects.exists()


def test_a_row_says_what_progressed(as_user, owner, team):
    patient = PatientFactory.create(team=team)
    ResponseSummaryFactory.create(patient=patient, blocks=[block(days_ago(30), drivers=["T", "NT", "NL"])])
    assert "targets, non-targets, new lesion" in words(as_user(owner).get("/due/"))


def test_what_waits_no_more_is_not_booked(as_user, owner, patient):
    answer = as_user(owner).post(
        f"/patients/{patient.code}/confirmation", booking(patient, opened_on="2020-01-01"), follow=True
    )
    assert "does not wait to be confirmed any more" in words(answer)


def test_a_window_is_late_until_a_scan_is_filed(as_user, owner, team):
    patient = PatientFactory.create(team=team)
    ResponseSummaryFactory.create(patient=patient, blocks=[block(days_ago(90))])
    assert "Late" in words(as_user(owner).get("/due/"))
    ScanFactory.create(timepoint=TimepointFactory.create(patient=patient), acquired_on=days_ago(40))
    shown = words(as_user(owner).get("/due/"))
    assert "No progression waits" in shown and "1 done" in shown and "not confirmed yet" in shown


def test_the_line_of_therapy_that_started_last_counts(as_user, owner, patient):
    closed = block(days_ago(30), outcome="CONFIRMED", closed_on=days_ago(1).isoformat())
    ResponseSummaryFactory.create(patient=patient, reader=owner, blocks=[closed])
    assert "WINDOW-1" in words(as_user(owner).get("/due/")), "what one reader alone called does not count"
    type(patient.summaries.first()).objects.filter(reader=None).update(blocks=[closed])
    shown = words(as_user(owner).get("/due/"))
    assert "No progression waits" in shown and "progression was confirmed" in shown


def test_a_reader_is_not_told_of_progression_where_another_read(as_user, team, patient):
    reader, other = (login(team, Role.READER) for _ in range(2))
    visit = TimepointFactory.create(patient=patient)
    ScanFactory.create(timepoint=visit)
    signed_reading(visit, other)
    assert "WINDOW-1" in words(as_user(other).get("/due/"))
    assert "WINDOW-1" not in words(as_user(reader).get("/due/"))


def test_a_reader_is_told_that_patients_are_hidden_not_that_nothing_waits(as_user, team, patient):
    reader, other = (login(team, Role.READER) for _ in range(2))
    visit = TimepointFactory.create(patient=patient)
    ScanFactory.create(timepoint=visit)
    signed_reading(visit, other)
    shown = words(as_user(reader).get("/due/"))
    assert shown.count("1 patient is hidden until you assess it.") == 2
    assert "No progression waits" not in shown and "Every visit is assessed" not in shown
    assert "hidden until" not in words(as_user(other).get("/due/"))
    assert "Every visit is assessed" in words(as_user(other).get("/due/"))


def test_readers_see_what_waits_for_them(as_user, team):
    patient = followed_patient(team, lesions=1, dates=3)
    first, second, _third = visits(patient)
    anna, boris, carla = (login(team, Role.READER, username=name) for name in ("anna", "boris", "carla"))
    signed_reading(first, anna)
    reopen_visits([first.pk], "New outlines on the CT of 2024-01-08")
    signed_reading(second, anna)
    signed_reading(second, boris, new_disease="YES")
    shown = words(as_user(anna).get("/due/"))
    assert "Assess again" in shown and "New outlines on the CT of 2024-01-08" in shown
    assert shown.count(">Assess<") == 1 and "somebody else decides" in shown
    assert ">Decide<" in words(as_user(carla).get("/due/"))


def test_only_the_own_teams_and_only_who_books(as_user, member, stranger, patient):
    assert "WINDOW-1" in words(as_user(member).get("/due/"))
    assert "WINDOW-1" not in words(as_user(stranger).get("/due/"))
    door = f"/patients/{patient.code}/confirmation"
    assert as_user(member).post(door, booking(patient)).status_code == 403
    assert as_user(stranger).post(door, booking(patient)).status_code == 404
    assert as_user(login(TeamFactory.create(), Role.ADMIN)).get("/due/").status_code == 403


def test_readers_who_skipped_a_visit_are_not_compared_and_it_is_said_which(as_user, team, member):
    patient = followed_patient(team, lesions=1, dates=3)
    _, second, third = visits(patient)
    anna, boris = (login(team, Role.READER, username=name) for name in ("anna", "boris"))
    signed_reading(second, anna)
    for reader, category in ((anna, ResponseCategory.PD), (boris, ResponseCategory.SD)):
        signed_reading(third, reader)
        ResponseAssessmentFactory.create(
            timepoint=third, reader=reader, category=category, criterion=Criterion.RECIST_1_1
        )
    shown = words(as_user(member).get("/due/"))
    assert "Readers not compared yet" in shown and "<td>visit 2 not yet read by boris</td>" in shown
    assert "Readers differ" not in shown
    signed_reading(second, boris)
    shown = words(as_user(member).get("/due/"))
    assert "Readers not compared yet" not in shown and "<td>category</td>" in shown
