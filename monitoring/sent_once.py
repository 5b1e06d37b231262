"""A form that is sent twice is done once: every form carries a key, and the second sending gets the first one's answer.

The key, the answer and what the form did are one transaction, so a process that dies in between has done nothing.
Forms get their key from the same tag as their CSRF token (templatetags/form_keys.py); a script sends it as the
header X-Idempotency-Key. What comes without a key is done as it comes.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from monitoring.access import viewer_of
from monitoring.security.gate import policy_of
from patients.failpoints import reached
from patients.writes.answers import OtherContent, answered_before, forget_answer, keep_answer

FIELD = "idempotency_key"
HEADER = "X-Idempotency-Key"
SAID_BEFORE = "This form was sent before, with other entries. Reload the page, look what is there, and enter it again."
# What an answer is, beside its status and body; cookies are the session's, not the form's.
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Location", "HX-Trigger", "HX-Refresh", "Cache-Control")
# Files come as they are, recognised by their digest; only forms are told apart here.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "")
TRIES = 3
DEADLOCK = "40P01"
NOT_CONTENT = {FIELD, "csrfmiddlewaretoken"}


class SentOnce:
    """Stands after the login is known and the CSRF token was checked; answers what was answered before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Call the view within the transaction of its key, or answer in its place."""
        key = _key(request) if request.method == "POST" and request.content_type in FORM_TYPES else None
        policy = policy_of(request)
        # A digest of a password is a password that can be guessed at leisure.
        if key is None or not isinstance(request.user, User) or policy is None or policy.is_secret:
            return None
        for tries_left in reversed(range(TRIES)):
            try:
                return _done_once(request, request.user, key, partial(view, request, *args, **kwargs))
            except OperationalError as error:
                # Two that file for the same patients in another order: this one has done nothing, and begins anew.
                if not tries_left or getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                    raise
        return None


def _done_once(request: HttpRequest, user: User, key: UUID, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    with transaction.atomic():
        try:
            known = answered_before(user, key, _digest(request))
        except OtherContent:
            return _refused(request)
        if known is not None:
            request.is_answered_again = True  # type: ignore[attr-defined]  # for the door, which tells of it
            return HttpResponse(bytes(known.body), status=known.status, headers=known.headers)
        response = view()
        _keep(user, key, response)
        reached("answer_before_commit")
    return response


def _keep(user: User, key: UUID, response: HttpResponseBase) -> None:
    """An answer to what was done is kept; a refusal is not, so that the same page may be corrected and sent again."""
    if hasattr(response, "render"):
        response.render()
    if not isinstance(response, HttpResponse) or response.status_code >= 400:
        forget_answer(user, key)
        return
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    keep_answer(user, key, response.status_code, headers, response.content)


def _key(request: HttpRequest) -> UUID | None:
    said = request.headers.get(HEADER) or request.POST.get(FIELD, "")
    try:
        return UUID(said)
    except ValueError:
        return None


def _digest(request: HttpRequest) -> str:
    """Over the address and everything that was entered, in the order of names, and what the login may do by now.

    An answer is never given again to somebody who would not get it today.
    """
    entered = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_CONTENT)
    viewer = viewer_of(request)
    rights = (sorted(viewer.roles), viewer.teams)
    return hashlib.sha256(repr((request.get_full_path(), entered, rights)).encode()).hexdigest()


def _refused(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(SAID_BEFORE, status=409, content_type="text/plain; charset=utf-8")
    return render(request, "pages/conflict.html", {"sentence": SAID_BEFORE}, status=409)
