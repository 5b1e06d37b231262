"""Signing in at a real issuer (OpenID Connect): who is known comes in; what is not as it should be stays out."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from monitoring.security.elsewhere import FAILED, UNKNOWN
from patients.models import AuditEvent
from patients.vocabulary import Role
from tests.factories import PatientFactory, login
from tests.issuer import CLIENT, SECRET, Issuer, running_issuer

pytestmark = pytest.mark.django_db
START = "/sign-in/with/hospital"


@pytest.fixture
def issuer(settings) -> Iterator[Issuer]:
    with running_issuer() as running:
        known: dict[str, Any] = {
            "provider_id": "hospital",
            "name": "your hospital",
            "client_id": CLIENT,
            "secret": SECRET,
        }
        known["settings"] = {"server_url": running.address, "fetch_userinfo": True}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [known], "OAUTH_PKCE_ENABLED": True}}
        settings.OIDC_ISSUER = running.address
        yield running


@pytest.fixture
def anna(team) -> User:
    user = login(team, Role.ONCOLOGIST, username="anna")
    user.set_unusable_password()
    user.save()
    return user


def led_back(client: Client) -> str:
    """Through the issuer's own page; the address to which it sends the browser back."""
    there = client.get(START)["Location"]
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    assert parts.path == "/sign-in/with/hospital/back"
    return f"{parts.path}?{parts.query}"


def come(client: Client) -> str:
    """Sign in there; where one stands afterwards."""
    return str(client.get(led_back(client))["Location"])


def is_out(client: Client, words: str) -> bool:
    return "_auth_user_id" not in client.session and words in client.get("/sign-in").content.decode()


def test_who_has_a_login_here_comes_in_and_again_by_subject(issuer, anna, team):
    client, page = Client(), f"/patients/{PatientFactory.create(team=team).code}/"
    client.get("/sign-in")
    assert come(client) == "/" and client.get(page).status_code == 200
    assert SocialAccount.objects.get().uid == "subject-1"
    assert AuditEvent.objects.filter(deed="SIGNED_IN", login="anna").exists()
    User.objects.filter(pk=anna.pk).update(username="anna-married")
    issuer.person["preferred_username"] = "somebody else"
    assert come(Client()) == "/"
    assert User.objects.count() == 1


TWISTS = {
    "another audience": {"aud": "another site"},
    "another issuer": {"iss": "https://identity.example"},
    "expired": {"exp": int(time.time()) - 60},
    "without an end": {"exp": None},
    "another nonce": {"nonce": "of another sign-in"},
    "without a nonce": {"nonce": None},
    "another subject than userinfo": {"sub": "subject-2"},
}


@pytest.mark.parametrize("twist", TWISTS)
def test_a_token_that_is_not_for_this_sign_in_is_refused(issuer, anna, twist):
    issuer.twisted = TWISTS[twist]
    client = Client()
    assert come(client) == "/sign-in" and is_out(client, FAILED)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "said", [{"is_stranger_signing": True}, {"algorithm": "none"}, {"is_without_token": True}], ids=str
)
def test_a_token_that_the_issuer_did_not_sign_is_refused(issuer, anna, said):
    vars(issuer).update(said)
    client = Client()
    assert come(client) == "/sign-in" and is_out(client, FAILED)


def test_a_way_back_is_gone_once_and_by_the_browser_that_set_out(issuer, anna):
    client = Client()
    back = led_back(client)
    other = Client()
    assert other.get(back)["Location"] == "/sign-in" and is_out(other, FAILED)
    assert client.get(back)["Location"] == "/"
    third = Client()
    assert third.get(back)["Location"] == "/sign-in" and is_out(third, FAILED)
    fourth = Client()
    fourth.get(START)
    assert fourth.get(f"{START}/back?error=access_denied&state=x")["Location"] == "/sign-in"


@pytest.mark.parametrize("case", ["nobody here", "closed", "another subject's name"])
def test_who_has_no_open_login_here_is_told_so(issuer, anna, case):
    if case == "nobody here":
        issuer.person["preferred_username"] = "berta"
    elif case == "closed":
        User.objects.update(is_active=False)
    else:
        SocialAccount.objects.create(user=anna, provider="hospital", uid="subject-9")
    client = Client()
    assert come(client) == "/sign-in" and is_out(client, UNKNOWN)
    assert User.objects.count() == 1


def test_a_login_that_is_closed_later_stays_out(issuer, anna):
    assert come(Client()) == "/"
    User.objects.update(is_active=False)
    client = Client()
    assert come(client) == "/sign-in" and is_out(client, UNKNOWN)


def test_roles_and_teams_are_given_here_whatever_the_token_says(issuer, anna):
    issuer.person |= {"roles": ["admin", "steward"], "groups": ["auditor"], "is_staff": True, "is_superuser": True}
    assert come(Client()) == "/"
    kept = User.objects.get(pk=anna.pk)
    assert list(kept.groups.values_list("name", flat=True)) == ["oncologist"]
    assert not kept.is_staff and not kept.is_superuser


@pytest.mark.parametrize("is_asked_there", [True, False])
def test_the_second_factor_is_the_issuer_s_only_where_the_site_says_so(issuer, anna, team, settings, is_asked_there):
    settings.MFA_REQUIRED, settings.OIDC_HAS_SECOND_FACTOR = True, is_asked_there
    client, page = Client(), f"/patients/{PatientFactory.create(team=team).code}/"
    come(client)
    answer = client.get(page)
    assert answer.status_code == 200 if is_asked_there else answer["Location"] == "/account/second-factor"


def test_each_sign_in_has_a_nonce_and_a_challenge_of_its_own(issuer):
    asked = [parse_qs(urlsplit(Client().get(START)["Location"]).query) for _ in range(2)]
    for name in ("nonce", "state", "code_challenge"):
        assert len({one[name][0] for one in asked}) == 2
    assert asked[0]["code_challenge_method"] == ["S256"]


def test_an_issuer_that_does_not_answer_is_told_as_such(issuer, anna, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    client = Client()
    assert client.get(START)["Location"] == "/sign-in" and is_out(client, FAILED)
