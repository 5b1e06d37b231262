"""Two readings that differ: side by side, decided once by somebody else, with a reason that is kept."""

import pytest

from patients.models import Adjudication
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Criterion, ResponseCategory, Role
from patients.words.reading_words import SizeState
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.assessing import address, entered, is_armed, visits, words
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


def test_sizes_that_differ_are_told_and_not_marked(as_user, third, visit, readings):
    shown = words(as_user(third).get(address(visit, "adjudication"))).replace("\u202f", " ")
    row = '<tr><th scope="row">liver 1<br><span class="soft small">sizes differ by 8.5 mm, 33.7 % of their mean</span>'
    name = readings[0].lesions.get().lesion.tracking_id
    assert row.replace("liver 1", name) in shown


def test_a_lesion_found_otherwise_is_marked(as_user, team, visit):
    steward = as_user(login(team, Role.STEWARD))
    lesion = visit.patient.lesions.order_by("pk")[0]
    for found in (21.0, SizeState.ABSENT):
        signed_reading(visit, login(team, Role.READER), {lesion: found})
    shown = words(steward.get(address(visit, "adjudication")))
    assert f'<tr class="differs"><th scope="row">{lesion.tracking_id}</th>' in shown


def test_whoever_read_elsewhere_is_compared_but_not_by_category(as_user, team, visit):
    steward, anna = login(team, Role.STEWARD), login(team, Role.READER, username="anna")
    for earlier in visits(visit.patient):
        signed_reading(earlier, anna)
        signed_reading(earlier, None, reader_name="Reader A", new_disease="YES")
    replace_findings(conclude(patient_timeline(visit.patient_id)))
    shown = words(as_user(steward).get(address(visit, "adjudication")))
    assert "Reader A<br>" in shown and "no call of its own" in shown and "not yet read" not in shown
    assert '<tr class="differs"><th scope="row">New lesion</th>' in shown
    assert '<tr class="differs"><th scope="row">RECIST 1.1' not in shown


def test_what_was_read_elsewhere_is_hidden_until_the_reader_signs(as_user, team, visit):
    signed_reading(visit, None, reader_name="Reader A", note="read elsewhere")
    reader = as_user(login(team, Role.READER))
    hidden = words(reader.get(address(visit)))
    assert "read elsewhere" not in hidden and "1 signed by another reader" in hidden
    reader.post(address(visit), entered(visit))
    assert "read elsewhere" in words(reader.get(address(visit)))
