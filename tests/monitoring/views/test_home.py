"""The door: what an anonymous visitor sees, and where each role lands."""

import pytest

from patients.vocabulary import Role
from tests.factories import UserFactory, login

pytestmark = pytest.mark.django_db


def test_a_first_visitor_is_told_what_this_is_and_may_sign_in(client):
    answer = client.get("/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "For research use only" in page
    assert "Research software, not a medical device." in page
    assert 'name="password"' in page


@pytest.mark.parametrize(
    ("roles", "place"),
    [
        ([Role.COORDINATOR], "/inbox/"),
        ([Role.STEWARD], "/inbox/"),
        ([Role.COORDINATOR, Role.ONCOLOGIST], "/patients/"),
        ([Role.ONCOLOGIST], "/patients/"),
        ([Role.BOARD], "/patients/"),
        ([Role.READER], "/patients/"),
    ],
)
def test_each_role_lands_where_its_work_is(team, as_user, roles, place):
    assert as_user(login(team, *roles)).get("/")["Location"] == place


def test_an_administrator_lands_in_the_administration(as_user):
    assert as_user(UserFactory.create(roles=[Role.ADMIN], is_staff=True)).get("/")["Location"] == "/admin/"


def test_an_auditor_lands_in_the_audit_trail(team, as_user):
    assert as_user(login(team, Role.AUDITOR)).get("/")["Location"] == "/audit/"


def test_who_has_no_role_is_told_that_there_is_nothing_to_see(as_user):
    page = as_user(UserFactory.create()).get("/").content.decode()
    assert "Auditors and administrators see no patients" in page


def test_signing_in_goes_on_to_the_place_of_the_role(client, team):
    user = login(team, Role.BOARD, username="board")
    user.set_password("a long enough one")
    user.save()
    answer = client.post("/sign-in", {"login": "board", "password": "a long enough one"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/patients/"


def test_a_wrong_password_is_said_in_words(client):
    page = client.post("/sign-in", {"login": "nobody", "password": "wrong"}).content.decode()
    assert "User name and password do not belong together." in page


def test_signing_out_leads_back_to_the_door(as_user, owner):
    assert as_user(owner).post("/sign-out")["Location"] == "/"


def test_nothing_can_be_framed_or_scripted_from_elsewhere(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_theme_is_in_the_page_before_any_script(client):
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/").content.decode()
