"""The panel of assessments: who signed which visit, what is hidden, what this login can do there."""

import pytest

from monitoring.access import viewer_of
from monitoring.shown.response.assessments import rows_for
from patients.vocabulary import Role
from patients.words.reading_words import NewDisease
from patients.writes.readings.drafts import start_reading
from patients.writes.readings.signing import adjudicate, reopen_visits
from tests.assessing import visits
from tests.factories import followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    return followed_patient(team, lesions=1, dates=3)


@pytest.fixture
def anna(team):
    return login(team, Role.READER, username="anna")


@pytest.fixture
def boris(team):
    return login(team, Role.READER, username="boris")


@pytest.fixture
def rows(rf, patient):
    """The rows as one login sees them."""

    def seen_by(user):
        request = rf.get("/")
        request.user = user
        return rows_for(patient, viewer_of(request), user)

    return seen_by


def test_each_visit_has_its_number_date_and_step(rows, patient, anna, boris):
    first, second, _third = visits(patient)
    signed_reading(first, anna)
    start_reading(second, anna)
    assert [(row.number, row.when, row.step) for row in rows(anna)] == [
        (1, "8 Jan 2024", "Your assessment"),
        (2, "4 Mar 2024", "Continue"),
        (3, "29 Apr 2024", "Assess"),
    ]
    assert [row.step for row in rows(boris)] == ["Assess as second reader", "Assess", "Assess"]
    assert [row.hidden_count for row in rows(boris)] == [1, 0, 0]
    assert rows(boris)[0].readings == ()


def test_a_reopened_one_is_to_be_assessed_again(rows, patient, anna):
    first = visits(patient)[0]
    signed_reading(first, anna)
    reopen_visits([first.pk], "New outlines")
    row = rows(anna)[0]
    assert (row.step, row.is_reopened, row.own.reopened_why) == ("Assess again", True, "New outlines")


def test_who_only_looks_has_no_step_and_sees_what_is_signed(rows, patient, anna, member):
    signed_reading(visits(patient)[0], anna)
    start_reading(visits(patient)[1], anna)
    seen = rows(member)
    assert {row.step for row in seen} == {""}
    assert [len(row.readings) for row in seen] == [1, 0, 0]


def test_a_difference_shows_until_somebody_else_decides(rows, team, patient, anna, boris, member):
    first, steward = visits(patient)[0], login(team, Role.STEWARD)
    signed_reading(first, anna)
    chosen = signed_reading(first, boris, new_disease=NewDisease.YES)
    assert rows(anna)[0].about == ("new lesion",)
    assert [rows(user)[0].may_decide for user in (anna, steward, member)] == [False, True, False]
    adjudicate(first, chosen, steward, "There in both phases.")
    row = rows(anna)[0]
    assert (row.about, row.counting_pk, row.decision.why) == ((), chosen.pk, "There in both phases.")


def test_a_third_reader_learns_of_a_difference_only_that_it_is_there(rows, team, patient, anna, boris):
    first = visits(patient)[0]
    signed_reading(first, anna)
    signed_reading(first, boris, new_disease=NewDisease.YES)
    row = rows(login(team, Role.READER))[0]
    assert (row.about, row.may_decide, row.readings, row.hidden_count) == ((), True, (), 2)
