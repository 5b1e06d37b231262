"""What an assessment never takes: sizes nobody can measure, more parts than a lesion has, an act it does not know."""

import pytest

from patients.models import Reading
from patients.vocabulary import Role
from tests.assessing import address, entered, visits, words
from tests.factories import followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(team):
    return visits(followed_patient(team, lesions=1, dates=2))[1]


@pytest.fixture
def client(as_user, team):
    return as_user(login(team, Role.READER))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"is_own": "on", "diameter_mm": "0.49", "diameter_why": "x"}, "at least 0.5 and at most 600 mm"),
        ({"state": "SPLIT", "parts": "12 0.4"}, "at least 0.5 and at most 600 mm"),
        ({"state": "SPLIT", "parts": " ".join(["5"] * 11)}, "At most 10 parts stand here."),
    ],
)
def test_sizes_beyond_measuring_are_refused_in_words(client, visit, said, sentence):
    lesion = visit.patient.lesions.get()
    answer = client.post(address(visit), entered(visit, **{f"lesion-{lesion.pk}-{k}": v for k, v in said.items()}))
    assert answer.status_code == 422
    assert sentence in words(answer)


@pytest.mark.parametrize("said", [{"is_own": "on", "diameter_mm": "0.5", "diameter_why": "x"}, {"state": "SPLIT"}])
def test_sizes_at_the_bounds_are_taken(client, visit, said):
    lesion = visit.patient.lesions.get()
    whole = said | {"parts": " ".join(["0.5"] * 10)}
    sent = entered(visit, **{f"lesion-{lesion.pk}-{k}": v for k, v in whole.items()})
    assert client.post(address(visit), sent).status_code == 302


def test_an_unknown_act_is_refused_and_nothing_is_kept(client, visit):
    assert client.post(address(visit), entered(visit, act="destroy")).status_code == 400
    assert not Reading.objects.exists()
