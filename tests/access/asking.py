"""What the policy promises an asker, and what the site answered, in the same five words."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from enum import Enum
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client, override_settings

from monitoring.security.gate import is_administration
from monitoring.security.policy import ANYONE, METHODS, Policy, policies
from tests.access.states import State
from tests.access.world import World


class Answer(Enum):
    """The five ways in which a request can end."""

    GIVEN = "given"
    SIGN_IN = "sign in first"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    NO_METHOD = "405"


# Given to whoever may ask, and yet there is nothing at the end of them: no such page, no issuer, no second factor.
LEADING_NOWHERE = {"admin:", "admin:view_on_site", "openid_connect_login", "openid_connect_callback"}
LEADING_NOWHERE |= {"mfa_deactivate_totp", "mfa_view_recovery_codes"}
# It ends a token of one's own, and the asker has none.
LEADING_NOWHERE |= {"token_revoke"}
# The form names one of the asker's own teams: who has none is told that there is no such thing.
NAMING_A_TEAM = {"harmonisation_fit"}


def promised(policy: Policy, state: State, method: str) -> Answer:
    """What the file says."""
    if not state.is_signed_in and not policy.is_open:
        return Answer.SIGN_IN
    if state.scopes is not None and not policy.is_open and policy.scope not in state.scopes:
        return Answer.FORBIDDEN
    if is_administration(policy) and not policy.is_open and not state.is_keeper:
        return Answer.NOT_FOUND
    if state.lacks_factor and not (policy.is_open or policy.is_early):
        return Answer.SIGN_IN
    if not policy.allows(method):
        return Answer.NO_METHOD
    given = Answer.NOT_FOUND if policy.name in LEADING_NOWHERE else Answer.GIVEN
    who = policy.who(method)
    if ANYONE in who:
        return given
    sees_patients = bool(state.who & policies()["patient"].who("GET"))
    if policy.row and not (state.is_in_team and sees_patients):
        return Answer.NOT_FOUND
    return given if state.who & who else Answer.FORBIDDEN


def answered(response: Any) -> Answer:
    """What came back. A server error is no answer."""
    assert response.status_code < 500, response.status_code
    location = response.headers.get("Location", "")
    if response.status_code == 401 or location.startswith(("/sign-in", "/admin/login", "/account/second-factor")):
        return Answer.SIGN_IN
    refusals = {403: Answer.FORBIDDEN, 404: Answer.NOT_FOUND, 405: Answer.NO_METHOD}
    return refusals.get(response.status_code, Answer.GIVEN)


def ask(client: Client, method: str, address: str, data: dict[str, Any] | None = None) -> Any:
    """One request, of which nothing is left behind."""
    cookies = SimpleCookie({name: one.value for name, one in client.cookies.items()})
    is_reading = method in ("GET", "HEAD", "OPTIONS")
    with nullcontext() if is_reading else transaction.atomic():
        sent = {"data": data} if method in ("GET", "HEAD", "POST") and data else {}
        response = client.generic(method, address) if not sent else getattr(client, method.lower())(address, **sent)
        if response.streaming:
            # What fails while it is written must fail here.
            response.getvalue()
        if not is_reading:
            transaction.set_rollback(True)
    client.cookies = cookies
    return response


def body(response: Any) -> bytes:
    """The page without what is drawn anew each time."""
    drawn = rb'(?<=X-CSRFToken": ")[^"]+|(?<=csrfmiddlewaretoken" value=")[^"]+|(?<=idempotency_key" value=")[^"]+'
    return re.sub(drawn, b"", response.content)


def leaks(world: World, state: State, only: set[str] | None = None, client: Client | None = None) -> Iterator[str]:
    """Every address and method where the answer is not the one that is promised."""
    with override_settings(MFA_REQUIRED=state.lacks_factor):
        yield from _leaks(world, state, only, client or state.open(world.ours, world.theirs))


def _leaks(world: World, state: State, only: set[str] | None, client: Client) -> Iterator[str]:
    for policy in policies().values():
        if only is not None and policy.name not in only:
            continue
        # What is open to who has yet to give a code, or leads there.
        if state.is_pending and policy.name in ("home", "account_login", "mfa_authenticate"):
            continue
        address = world.address(policy.name, policy.row, world.ours)
        data = world.data(policy.name, world.ours)
        for method in METHODS:
            expected = promised(policy, state, method)
            got = answered(ask(client, method, address, data))
            if policy.name in NAMING_A_TEAM and not state.is_in_team and got is Answer.NOT_FOUND:
                continue
            if got is not expected:
                yield f"{state.name}: {method} {policy.name}: {got.value}, not {expected.value}"
