"""Ask for access tokens: the one behind a secret, and all of a login."""

from datetime import datetime

from patients.models import AccessToken
from patients.words.token_words import digest_of_token


def token_behind(secret: str) -> AccessToken | None:
    """The token with its login, whether or not it may still be used."""
    return AccessToken.objects.select_related("user").filter(digest=digest_of_token(secret)).first()


def is_usable(token: AccessToken, now: datetime) -> bool:
    """Whether neither time, nor anybody, nor the closing of the login has ended it."""
    return token.revoked_at is None and token.expires_at > now and token.user.is_active


def tokens_of(user_pk: int) -> list[AccessToken]:
    """All tokens of a login, the newest first."""
    return list(AccessToken.objects.filter(user=user_pk))
