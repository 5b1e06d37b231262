"""Access tokens: made with a recent password, shown once, ended by time, by hand, with the login; each use is told."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from monitoring.security import policy as policy_file
from monitoring.security.policy import PolicyWrong, policies
from patients.models import AccessToken, AuditEvent
from patients.vocabulary import Role
from patients.words.token_words import Scope, digest_of_token
from patients.writes.tokens import TokenRefused, make_token, revoke_tokens
from tests.factories import PatientFactory, login

pytestmark = pytest.mark.django_db
PAGE, REVOKE = "/account/tokens", "/account/tokens/revoke"


@pytest.fixture
def anna(team) -> User:
    return login(team, Role.ONCOLOGIST, username="anna")


@pytest.fixture
def patient(team):
    return PatientFactory.create(team=team, pseudonym="SEEN-BY-ANNA")


def script(secret: str, **more) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"}, **more)


def token_of(user: User, *scopes: Scope, days: int = 30) -> tuple[AccessToken, str]:
    return make_token(user, "nightly table", scopes or (Scope.FEATURES,), days, has_second_factor=False)


def made_on_page(client: Client, **more):
    return client.post(PAGE, {"name": "nightly table", "scopes": ["features:export"], "days": "30", **more})


def test_it_is_made_on_the_own_page_and_shown_once(as_user, anna, patient):
    client = as_user(anna)
    shown = made_on_page(client).content.decode()
    secret = re.search(r"deltarad_[\w-]{43}", shown)[0]
    assert secret not in client.get(PAGE).content.decode()
    row = AccessToken.objects.get()
    assert row.digest == digest_of_token(secret) and secret not in str(AccessToken.objects.values())
    table = script(secret).get("/patients/export.csv")
    assert table.status_code == 200 and table.getvalue().startswith(b"synthetic,patient")
    assert made_on_page(client).status_code == 422
    assert made_on_page(client, name="other", scopes=[]).status_code == 422
    assert made_on_page(client, name="other", days="36500").status_code == 422
    assert AccessToken.objects.count() == 1


def test_an_old_session_gives_its_password_again_first(as_user, anna):
    client = as_user(anna)
    session = client.session
    session["signed_in_at"] = session["signed_in_at"] - 301
    session["account_authentication_methods"] = []
    session.save()
    assert made_on_page(client)["Location"].startswith("/account/again")
    assert not AccessToken.objects.exists()


def test_it_sees_what_its_login_sees_now(anna, patient):
    _, secret = token_of(anna)
    address = f"/patients/{patient.code}/export.csv"
    assert script(secret).get(address).status_code == 200
    anna.groups.clear()
    assert script(secret).get(address).status_code == 404
    assert script(secret).get("/patients/export.csv").status_code == 403


@pytest.mark.parametrize("end", ["time", "hand", "login", "unknown"])
def test_what_is_ended_opens_nothing_and_is_told(anna, patient, end):
    token, secret = token_of(anna)
    if end == "time":
        past = timezone.now() - timedelta(minutes=1)
        AccessToken.objects.update(made_at=past - timedelta(days=1), expires_at=past)
    elif end == "hand":
        assert revoke_tokens(anna.pk, token.code) == 1
    elif end == "login":
        User.objects.update(is_active=False)
    else:
        secret += "x"
    answer = script(secret).get("/patients/export.csv")
    assert answer.status_code == 401 and b"opens nothing" in answer.content
    assert "invalid_token" in answer.headers["WWW-Authenticate"]
    told = AuditEvent.objects.get(deed="SIGN_IN_FAILED")
    assert (told.user_pk, told.detail["token"]) == ((None, "") if end == "unknown" else (anna.pk, str(token.code)))


def test_each_use_is_in_the_audit_trail_as_a_session_s_is(anna, patient):
    token, secret = token_of(anna)
    script(secret).get(f"/patients/{patient.code}/export.csv")
    script(secret).get("/patients/")
    seen, refused = AuditEvent.objects.filter(deed__in=("EXPORTED", "REFUSED")).order_by("pk")
    assert (seen.login, seen.patient_code, seen.door) == ("anna", patient.code, "patient_csv")
    assert (refused.login, refused.door, refused.status) == ("anna", "cohort", 403)
    assert {one.detail["token"] for one in (seen, refused)} == {str(token.code)}
    assert AccessToken.objects.get().used_at is not None


def test_a_token_beside_a_session_is_the_token_alone(as_user, anna, owner, patient):
    _, secret = token_of(login(patient.team, Role.AUDITOR), *Scope)
    client = as_user(owner)
    assert client.get("/patients/").status_code == 200
    assert client.get("/patients/", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert client.get("/patients/export.csv", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert client.get("/patients/export.csv", headers={"Authorization": "Bearer x"}).status_code == 401


def test_where_a_second_factor_is_required_one_made_without_opens_nothing(anna, patient, settings):
    _, secret = token_of(anna)
    _, strong = make_token(anna, "with", [Scope.FEATURES], 30, has_second_factor=True)
    settings.MFA_REQUIRED = True
    assert script(secret).get("/patients/export.csv").status_code == 401
    assert script(strong).get("/patients/export.csv").status_code == 200


def test_only_one_s_own_are_revoked(as_user, anna, owner):
    token, _ = token_of(anna)
    assert as_user(owner).post(REVOKE, {"token": token.code}).status_code == 404
    assert as_user(owner).post(REVOKE, {"token": "x"}).status_code == 404
    assert AccessToken.objects.get().revoked_at is None
    for _ in range(2):
        assert as_user(anna).post(REVOKE, {"token": token.code})["Location"] == PAGE
    assert AuditEvent.objects.filter(deed="TOKEN_REVOKED").count() == 1
    assert "revoked" in as_user(anna).get(PAGE).content.decode()
    with pytest.raises(TokenRefused):
        token_of(anna), token_of(anna)


def test_a_token_and_wrong_ones_are_throttled(anna, patient, settings):
    settings.TOKEN_RATE_LIMITS = {"token": "3/5m/key", "token_failed": "2/5m/ip"}
    _, secret = token_of(anna)
    assert [script(secret).get("/patients/export.csv").status_code for _ in range(4)] == [200, 200, 200, 429]
    wrong, here = script("deltarad_wrong", REMOTE_ADDR="10.0.0.1"), script(secret, REMOTE_ADDR="10.0.0.1")
    assert [wrong.get("/patients/export.csv").status_code for _ in range(3)] == [401, 401, 429]
    assert here.get("/patients/export.csv")["Retry-After"] == "300"


@pytest.mark.parametrize(
    "line",
    [
        "due: {GET: C, token: everything}",
        'due: {GET: C, POST: C, token: "labs:export"}',
        'due: {open: true, GET: C, token: "labs:export"}',
        'due: {secret: true, GET: C, token: "labs:export"}',
    ],
)
def test_a_line_gives_tokens_a_known_scope_and_a_get_alone(monkeypatch, tmp_path, line):
    file = tmp_path / "policy.yaml"
    file.write_text(line)
    monkeypatch.setattr(policy_file, "FILE", file)
    with pytest.raises(PolicyWrong, match="takes a token"):
        policies.__wrapped__()


def test_every_scope_opens_something():
    assert {policy.scope for policy in policies().values()} - {""} == set(Scope)


def test_the_supervisor_s_own_token_is_not_asked_here(client, settings):
    settings.METRICS_TOKEN = "deltarad_of the supervisor"
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    assert answer.status_code == 200
    assert not AccessToken.objects.exists()
