"""The rows, by hand: teams and memberships are kept here; clinical records can be looked up, never changed."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest

from patients.models import Membership, Team
from patients.words.audit_words import Deed, Origin
from patients.writes.trail.acting import Hand, acting
from patients.writes.trail.record import record

# Generic for the type checker only: Django's own classes cannot be subscripted.
if TYPE_CHECKING:
    TeamMembers = admin.TabularInline[Membership, Team]
    TeamRows = admin.ModelAdmin[Team]
    LoginRows = UserAdmin[User]
    GroupRows = GroupAdmin
else:
    TeamMembers, TeamRows, LoginRows, GroupRows = admin.TabularInline, admin.ModelAdmin, UserAdmin, GroupAdmin


admin.site.unregister(User)
admin.site.unregister(Group)


class Recorded:
    """Who gave or took what: each change is in the audit trail, in the transaction that makes it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Something new."""
        return self._recorded(request, obj, "added", super().log_addition(request, obj, message))  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Something else than before; a password, too."""
        return self._recorded(request, obj, "changed", super().log_change(request, obj, message))  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Gone, alone or among others."""
        for obj in queryset:
            self._recorded(request, obj, "removed", None)
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _recorded(self, request: HttpRequest, obj: Any, what: str, entry: Any) -> Any:
        user = request.user if isinstance(request.user, User) else None
        with acting(Hand(Origin.WEB, door="admin")), transaction.atomic():
            record(Deed.ACCESS_CHANGED, subject=obj, user=user, what=what)
        return entry


@admin.register(Group)
class RoleAdmin(Recorded, GroupRows):
    """The roles."""


@admin.register(User)
class LoginAdmin(Recorded, LoginRows):
    """Logins are closed, never deleted: the record names who did what, and a deletion would list it here."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody; untick "active" instead."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's login is changed by superusers only."""
        if obj is not None and obj.is_superuser and not is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Roles are given here; who is a superuser, and single rights, are not for administrators to say."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if is_superuser(request) else (*fixed, "is_superuser", "user_permissions")


def is_superuser(request: HttpRequest) -> bool:
    """Whether the request comes from a superuser's login."""
    return bool(getattr(request.user, "is_superuser", False))


class MembershipInline(TeamMembers):
    """The logins of one team."""

    model = Membership
    extra = 1
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(Recorded, TeamRows):
    """Teams decide which patients a login sees."""

    inlines = (MembershipInline,)
    list_display = ("name", "members")
    search_fields = ("name",)

    @admin.display(description="members")
    def members(self, team: Team) -> str:
        """The logins of the team."""
        return ", ".join(str(row.user) for row in team.memberships.select_related("user"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A team that has patients stays; the database would refuse too."""
        return obj is not None and not obj.patients.exists() and super().has_delete_permission(request, obj)
