"""Windows of unconfirmed progressions: whose count, which state they are in, what a reader may know of."""

from datetime import date, timedelta

import pytest

from patients.models import ConfirmationAppointment
from patients.reads.readings.windows import confirmation_windows, open_progression, windows_of
from patients.vocabulary import DrugClass
from patients.words.reading_words import WindowState
from patients.writes.readings.bookings import BookingRefused, book_confirmation
from tests.factories import (
    PatientFactory,
    ResponseSummaryFactory,
    ScanFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UserFactory,
    signed_reading,
)

pytestmark = pytest.mark.django_db

OPENED_ON = date(2024, 3, 4)
FROM, UNTIL = OPENED_ON + timedelta(days=28), OPENED_ON + timedelta(days=56)


def block(opened_on=OPENED_ON, **changed):
    known = {"opened_on": opened_on, "confirm_from": FROM, "confirm_until": UNTIL}
    days = {name: day.isoformat() for name, day in known.items()}
    return {**days, "drivers": ["T"], "outcome": "OPEN", "closed_on": None, "label": "OPEN", **changed}


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team)


def state(patient, today):
    (window,) = windows_of(patient.pk, today)
    return window.state


def test_a_window_goes_from_open_over_booked_and_late_to_done(patient, owner):
    ResponseSummaryFactory.create(patient=patient, blocks=[block()])
    assert state(patient, FROM) is WindowState.OPEN
    book_confirmation(patient, OPENED_ON, FROM, owner)
    assert state(patient, UNTIL) is WindowState.BOOKED
    assert state(patient, UNTIL + timedelta(days=1)) is WindowState.LATE
    ScanFactory.create(timepoint=TimepointFactory.create(patient=patient), acquired_on=FROM - timedelta(days=1))
    assert state(patient, UNTIL) is WindowState.BOOKED, "a scan too early confirms nothing"
    ScanFactory.create(timepoint=TimepointFactory.create(patient=patient), acquired_on=FROM)
    assert state(patient, UNTIL) is WindowState.DONE


def test_a_booking_is_kept_once_and_the_newest_counts(patient, owner):
    ResponseSummaryFactory.create(patient=patient, blocks=[block()])
    for day in (FROM, FROM, UNTIL + timedelta(days=3)):
        book_confirmation(patient, OPENED_ON, day, owner)
    (window,) = windows_of(patient.pk, FROM)
    assert window.is_booked_outside and window.booking.booked_by == owner
    assert ConfirmationAppointment.objects.count() == 2
    with pytest.raises(BookingRefused, match="E_DATE"):
        book_confirmation(patient, OPENED_ON, OPENED_ON, owner)
    assert book_confirmation(patient, FROM, None, owner) is None


def test_the_drugs_that_came_last_decide_for_all_readers_together(patient, team, owner):
    first = TreatmentCourseFactory.create(patient=patient)
    second = TreatmentCourseFactory.create(patient=patient, started_on=OPENED_ON)
    beam = TreatmentCourseFactory.create(patient=patient, started_on=UNTIL, drug_class=DrugClass.RADIOTHERAPY)
    ResponseSummaryFactory.create(patient=patient, course=first, blocks=[block()])
    ResponseSummaryFactory.create(patient=patient, course=second, blocks=[])
    ResponseSummaryFactory.create(patient=patient, course=beam, blocks=[block()])
    ResponseSummaryFactory.create(patient=patient, course=second, reader=owner, blocks=[block()])
    assert confirmation_windows([team.pk], FROM) == []


def test_the_most_urgent_come_first(team):
    for late_by in (0, 40):
        opened_on = OPENED_ON - timedelta(days=late_by)
        days = {"confirm_until": (UNTIL - timedelta(days=late_by)).isoformat()}
        ResponseSummaryFactory.create(patient=PatientFactory.create(team=team), blocks=[block(opened_on, **days)])
    assert [one.state for one in confirmation_windows([team.pk], UNTIL)] == [WindowState.LATE, WindowState.OPEN]
    assert confirmation_windows([team.pk + 1], UNTIL) == []


@pytest.mark.parametrize(
    ("closed_on", "day", "expected"),
    [
        (None, FROM, OPENED_ON),
        (None, OPENED_ON, None),
        (FROM, FROM, OPENED_ON),
        (FROM, FROM + timedelta(days=1), None),
    ],
)
def test_a_progression_is_open_until_the_visit_that_closes_it(patient, owner, closed_on, day, expected):
    closed = {"closed_on": closed_on.isoformat(), "outcome": "CONFIRMED"} if closed_on else {}
    ResponseSummaryFactory.create(patient=patient, blocks=[block(**closed)])
    assert open_progression(patient.pk, owner.pk, day) == expected


def test_a_reader_is_asked_by_own_judgements_and_never_by_hidden_ones(patient):
    anna, boris = UserFactory.create(), UserFactory.create()
    visit = ScanFactory.create(timepoint__patient=patient, acquired_on=OPENED_ON).timepoint
    signed_reading(visit, anna)
    ResponseSummaryFactory.create(patient=patient, blocks=[block()])
    assert open_progression(patient.pk, anna.pk, FROM) == OPENED_ON
    assert open_progression(patient.pk, boris.pk, FROM) is None
    signed_reading(visit, boris)
    assert open_progression(patient.pk, boris.pk, FROM) == OPENED_ON
    ResponseSummaryFactory.create(patient=patient, reader=boris, blocks=[])
    assert open_progression(patient.pk, boris.pk, FROM) is None
