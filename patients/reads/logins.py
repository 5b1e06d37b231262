"""Ask what a login is now: whether it is open, its roles and its teams."""

from django.contrib.auth.models import Group, User

from patients.models import Membership
from patients.vocabulary import Role


def is_open(user_pk: int) -> bool:
    """Whether an administrator has not closed the login."""
    return User.objects.filter(pk=user_pk, is_active=True).exists()


def roles_of(user_pk: int) -> frozenset[Role]:
    """Its roles; groups of other names mean nothing here."""
    names = set(Group.objects.filter(user=user_pk).values_list("name", flat=True))
    return frozenset(role for role in Role if role.value in names)


def teams_of_login(user_pk: int) -> tuple[int, ...]:
    """The keys of its teams."""
    rows = Membership.objects.filter(user_id=user_pk).order_by("team")
    return tuple(rows.values_list("team", flat=True))
