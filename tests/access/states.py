"""The kinds of login that ask: each role in the team and in another, taken away, closed, or not signed in at all."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from monitoring.security.policy import SUPERUSER
from patients.vocabulary import Role
from tests.access.world import Holding
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


def browser(user: User) -> Client:
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


STATES = [
    *(of_role(role, is_in_team=True) for role in Role),
    *(of_role(role, is_in_team=False) for role in Role),
    State("removed from the team mid-session", frozenset(r.value for r in CLINICAL), False, True, False, removed),
    State("roles taken mid-session", frozenset(), True, True, False, without_role),
    State("superuser", frozenset({SUPERUSER}), True, True, True, superuser),
    State("deactivated mid-session", frozenset(), True, False, False, deactivated),
    State("anonymous", frozenset(), False, False, False, lambda _ours, _theirs: Client()),
]
