"""The pages that put scans under another patient: chosen, looked at, done once, by a steward who sees both."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import Move, Patient
from patients.vocabulary import Role, RunState, Step
from patients.words.identity_words import MoveState
from radiomics_tasks.models import ProcessingRun
from tests.factories import MembershipFactory, PatientFactory, facts, login
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
WHY = "Both names were read out on the telephone."
KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "b" * 64, "sex_hmac": "c" * 64}


@pytest.fixture
def one():
    return followed([50.0, 40.0, 60.0])


@pytest.fixture
def other(one):
    return followed([21.0, 22.0], team=one.team)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def steward(one):
    return login(one.team, Role.STEWARD)


def chosen(one, other, scans) -> dict:
    return {"scans": [str(scan.code) for scan in scans], "pseudonym": other.pseudonym}


def seen(client, one, said) -> str:
    page = client.get(reverse("moving", args=[one.code]), said).content.decode()
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def sent(client, one, said, **more):
    said = {**said, "seen": seen(client, one, said), "reason": WHY, **more}
    return client.post(reverse("moving", args=[one.code]), said)


def test_it_is_looked_at_before_it_is_done(one, other, steward):
    client, scan = as_(steward), one.scans.first()
    page = client.get(reverse("moving", args=[one.code]), chosen(one, other, [scan])).content.decode()
    assert "What will happen" in page and f"<strong>{other.pseudonym}</strong>" in page
    assert one.scans.count() == 3, "looking does nothing"
    answer = sent(client, one, chosen(one, other, [scan]))
    move = Move.objects.get()
    assert answer.headers["Location"] == reverse("move", args=[move.code])
    assert (move.state, other.scans.count()) == (MoveState.DONE, 3)
    due = ProcessingRun.objects.filter(state=RunState.QUEUED)
    assert set(due.filter(step=Step.REASSESS).values_list("subject_pk", flat=True)) == {one.pk, other.pk}
    assert due.filter(step=Step.EXTRACT, subject_pk=scan.pk).exists()
    for patient in (one, other):
        assert move.get_kind_display() in client.get(reverse("patient", args=[patient.code])).content.decode()


def test_two_tabs_do_it_once_and_the_second_is_told(one, other, steward):
    client, said = as_(steward), chosen(one, other, one.scans.all()[:1])
    here, there = seen(client, one, said), seen(client, one, said)
    address = reverse("moving", args=[one.code])
    assert client.post(address, {**said, "seen": here, "reason": WHY}).status_code == 302
    assert client.post(address, {**said, "seen": there, "reason": WHY}).status_code in (409, 422)
    assert Move.objects.count() == 1


def test_a_double_click_gets_the_first_answer(one, other, steward):
    client, said = as_(steward), chosen(one, other, one.scans.all()[:1])
    key = "11111111-2222-4333-8444-555555555555"
    said |= {"seen": seen(client, one, said), "reason": WHY, "idempotency_key": key}
    first, second = (client.post(reverse("moving", args=[one.code]), said) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] and Move.objects.count() == 1


def test_what_changed_since_it_was_looked_at_is_not_done(one, other, steward):
    client, said = as_(steward), chosen(one, other, one.scans.all()[:1])
    before = seen(client, one, said)
    Patient.objects.filter(pk=other.pk).update(**KNOWN)
    one.scans.update(facts=facts(identity={**KNOWN, "sex_hmac": "d" * 64}))
    answer = client.post(reverse("moving", args=[one.code]), {**said, "seen": before, "reason": WHY})
    assert answer.status_code == 409 and not Move.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.STEWARD])
def test_nobody_but_a_steward(one, other, role):
    client = as_(login(one.team, role))
    said = {**chosen(one, other, one.scans.all()[:1]), "reason": WHY, "seen": ""}
    answer = client.post(reverse("moving", args=[one.code]), said)
    assert answer.status_code in (403, 404) and not Move.objects.exists()


def test_another_teams_patient_is_nobodys_target(one, steward):
    foreign = PatientFactory.create()
    client = as_(steward)
    page = client.get(reverse("moving", args=[one.code]), chosen(one, foreign, one.scans.all()[:1]))
    assert "No patient of yours has this pseudonym" in page.content.decode()
    said = {**chosen(one, foreign, one.scans.all()[:1]), "is_new": "on", "reason": WHY}
    answer = client.post(reverse("moving", args=[one.code]), said)
    assert answer.status_code == 422 and not Move.objects.exists(), "as good as taken"


def test_the_second_steward_decides_and_the_first_does_not(one, other, steward):
    Patient.objects.filter(pk=other.pk).update(**KNOWN)
    one.scans.update(facts=facts(identity={**KNOWN, "birth_date_hmac": "d" * 64}))
    client, second = as_(steward), as_(login(one.team, Role.STEWARD))
    sent(client, one, chosen(one, other, one.scans.all()[:1]))
    move = Move.objects.get()
    address = reverse("move", args=[move.code])
    assert move.state == MoveState.ASKED and "another steward decides" in client.get(address).content.decode()
    assert client.post(address, {"act": "agree", "reason": WHY}).status_code == 403
    assert reverse("move", args=[move.code]) in second.get(reverse("inbox")).content.decode()
    assert second.post(address, {"act": "agree", "reason": "no"}).status_code == 422
    assert second.post(address, {"act": "agree", "reason": WHY}).status_code == 302
    assert second.post(address, {"act": "refuse", "reason": WHY}).status_code == 409
    move.refresh_from_db()
    assert (move.state, other.scans.count()) == (MoveState.DONE, 3)
    assert as_(login(one.team, Role.COORDINATOR)).post(address, {"act": "back", "reason": WHY}).status_code == 403
    assert as_(login(PatientFactory.create().team, Role.STEWARD)).get(address).status_code == 404


def test_it_is_put_back(one, other, steward):
    client = as_(steward)
    sent(client, one, chosen(one, other, one.scans.all()[:1]))
    address = reverse("move", args=[Move.objects.get().code])
    assert "Put back what went" in client.get(address).content.decode()
    assert client.post(address, {"act": "back", "reason": WHY}).status_code == 302
    assert client.post(address, {"act": "back", "reason": WHY}).status_code == 409
    assert (one.scans.count(), other.scans.count()) == (3, 2)


def test_who_was_put_together_says_so_to_those_who_see_both_and_is_gone_for_others(one):
    other = followed([21.0])
    both = login(one.team, Role.STEWARD)
    MembershipFactory.create(user=both, team=other.team)
    client = as_(both)
    assert sent(client, one, {"is_whole": "on", "pseudonym": other.pseudonym}).status_code == 302
    page = client.get(reverse("patient", args=[one.code])).content.decode()
    assert "are one" in page and reverse("patient", args=[other.code]) in page
    assert client.get(reverse("course_add", args=[one.code])).status_code == 403
    only = as_(login(one.team, Role.STEWARD))
    assert only.get(reverse("patient", args=[one.code])).status_code == 404
    assert only.get(reverse("patient_csv", args=[one.code])).status_code == 404
    assert one.pseudonym not in client.get(reverse("cohort")).content.decode()
