"""Logins, for administrators: what opens each, and a way to end it when a phone or a laptop is lost."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import require, signed_in, user_of
from monitoring.roles import Act
from monitoring.security.door_forms import CodeAgainForm
from monitoring.security.ending import (
    end_sessions,
    end_tokens,
    reset_second_factor,
    sessions_open,
    with_second_factor,
)
from patients.vocabulary import Role

ENDS = {
    "sessions": "Its sessions: it is signed out everywhere",
    "tokens": "Its access tokens",
    "factor": "Its second factor, with sessions and tokens: the next sign-in sets up another app",
}


class EndingForm(forms.Form):
    """Whose, and what."""

    login = forms.TypedChoiceField(
        coerce=int, widget=forms.RadioSelect, error_messages={"required": "Choose the login."}
    )
    what = forms.ChoiceField(
        label="What ends",
        choices=list(ENDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what ends."},
    )

    def __init__(self, logins: list[User], data: Any = None) -> None:
        super().__init__(data)
        chooser = self.fields["login"]
        if isinstance(chooser, forms.ChoiceField):
            chooser.choices = [(one.pk, one.get_username()) for one in logins]


@signed_in
@require_safe
def logins_page(request: HttpRequest) -> HttpResponse:
    """Every login with its roles and what opens it."""
    require(request, Act.KEEP_LOGINS)
    return _page(request, EndingForm([]), CodeAgainForm(user=user_of(request)))


@signed_in
@require_POST
def login_end(request: HttpRequest) -> HttpResponse:
    """End something of a login; the administrator gives a code of the own app each time."""
    require(request, Act.KEEP_LOGINS)
    keeper = user_of(request)
    form = EndingForm(list(_reachable(keeper)), request.POST)
    # A code opens once: it is not used up by a form that lacks something.
    code = CodeAgainForm(request.POST if form.is_valid() else None, user=keeper)
    if not code.is_valid():
        return _page(request, form, code, status=422)
    user = User.objects.get(pk=form.cleaned_data["login"])
    messages.success(request, f"{user.get_username()}: {_ended(user, form.cleaned_data['what'])}")
    return redirect("logins")


def _ended(user: User, what: str) -> str:
    if what == "factor":
        had = reset_second_factor(user)
        return "the second factor is taken off." if had else "it had none; sessions and tokens are ended."
    if what == "tokens":
        return f"{end_tokens(user)} access tokens are revoked."
    return f"{end_sessions(user)} sessions are ended."


def _reachable(keeper: User) -> Any:
    """Whom an administrator may touch: of superusers only another superuser."""
    rows = User.objects.order_by("username")
    return rows if keeper.is_superuser else rows.filter(is_superuser=False)


def _page(request: HttpRequest, form: EndingForm, code: CodeAgainForm, status: int = 200) -> HttpResponse:
    sessions, strong = sessions_open(), with_second_factor()
    is_open = Q(access_tokens__revoked_at=None, access_tokens__expires_at__gt=timezone.now())
    logins = _reachable(user_of(request)).annotate(tokens=Count("access_tokens", filter=is_open))
    rows = [
        {
            "login": one,
            "roles": _roles(one),
            "has_factor": one.pk in strong,
            "sessions": sessions[str(one.pk)],
            "is_chosen": form.data.get("login") == str(one.pk),
        }
        for one in logins.prefetch_related("groups")
    ]
    context = {"place": "logins", "rows": rows, "form": form, "code": code}
    context["may_end"] = user_of(request).pk in strong
    return render(request, "pages/logins.html", context, status=status)


def _roles(user: User) -> str:
    names = {group.name for group in user.groups.all()}
    return ", ".join(role.label for role in Role if role.value in names) or "none"
