"""Every answer carries the strict headers: as every kind of login, and where something went wrong."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from monitoring.security.policy import policies
from tests.access.asking import ask
from tests.access.states import STATES, State

pytestmark = pytest.mark.django_db
POLICY = {"object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"}


def faults(response) -> list[str]:
    """What is missing on one answer."""
    sent = response.headers
    parts = {part.split()[0]: part.split()[1:] for part in sent.get("Content-Security-Policy", "").split(";") if part}
    found = [name for name, word in POLICY.items() if parts.get(name) != [word]]
    found += [word for words in parts.values() for word in words if word in ("'unsafe-inline'", "'unsafe-eval'", "*")]
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    found += [name for name, value in wanted.items() if sent.get(name) != value]
    return found + [name for name in ("X-Request-ID", "Cache-Control") if name not in sent]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_every_address_as_everybody(world, state: State):
    client, found = state.open(world.ours, world.theirs), []
    for policy in policies().values():
        method = "GET" if "GET" in policy.methods else "POST"
        answer = ask(client, method, world.address(policy.name, policy.row, world.ours))
        found += [f"{method} {policy.name}: {fault}" for fault in faults(answer)]
        kept = answer.headers["Cache-Control"]
        if policy.row and "no-store" not in kept and "immutable" not in kept:
            found.append(f"{policy.name} may be kept: {kept}")
    assert found == []


def broken_view(*_args, **_kwargs):
    raise RuntimeError("hunter2 stands in the trace")


def test_what_goes_wrong_has_them_too_and_tells_only_its_number(owner, monkeypatch, settings):
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    settings.DEBUG = False
    monkeypatch.setattr("monitoring.views.cohort.listed", broken_view)
    answer = client.get("/patients/")
    assert answer.status_code == 500 and faults(answer) == []
    told = answer.content.decode()
    assert answer.headers["X-Request-ID"] in told and "hunter2" not in told and "Traceback" not in told


def suspicious(*_args, **_kwargs):
    raise SuspiciousOperation("hunter2")


def test_what_cannot_be_understood(owner, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    monkeypatch.setattr("monitoring.views.cohort.listed", suspicious)
    answer = client.get("/patients/")
    assert answer.status_code == 400 and faults(answer) == []
    assert answer.headers["X-Request-ID"] in answer.content.decode() and b"hunter2" not in answer.content
    assert faults(client.get("/", headers={"host": "elsewhere.example"})) == []


def test_a_form_from_elsewhere_is_refused(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    answer = client.post("/uploads/")
    assert answer.status_code == 403 and faults(answer) == []
    assert "came from another site" in answer.content.decode()


def test_a_redirect_to_https_has_them(settings, client):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/sign-in")
    assert answer.status_code == 301 and faults(answer) == []
