"""Signing in and out, and failing to, in the audit trail: Django itself tells when, whichever way a login comes in."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from monitoring.door import hand_of
from patients.words.audit_words import Deed, Origin
from patients.writes.trail.acting import Hand, acting
from patients.writes.trail.record import record


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Where this cannot be written, nobody comes in."""
    _note(request, Deed.SIGNED_IN, user)


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    """Sessions that merely run out are not seen."""
    if user is not None:
        _note(request, Deed.SIGNED_OUT, user)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Only a login that exists is named: what else is typed there may be somebody's password."""
    user = User.objects.filter(username=str(credentials.get("username", ""))[:150]).first()
    _note(request, Deed.SIGN_IN_FAILED, user)


def _note(request: HttpRequest | None, deed: Deed, user: User | None) -> None:
    hand = hand_of(request) if request is not None else Hand(Origin.WEB)
    with acting(hand), transaction.atomic():
        record(deed, user=user)
