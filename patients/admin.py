"""The rows, by hand: teams and memberships are kept here; clinical records can be looked up, never changed."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from patients.models import Membership, Team

# Generic for the type checker only: Django's own classes cannot be subscripted.
if TYPE_CHECKING:
    TeamMembers = admin.TabularInline[Membership, Team]
    TeamRows = admin.ModelAdmin[Team]
    LoginRows = UserAdmin[User]
else:
    TeamMembers, TeamRows, LoginRows = admin.TabularInline, admin.ModelAdmin, UserAdmin


admin.site.unregister(User)


@admin.register(User)
class LoginAdmin(LoginRows):
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
class TeamAdmin(TeamRows):
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
