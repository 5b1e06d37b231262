"""What an administrator ends of a login: its second factor, its sessions, its tokens; each in the audit trail."""

from collections import Counter
from collections.abc import Iterator

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from patients.words.audit_words import Deed
from patients.writes.tokens import revoke_tokens
from patients.writes.trail.record import record


def sessions_open() -> Counter[str]:
    """How many sessions each login has now, by its key as text; whoever has yet to give a code counts."""
    return Counter(owner for owner, _ in _sessions())


def with_second_factor() -> frozenset[int]:
    """The keys of the logins that have an authenticator app."""
    rows = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return frozenset(rows.values_list("user_id", flat=True))


def end_sessions(user: User) -> int:
    """Sign a login out everywhere, at once; how many sessions it had."""
    with transaction.atomic():
        keys = [key for owner, key in _sessions() if owner == str(user.pk)]
        Session.objects.filter(session_key__in=keys).delete()
        record(Deed.ACCESS_CHANGED, subject=user, what="sessions_ended", count=len(keys))
    return len(keys)


def end_tokens(user: User) -> int:
    """Revoke every access token of a login; how many were open."""
    return revoke_tokens(user.pk)


def reset_second_factor(user: User) -> bool:
    """Take authenticator app and recovery codes off a login, with all that was opened by them; whether it had any.

    The password alone leads to setting up another app, so whoever does this knows that it is the person who asks.
    """
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        record(Deed.ACCESS_CHANGED, subject=user, what="second_factor_reset")
        end_sessions(user)
        end_tokens(user)
    return bool(removed)


def _sessions() -> Iterator[tuple[str, str]]:
    """The login and the key of every session: sessions know their login only in what they hold."""
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        held = row.get_decoded()
        pending = held.get(LOGIN_SESSION_KEY) or {}
        owner = str(held.get(SESSION_KEY) or "")
        if not owner and pending.get("user_pk"):
            owner = str(url_str_to_user_pk(pending["user_pk"]))
        if owner:
            yield owner, row.session_key
