"""Access tokens: by which a script asks as a login, for what the token names."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class AccessToken(models.Model):
    """One token of one login. The token itself is shown once and kept nowhere: `digest` is its SHA-256.

    A token is 256 random bits, so its digest needs no salt and no slow hash. `has_second_factor`: it was made in a
    session that had given one.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=24))
    has_second_factor = models.BooleanField()
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="token_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_is_for_something"),
            # A form that was sent twice makes one.
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(revoked_at=None), name="one_open_token_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"Token {self.name} of {self.user}"
