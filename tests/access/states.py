"""The kinds of login that ask: each role in the team and in another, taken away, closed, or not signed in at all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from monitoring.security.policy import SUPERUSER
from patients.models import AccessToken
from patients.vocabulary import Role
from patients.words.token_words import Scope
from patients.writes.tokens import make_token, revoke_tokens
from tests.access.world import Holding
from tests.browser import PASSWORD
from tests.factories import UserFactory

CLINICAL = (Role.COORDINATOR, Role.READER, Role.ONCOLOGIST, Role.STEWARD)


@dataclass(frozen=True)
class State:
    """One kind of login: what it has now, and how its browser comes by its session."""

    name: str
    who: frozenset[str]
    is_in_team: bool
    is_signed_in: bool
    is_keeper: bool
    open: Callable[[Holding, Holding], Client]
    lacks_factor: bool = False
    is_pending: bool = False
    # What an access token may be used for; None where there is a session.
    scopes: frozenset[str] | None = None


@cache
def hashed() -> str:
    """One password for everybody, hashed once."""
    return make_password(PASSWORD)


def browser(user: User) -> Client:
    if not user.has_usable_password():
        user.password = hashed()
        user.save(update_fields=["password"])
    client = Client()
    client.force_login(user)
    return client


def keeps(role: Role) -> bool:
    return role is Role.ADMIN


def of_role(role: Role, *, is_in_team: bool) -> State:
    def opened(ours: Holding, theirs: Holding) -> Client:
        at = ours if is_in_team else theirs
        if role is Role.READER:
            return browser(at.reader)
        return browser(UserFactory.create(roles=[role], teams=[at.team], is_staff=keeps(role)))

    name = f"{role.value}, {'in the team' if is_in_team else 'in another team'}"
    return State(name, frozenset({role.value}), is_in_team, True, keeps(role), opened)


def removed(ours: Holding, _theirs: Holding) -> Client:
    """Out of the team while signed in."""
    user = UserFactory.create(roles=CLINICAL, teams=[ours.team])
    client = browser(user)
    assert client.get(f"/patients/{ours.patient.code}/").status_code == 200
    user.memberships.all().delete()
    return client


def without_role(ours: Holding, _theirs: Holding) -> Client:
    """In the team, the roles taken while signed in."""
    user = UserFactory.create(roles=CLINICAL, teams=[ours.team])
    client = browser(user)
    assert client.get(f"/patients/{ours.patient.code}/").status_code == 200
    user.groups.clear()
    return client


def deactivated(ours: Holding, _theirs: Holding) -> Client:
    """Closed by an administrator while signed in."""
    user = UserFactory.create(roles=list(Role), teams=[ours.team], is_staff=True)
    client = browser(user)
    assert client.get(f"/patients/{ours.patient.code}/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


def superuser(ours: Holding, _theirs: Holding) -> Client:
    return browser(UserFactory.create(is_staff=True, is_superuser=True, teams=[ours.team]))


def without_factor(ours: Holding, _theirs: Holding) -> Client:
    """Signed in by password where the site requires a second factor, and none is set up yet."""
    return browser(UserFactory.create(roles=list(Role), teams=[ours.team], is_staff=True))


def pending(ours: Holding, _theirs: Holding) -> Client:
    """The password was right, the code is still to come."""
    user = UserFactory.create(roles=list(Role), teams=[ours.team], is_staff=True, password=hashed())
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    answer = client.post("/sign-in", {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code"
    return client


def by_token(
    name: str, *roles: Role, scopes: Collection[Scope] = tuple(Scope), is_usable: bool = True, is_in_team: bool = True
) -> State:
    """A script with an access token of such a login, and with the session of an administrator beside it."""

    def opened(ours: Holding, theirs: Holding) -> Client:
        user = UserFactory.create(roles=roles, teams=[(ours if is_in_team else theirs).team])
        token, secret = make_token(user, "a script", list(scopes), 30, has_second_factor=True)
        client = browser(UserFactory.create(roles=list(Role), teams=[ours.team], is_staff=True))
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        if "revoked" in name:
            revoke_tokens(user.pk)
        if "expired" in name:
            past = timezone.now() - timedelta(days=1)
            AccessToken.objects.filter(pk=token.pk).update(made_at=past - timedelta(days=30), expires_at=past)
        if "closed" in name:
            User.objects.filter(pk=user.pk).update(is_active=False)
        return client

    who, may = frozenset(role.value for role in roles), frozenset(scope.value for scope in scopes)
    return State(f"token {name}", who, is_in_team, is_usable, False, opened, scopes=may)


EVERYTHING = frozenset(role.value for role in Role)
STATES = [
    *(of_role(role, is_in_team=True) for role in Role),
    *(of_role(role, is_in_team=False) for role in Role),
    State("removed from the team mid-session", frozenset(r.value for r in CLINICAL), False, True, False, removed),
    State("roles taken mid-session", frozenset(), True, True, False, without_role),
    State("superuser", frozenset({SUPERUSER}), True, True, True, superuser),
    State("deactivated mid-session", frozenset(), True, False, False, deactivated),
    State("password only, no second factor yet", EVERYTHING, True, True, True, without_factor, lacks_factor=True),
    State("password only, code to come", EVERYTHING, True, False, False, pending, is_pending=True),
    by_token("of every scope", *CLINICAL),
    by_token("of every scope, an auditor's", Role.AUDITOR),
    by_token("of every scope, of another team", *CLINICAL, is_in_team=False),
    by_token("of every scope, roles taken"),
    by_token("of one scope", *CLINICAL, Role.AUDITOR, scopes=[Scope.LABS]),
    by_token("revoked", *Role, is_usable=False),
    by_token("expired", *Role, is_usable=False),
    by_token("of a login that is closed", *Role, is_usable=False),
    State("anonymous", frozenset(), False, False, False, lambda _ours, _theirs: Client()),
]
