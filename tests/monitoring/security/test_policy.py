"""The policy file: every address has a line, no line is empty talk, and what is not written is not shown."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import path

from monitoring.security import policy as policy_file
from monitoring.security.checks import policy_is_whole
from monitoring.security.policy import PolicyWrong, policies, routes
from monitoring.urls import urlpatterns
from tests.access.extra_urls import unwritten

EXTRA = "tests.access.extra_urls"


WITHOUT_DUE = [one for one in urlpatterns if getattr(one, "name", "") != "due"]


def found(patterns) -> list[str]:
    with override_settings(ROOT_URLCONF=type("Addresses", (), {"urlpatterns": patterns})):
        return [error.msg for error in policy_is_whole()]


def test_every_address_is_written_and_every_line_is_of_one():
    assert {route.name for route in routes()} == set(policies())
    assert policy_is_whole() == []


def test_a_view_without_a_line_does_not_start():
    with override_settings(ROOT_URLCONF=EXTRA):
        errors = [error for error in run_checks() if error.id == "monitoring.E002"]
    assert [error.msg for error in errors] == ["The address 'unwritten' (unwritten) has no policy."]


@pytest.mark.django_db
def test_a_view_without_a_line_is_not_shown(as_user, owner):
    with override_settings(ROOT_URLCONF=EXTRA):
        assert as_user(owner).get("/unwritten").status_code == 404


def test_a_line_without_a_view_does_not_start():
    assert found(WITHOUT_DUE) == ["The policy of 'due' is of no address."]


def test_an_address_that_names_a_row_says_whose():
    assert found([*WITHOUT_DUE, path("due/<uuid:code>", unwritten, name="due")]) == [
        "The address 'due/<uuid:code>' names a row, and the policy of 'due' does not say whose."
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("due: {GET: C Q}", "due names 'Q', which is no login"),
        ("due: {FETCH: C}", "due has 'FETCH', which is neither a method nor"),
        ("due: {HEAD: C}", "due has 'HEAD'"),
    ],
)
def test_a_line_that_says_nothing_does_not_start(monkeypatch, tmp_path, line, words):
    file = tmp_path / "policy.yaml"
    file.write_text(line)
    monkeypatch.setattr(policy_file, "FILE", file)
    monkeypatch.setattr("monitoring.security.checks.policies", policies.__wrapped__)
    with pytest.raises(PolicyWrong, match=words):
        policies.__wrapped__()
    assert words in policy_is_whole()[0].msg
