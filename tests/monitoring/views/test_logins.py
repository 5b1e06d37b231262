"""An administrator ends what opens a lost login: with a code of the own app, told in the audit trail, at once."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import AccessToken, AuditEvent
from patients.vocabulary import Role
from patients.words.token_words import Scope
from patients.writes.tokens import make_token
from tests.browser import PASSWORD
from tests.factories import login
from tests.monitoring.security.test_signing_in import code_of, sign_in

pytestmark = pytest.mark.django_db
PAGE, END = "/logins/", "/logins/end"


@pytest.fixture
def keeper(team) -> User:
    return login(team, Role.ADMIN, username="keeper")


@pytest.fixture
def secret(keeper) -> str:
    found = generate_totp_secret()
    TOTP.activate(keeper, found)
    return str(found)


@pytest.fixture
def anna(team) -> User:
    user = login(team, Role.ONCOLOGIST, username="anna")
    user.set_password(PASSWORD)
    user.save()
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    make_token(user, "a script", [Scope.FEATURES], 30, has_second_factor=True)
    return user


def end(client: Client, user: User, what: str, code: str):
    return client.post(END, {"login": user.pk, "what": what, "code": code})


def test_a_lost_phone(as_user, keeper, secret, anna):
    hers, pending, token = as_user(anna), Client(), AccessToken.objects.get()
    assert sign_in(pending)["Location"] == "/sign-in/code"
    shown = as_user(keeper).get(PAGE).content.decode()
    assert "authenticator app" in shown and "<td>2</td>" in shown
    assert end(as_user(keeper), anna, "factor", code_of(secret))["Location"] == PAGE
    assert not Authenticator.objects.filter(user=anna).exists()
    assert hers.get("/patients/")["Location"].startswith("/sign-in")
    assert pending.get("/sign-in/code")["Location"].startswith("/sign-in")
    token.refresh_from_db()
    assert token.revoked_at is not None
    told = AuditEvent.objects.filter(deed="ACCESS_CHANGED").values_list("login", "subject_code", "detail__what")
    assert set(told) == {("keeper", str(anna.pk), what) for what in ("second_factor_reset", "sessions_ended")}
    assert sign_in(Client())["Location"] == "/", "the password leads in, and to another app where one is required"


def test_a_laptop_that_was_left_signed_in(as_user, keeper, secret, anna):
    first, second, other = as_user(anna), as_user(anna), as_user(keeper)
    end(other, anna, "sessions", code_of(secret))
    assert [one.get("/patients/").status_code for one in (first, second)] == [302, 302]
    assert "2 sessions are ended" in other.get(PAGE).content.decode()
    assert Authenticator.objects.filter(user=anna).exists() and AccessToken.objects.get().revoked_at is None


def test_tokens_alone(as_user, keeper, secret, anna):
    hers = as_user(anna)
    end(as_user(keeper), anna, "tokens", code_of(secret))
    assert AccessToken.objects.get().revoked_at is not None
    assert hers.get("/patients/").status_code == 200


def test_a_code_is_asked_for_each_time_and_opens_once(as_user, keeper, secret, anna):
    client, code = as_user(keeper), code_of(secret)
    for wrong in ("", "000000"):
        assert end(client, anna, "factor", wrong).status_code == 422
    assert end(client, anna, "nothing", code).status_code == 422, "a code is not used up by what lacks something"
    assert Authenticator.objects.filter(user=anna).exists()
    assert end(client, anna, "tokens", code).status_code == 302
    assert end(client, anna, "factor", code).status_code == 422
    assert Authenticator.objects.filter(user=anna).exists()


def test_an_administrator_without_an_app_ends_nothing(as_user, keeper, anna):
    client = as_user(keeper)
    assert "you have none" in client.get(PAGE).content.decode()
    assert end(client, anna, "sessions", "000000").status_code == 422
    assert Authenticator.objects.filter(user=anna).exists()


def test_a_superuser_is_out_of_reach(as_user, keeper, secret, team):
    root = login(team, Role.ADMIN, username="root", is_superuser=True, is_staff=True)
    client = as_user(keeper)
    assert ">root<" not in client.get(PAGE).content.decode()
    theirs = as_user(root)
    assert end(client, root, "sessions", code_of(secret)).status_code == 422
    assert theirs.get(PAGE).status_code == 200


def test_the_page_asks_the_same_of_the_database_however_many_there_are(as_user, keeper, team):
    client = as_user(keeper)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        counts.append(len(asked))
        for _ in range(5):
            login(team, Role.READER)
    assert counts[0] == counts[1]
