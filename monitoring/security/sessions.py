"""How long a session lasts: so many minutes without a request, so many hours in all."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# What is noted of each request would be a write for each; a minute is near enough.
NOTED_SECONDS = 60


@receiver(user_logged_in)
def session_begins(request: HttpRequest, **_more: Any) -> None:
    """Django's own word that somebody signed in; the key of the session is a new one by then."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()


class SessionLimits:
    """A middleware; it stands behind the one that tells who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            _limit(request)
        return self.get_response(request)


def _limit(request: HttpRequest) -> None:
    now = time.time()
    began, seen = (float(request.session.get(name, 0)) for name in (SIGNED_IN_AT, SEEN_AT))
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif now - seen > NOTED_SECONDS:
        request.session[SEEN_AT] = now
