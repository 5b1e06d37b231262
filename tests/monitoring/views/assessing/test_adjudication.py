"""Two readings that differ: side by side, decided once by somebody else, with a reason that is kept."""

import pytest

from patients.models import Adjudication
from patients.vocabulary import Criterion, ResponseCategory, Role
from tests.assessing import address, is_armed, visits, words
from tests.factories import ResponseAssessmentFactory, followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(team):
    return visits(followed_patient(team, lesions=3, dates=2))[1]


@pytest.fixture
def readings(team, visit):
    lesion = visit.patient.lesions.order_by("pk")[0]
    first, second = (login(team, Role.READER, username=name) for name in ("anna", "boris"))
    return [
        signed_reading(visit, first, {lesion: 21.0}, note="portal venous"),
        signed_reading(visit, second, {lesion: 29.5}, new_disease="YES"),
    ]


@pytest.fixture
def third(team):
    return login(team, Role.READER, username="third")


def decision(chosen, **said):
    return {"reading": chosen.pk, "why": "The second phase shows it.", "seen": "0", **said}


def test_both_stand_side_by_side_with_what_differs_marked(as_user, third, visit, readings):
    for reading, category in zip(readings, (ResponseCategory.SD, ResponseCategory.PD), strict=True):
        ResponseAssessmentFactory.create(
            timepoint=visit, criterion=Criterion.RECIST_1_1, category=category, reader=reading.reader
        )
    shown = words(as_user(third).get(address(visit, "adjudication")))
    assert "anna<br>" in shown and "boris<br>" in shown and "portal venous" in shown
    assert '<tr class="differs"><th scope="row">New lesion</th>' in shown
    assert '<tr class="differs"><th scope="row">RECIST 1.1' in shown
    assert '<tr><th scope="row">Non-target disease</th>' in shown


def test_it_is_decided_once_with_a_reason(as_user, third, visit, readings):
    for _ in range(2):
        answer = as_user(third).post(address(visit, "adjudication"), decision(readings[1]))
        assert answer.status_code == 302
    row = Adjudication.objects.get()
    assert (row.reading, row.decided_by, row.why) == (readings[1], third, "The second phase shows it.")
    assert is_armed(visit.patient)
    assert "boris's counts" in words(as_user(third).get(address(visit, "adjudication")))


def test_a_decision_that_somebody_else_made_meanwhile_is_looked_at_first(as_user, team, third, visit, readings):
    steward = login(team, Role.STEWARD)
    as_user(third).post(address(visit, "adjudication"), decision(readings[1]))
    answer = as_user(steward).post(address(visit, "adjudication"), decision(readings[0]))
    assert answer.status_code == 422 and "Somebody decided meanwhile." in words(answer)
    newest = str(Adjudication.objects.get().pk)
    again = decision(readings[0], seen=newest)
    assert as_user(steward).post(address(visit, "adjudication"), again).status_code == 302
    assert [row.reading for row in Adjudication.objects.order_by("pk")] == [readings[1], readings[0]]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"why": ""}, "Give the reason for your decision."),
        ({"reading": ""}, "Choose the assessment that counts."),
        ({"reading": "0"}, "Select a valid choice."),
    ],
)
def test_what_is_missing_is_said(as_user, third, visit, readings, said, sentence):
    answer = as_user(third).post(address(visit, "adjudication"), decision(readings[0], **said))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not Adjudication.objects.exists()


def test_neither_of_the_two_readers_decides(as_user, visit, readings):
    own = as_user(readings[0].reader)
    assert "somebody else decides" in words(own.get(address(visit, "adjudication")))
    answer = own.post(address(visit, "adjudication"), decision(readings[0]))
    assert answer.status_code == 422 and "somebody else must decide" in words(answer)


def test_who_may_still_read_alone_is_shown_nothing_there(as_user, team, third, visit):
    signed_reading(visit, login(team, Role.READER))
    assert as_user(third).get(address(visit, "adjudication")).status_code == 404
    steward = as_user(login(team, Role.STEWARD))
    assert "not two signed assessments" in words(steward.get(address(visit, "adjudication")))


def test_a_reader_of_this_visit_alone_is_not_shown_who_read_all(as_user, third, visit, readings):
    before = visits(visit.patient)[0]
    signed_reading(before, readings[0].reader)
    signed_reading(visit, third)
    assert as_user(third).get(address(visit, "adjudication")).status_code == 404
    signed_reading(before, third)
    assert "portal venous" in words(as_user(third).get(address(visit, "adjudication")))


def test_only_the_team_and_only_the_right_roles(as_user, member, stranger, visit, readings):
    for ask in ("get", "post"):
        assert getattr(as_user(member), ask)(address(visit, "adjudication")).status_code == 403
        assert getattr(as_user(stranger), ask)(address(visit, "adjudication")).status_code == 404
