"""Signing in: throttled, one answer for whoever is unknown, a second factor that is used once, sessions that end."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client

from patients.vocabulary import Role
from tests.access.asking import body
from tests.browser import PASSWORD
from tests.factories import PatientFactory, login

pytestmark = pytest.mark.django_db
WRONG = "not the password at all"


@pytest.fixture
def anna(team) -> User:
    user = login(team, Role.ONCOLOGIST, username="anna")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(team) -> str:
    return f"/patients/{PatientFactory.create(team=team).code}/"


def sign_in(client: Client, name: str = "anna", password: str = PASSWORD, **more):
    return client.post("/sign-in", {"login": name, "password": password}, **more)


def code_of(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def set_up(client: Client) -> str:
    """An authenticator app; its key."""
    shown = client.get("/account/second-factor").content.decode()
    assert '<svg class="qr"' in shown and "data:" not in shown
    secret = re.search(r'class="key">(\w+)<', shown)[1]
    answer = client.post("/account/second-factor", {"code": code_of(secret)})
    assert answer["Location"] == "/account/recovery-codes"
    return secret


def test_a_password_opens_the_site_under_a_new_key(anna, page):
    client = Client()
    client.get("/")
    client.session["planted"] = True
    before = client.session.session_key
    assert sign_in(client)["Location"] == "/"
    assert client.session.session_key != before
    assert client.get(page).status_code == 200
    assert User.objects.get(pk=anna.pk).password.startswith("argon2$")


def test_one_name_is_throttled_after_ten_wrong_passwords_and_free_again_by_itself(anna, monkeypatch):
    for number in range(10):
        assert "do not belong together" in shown(sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), password=WRONG))
    refused = sign_in(Client())
    assert refused.status_code == 200 and "Too many wrong passwords" in shown(refused)
    now = time.time
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now() + 301)
    assert sign_in(Client())["Location"] == "/"


def test_one_address_is_throttled_after_fifty_names_and_others_are_not(anna):
    for number in range(50):
        sign_in(Client(REMOTE_ADDR="10.0.0.1"), name=f"nobody-{number}", password=WRONG)
    assert "Too many wrong passwords" in shown(sign_in(Client(REMOTE_ADDR="10.0.0.1")))
    assert sign_in(Client(REMOTE_ADDR="10.0.0.2"))["Location"] == "/"


def shown(answer) -> str:
    return str(answer.content.decode())


def counted(kept, calls: list[str]):
    """The same function, each call of it noted."""

    def noted(*words):
        calls.append(kept.__name__)
        return kept(*words)

    return noted


def test_unknown_closed_and_wrong_are_one_answer_at_one_cost(anna, team, monkeypatch):
    closed = login(team, Role.ONCOLOGIST, username="closed", is_active=False)
    closed.set_password(PASSWORD)
    closed.save()
    hashed: list[str] = []
    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, counted(getattr(Argon2PasswordHasher, name), hashed))
    asked = {"anna": WRONG, "nobody": WRONG, "closed": PASSWORD}
    told, costs = set(), []
    for name, password in asked.items():
        hashed.clear()
        answer = sign_in(Client(), name, password)
        told.add((answer.status_code, body(answer).replace(name.encode(), b"")))
        costs.append(len(hashed))
    assert len(told) == 1
    assert costs == [1, 1, 1]


def test_an_authenticator_app_is_set_up_and_asked_for(anna, page):
    client = Client()
    sign_in(client)
    assert client.post("/account/second-factor", {"code": "000000"}).status_code in (200, 302)
    secret = set_up(client)
    codes = re.findall(r"<li><code>(\w+)</code>", client.get("/account/recovery-codes").content.decode())
    assert len(codes) == 10
    again = client.get("/account/recovery-codes").content.decode()
    assert "shown once" in again and codes[0] not in again
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored and not any(code in stored for code in codes)
    other = Client()
    assert sign_in(other)["Location"] == "/sign-in/code"
    assert other.get(page).status_code == 302 and "_auth_user_id" not in other.session
    key = other.session.session_key
    assert other.post("/sign-in/code", {"code": "123"}).status_code == 200
    code = code_of(secret, 1)
    assert other.post("/sign-in/code", {"code": code})["Location"] == "/"
    assert other.session.session_key != key and other.get(page).status_code == 200
    third = Client()
    sign_in(third)
    assert third.post("/sign-in/code", {"code": code}).status_code == 200, "a code opens once"
    assert third.post("/sign-in/code", {"code": codes[3]})["Location"] == "/"
    fourth = Client()
    sign_in(fourth)
    assert fourth.post("/sign-in/code", {"code": codes[3]}).status_code == 200, "a recovery code opens once"


def test_codes_are_throttled(anna):
    client, other = Client(), Client()
    sign_in(client)
    secret = set_up(client)
    sign_in(other)
    for _ in range(10):
        other.post("/sign-in/code", {"code": "000000"})
    assert other.post("/sign-in/code", {"code": code_of(secret, 1)}).status_code == 200


def test_where_a_second_factor_is_required_no_patient_is_seen_without(anna, page, settings):
    settings.MFA_REQUIRED = True
    client = Client()
    sign_in(client)
    assert client.get(page)["Location"] == "/account/second-factor"
    assert client.get(page, headers={"HX-Request": "true"}).status_code == 401
    set_up(client)
    assert client.get(page).status_code == 200
    refused = client.post("/account/second-factor/remove").content.decode()
    assert "asks everybody for a second factor" in refused
    assert Authenticator.objects.filter(user=anna, type="totp").exists()


def test_where_it_is_not_required_it_can_be_taken_off(anna):
    client = Client()
    sign_in(client)
    set_up(client)
    assert client.post("/account/second-factor/remove")["Location"] == "/account/"
    assert not Authenticator.objects.filter(user=anna).exists()


def test_a_new_password_ends_every_other_session(anna, page):
    here, elsewhere = Client(), Client()
    sign_in(here), sign_in(elsewhere)
    short = {"oldpassword": PASSWORD, "password1": "Kj3-9xQ2vb", "password2": "Kj3-9xQ2vb"}
    assert "at least 12 characters" in here.post("/account/password", short).content.decode()
    long = {**short, "password1": "Kj3-9xQ2vb-77", "password2": "Kj3-9xQ2vb-77"}
    assert here.post("/account/password", long).status_code == 302
    assert here.get(page).status_code == 200
    assert elsewhere.get(page)["Location"].startswith("/sign-in")


def test_a_closed_login_ends_its_sessions(anna, page):
    client = Client()
    sign_in(client)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert client.get(page)["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("idle_s", "steps"), [(900, 1), (600, 60)])
def test_a_session_ends_when_nobody_asks_and_after_a_day_of_work(anna, page, settings, monkeypatch, idle_s, steps):
    settings.SESSION_IDLE_SECONDS = 890
    client = Client()
    sign_in(client)
    began, now = time.time(), [0.0]
    monkeypatch.setattr("monitoring.security.sessions.time.time", lambda: began + now[0])
    answers = []
    for _ in range(steps):
        now[0] += idle_s
        answers.append(client.get(page).status_code)
    assert answers[-1] == 302
    assert answers[0] == (302 if steps == 1 else 200)
    assert answers.count(200) == (0 if steps == 1 else (settings.SESSION_COOKIE_AGE - 1) // idle_s)


def test_nobody_signs_up_and_the_administration_has_no_door_of_its_own(anna, client):
    for address in ("/sign-up", "/accounts/signup/", "/account/signup"):
        assert client.get(address).status_code == 404
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/sign-in?next=%2Fadmin%2F"
    sign_in(client)
    assert client.get("/admin/login/").status_code == 404


def test_where_one_is_led_afterwards_is_this_site(anna, client):
    answer = client.post("/sign-in", {"login": "anna", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_a_field_is_named_once_by_its_label(anna, client):
    pages = ["/sign-in"]
    sign_in(client)
    pages += ["/account/password", "/account/second-factor", "/account/again"]
    for number, page in enumerate(pages):
        shown = (Client() if number == 0 else client).get(page).content.decode()
        assert "placeholder" not in shown and "<label" in shown, page
