"""Make and revoke access tokens; who did it is in the audit trail, the token itself nowhere."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.models import AccessToken
from patients.words.audit_words import Deed
from patients.words.token_words import PREFIX, Scope, digest_of_token
from patients.writes.trail.record import record

# When a token was last used would be a write for each request; a minute is near enough.
NOTED = timedelta(minutes=1)


class TokenRefused(Exception):
    """A token that is not made; the sentence says why."""


def make_token(
    user: User, name: str, scopes: Sequence[Scope], days: int, *, has_second_factor: bool
) -> tuple[AccessToken, str]:
    """The row and the token itself, which is known here and never again. Raises TokenRefused."""
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = AccessToken.objects.create(
                user=user,
                name=name,
                digest=digest_of_token(secret),
                scopes=[scope.value for scope in scopes],
                has_second_factor=has_second_factor,
                expires_at=timezone.now() + timedelta(days=days),
            )
            said = "+".join(scope.value for scope in scopes)
            record(Deed.TOKEN_MADE, subject=token, days=days, scopes=said)
    except IntegrityError:
        raise TokenRefused("You have a token of this name. Revoke it first, or choose another name.") from None
    return token, secret


def revoke_tokens(user_pk: int, code: UUID | None = None) -> int:
    """End one token of a login, or all; how many were open until now."""
    with transaction.atomic():
        rows = AccessToken.objects.select_for_update().filter(user=user_pk, revoked_at=None)
        ended = list(rows.filter(code=code) if code else rows)
        for token in ended:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            record(Deed.TOKEN_REVOKED, subject=token, owner=user_pk)
    return len(ended)


def note_used(token: AccessToken) -> None:
    """Remember when it was last used, to the minute; that it was used for something is in the audit trail."""
    now = timezone.now()
    if token.used_at is None or now - token.used_at > NOTED:
        AccessToken.objects.filter(pk=token.pk).update(used_at=now)
