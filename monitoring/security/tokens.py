"""Access tokens at the door (`Authorization: Bearer deltarad_…`): they open what policy.yaml gives their scopes.

A request with a token is the token's alone, whatever session its cookie names. All that it may ask is a GET, as its
login, with the login's own roles and teams as they are now. An API that comes later names scopes in policy.yaml.
"""

import logging
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from monitoring.door import hand_of
from monitoring.security.gate import policy_of
from patients.models import AccessToken
from patients.reads.tokens import is_usable, token_behind
from patients.words.audit_words import Deed
from patients.writes.tokens import note_used
from patients.writes.trail.acting import acting
from patients.writes.trail.record import record

log = logging.getLogger(__name__)

SCHEME = "Bearer "
UNUSABLE = "This access token opens nothing: it is unknown, expired or revoked, or its login is closed."
NOT_HERE = "This access token may not be used here."
TOO_OFTEN = "Too many requests. Wait a few minutes, then go on more slowly."


class TokenDoor:
    """A middleware; it stands before the gate, which then asks as for any login."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)  # type: ignore[no-any-return]  # Django's own chain

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Nothing, where the token may ask; else the refusal. Open addresses look at the header themselves."""
        said = request.headers.get("Authorization", "")
        policy = policy_of(request)
        if not said.startswith(SCHEME) or policy is None:
            return None
        request.user = AnonymousUser()
        if policy.is_open:
            return None
        if not _counted(request, "token_failed", dry_run=True):
            return _refused(TOO_OFTEN, 429)
        token = token_behind(said.removeprefix(SCHEME).strip())
        if token is None or not _is_usable(token):
            _note_failure(request, token)
            return _refused(UNUSABLE, 401)
        request.user = token.user
        request.access_token = token  # type: ignore[attr-defined]  # for the audit trail; lives as long as the request
        request.has_second_factor = token.has_second_factor  # type: ignore[attr-defined]  # as when it was made
        if not policy.scope or policy.scope not in token.scopes:
            return _refused(NOT_HERE, 403)
        if not _counted(request, "token", key=token.digest):
            return _refused(TOO_OFTEN, 429)
        note_used(token)
        return None


def _is_usable(token: AccessToken) -> bool:
    return is_usable(token, timezone.now()) and (token.has_second_factor or not settings.MFA_REQUIRED)


def _counted(request: HttpRequest, action: str, **more: Any) -> bool:
    """Whether it is not one too many, of this token or from this address."""
    rates = settings.TOKEN_RATE_LIMITS
    return bool(ratelimit.consume(request, app="monitoring", action=action, config=rates, limit_get=True, **more))


def _note_failure(request: HttpRequest, token: AccessToken | None) -> None:
    _counted(request, "token_failed")
    with acting(hand_of(request)), transaction.atomic():
        record(Deed.SIGN_IN_FAILED, user=token.user if token else None, token=str(token.code) if token else "")


def _refused(sentence: str, status: int) -> HttpResponse:
    answer = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Deltarad", error="invalid_token"'
    if status == 429:
        answer.headers["Retry-After"] = "300"
    return answer
