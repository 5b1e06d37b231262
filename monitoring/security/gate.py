"""The gate before every view: an address without a line in the policy is not there, a method without one is refused.

Whose row it is and what a role may do is checked by the view itself (access.py); what is Django's own and has
no such check, the administration, is closed here to everybody else.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from monitoring.access import NOT_FOUND
from monitoring.security.logins import has_second_factor
from monitoring.security.policy import METHODS, Policy, policies


class Gate:
    """A middleware; it stands behind the one that tells who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Nothing, where the view may be asked; else the refusal."""
        policy = policy_of(request)
        if policy is None:
            raise Http404(NOT_FOUND)
        is_signed_in = request.user.is_authenticated
        if is_administration(policy) and not policy.is_open and not is_keeper(request):
            raise Http404(NOT_FOUND)
        if is_signed_in and settings.MFA_REQUIRED and not (policy.is_early or policy.is_open):
            refusal = _without_second_factor(request)
            if refusal is not None:
                return refusal
        # Who is not signed in is told that first, by the view, whatever the method.
        if (is_signed_in or policy.is_open) and not policy.allows(str(request.method)):
            return HttpResponseNotAllowed([method for method in METHODS if policy.allows(method)])
        return None


def _without_second_factor(request: HttpRequest) -> HttpResponse | None:
    """The way to setting one up, for a login that has none; a script is told in words."""
    if has_second_factor(request):
        return None
    address = reverse("mfa_activate_totp")
    if request.headers.get("HX-Request") or request.method not in ("GET", "HEAD"):
        return HttpResponse("Set up your second factor first.", status=401, headers={"HX-Redirect": address})
    return redirect(address)


def policy_of(request: HttpRequest) -> Policy | None:
    """What is written of the address that was found for a request."""
    match = request.resolver_match
    if match is None:
        return None
    spaces = "".join(f"{space}:" for space in match.namespaces)
    return policies().get(spaces + (match.url_name or ""))


def is_administration(policy: Policy) -> bool:
    """Whether the address is one of Django's own pages for logins, roles and teams."""
    return policy.name.startswith("admin:")


def is_keeper(request: HttpRequest) -> bool:
    """Whether somebody is signed in who keeps logins; who is not signed in at all is sent to do so."""
    return not request.user.is_authenticated or bool(getattr(request.user, "is_staff", False))
