"""A site for patients does not start unsafe, and says why."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from monitoring.security.starting import refuse_unsafe
from monitoring.security.unsafe import refusals
from tests.monitoring.test_settings import HOSPITAL, ROOT, start

SITE = {
    "DEBUG": False,
    "IS_HOSPITAL": True,
    "IS_HTTPS": True,
    "MFA_REQUIRED": True,
    "MFA_WAIVED": "",
    "ALLOWED_HOSTS": ["deltarad.example"],
    "SECRET_KEY": "one key of its own, drawn by chance 4711",
    "SITE_KEY": "another key, drawn by chance as well 0815",
    "REDIS_URL": "rediss://:word@redis.example:6379/0",
}
UNSAFE = [
    ({"DEBUG": True, "IS_HOSPITAL": False}, "DELTARAD_DEBUG shows the inside of every error"),
    ({"SECRET_KEY": "a" * 60}, "DELTARAD_SECRET_KEY is easy to guess"),
    ({"SECRET_KEY": "django-insecure-abcdefghijklmnopqrstuvwxyz"}, "DELTARAD_SECRET_KEY is easy to guess"),
    ({"SITE_KEY": SITE["SECRET_KEY"]}, "must differ"),
    ({"ALLOWED_HOSTS": ["*"]}, "must name the site"),
    ({"IS_HTTPS": False}, "DELTARAD_HTTPS is 0"),
    ({"MFA_REQUIRED": False}, "DELTARAD_MFA is 0: say in DELTARAD_MFA_WAIVED why"),
    ({"REDIS_URL": "redis://redis.example:6379/0"}, "without a password"),
]


def test_a_safe_site_is_refused_nothing():
    assert list(refusals(SITE)) == []
    assert list(refusals({**SITE, "REDIS_URL": "unix:///run/redis.sock?db=0"})) == []
    assert list(refusals({**SITE, "MFA_REQUIRED": False, "MFA_WAIVED": "the proxy asks for a card"})) == []


@pytest.mark.parametrize(("changed", "words"), UNSAFE)
def test_an_unsafe_one_is_told_what_to_do(changed, words):
    assert [words in told for told in refusals({**SITE, **changed})] == [True]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DELTARAD_MFA": "0"}, "DELTARAD_MFA is 0"),
        ({"DELTARAD_HTTPS": "0"}, "DELTARAD_HTTPS is 0"),
        ({"REDIS_URL": "redis://redis.example:6379/0"}, "without a password"),
        ({"DELTARAD_OIDC_ISSUER": "http://identity.example"}, "must begin with https://"),
        ({"DELTARAD_OIDC_ISSUER": "https://identity.example"}, "DELTARAD_OIDC_CLIENT_ID must be set"),
    ],
)
def test_a_start_stops_with_the_sentence(tmp_path, changed, words):
    run = start(tmp_path, "check", **{**HOSPITAL, **changed})
    assert run.returncode != 0 and words in run.stderr


def served(tmp_path, module: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """What a web server does first: import the application. No manage.py stands before it."""
    plain = {"PATH": os.environ["PATH"], "DELTARAD_HOME": str(tmp_path / "home"), **HOSPITAL, **changed}
    command = [sys.executable, "-c", f"import {module}; print('serving')"]
    return subprocess.run(command, env=plain, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["monitoring.wsgi", "monitoring.asgi"])
def test_a_web_server_starts_with_what_is_safe(tmp_path, module):
    run = served(tmp_path, module)
    assert run.stdout == "serving\n", run.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DELTARAD_MFA": "0"}, "DELTARAD_MFA is 0"),
        ({"DELTARAD_HTTPS": "0"}, "DELTARAD_HTTPS is 0"),
        ({"DELTARAD_ALLOWED_HOSTS": "*"}, "must name the site"),
        ({"DELTARAD_RESPONSE_PROTOCOL": '{"no_such_rule": 1}'}, "Correct DELTARAD_RESPONSE_PROTOCOL."),
    ],
)
def test_a_web_server_does_not_start_with_what_is_not(tmp_path, changed, words):
    for module in ("monitoring.wsgi", "monitoring.asgi"):
        run = served(tmp_path, module, **changed)
        assert run.returncode != 0 and words in run.stderr and not run.stdout


def test_an_address_without_a_policy_is_not_served():
    with (
        override_settings(ROOT_URLCONF="tests.access.extra_urls"),
        pytest.raises(ImproperlyConfigured, match="unwri"),
    ):
        refuse_unsafe()
