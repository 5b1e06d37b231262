"""What was answered to a form, so that the same form sent twice is done once."""

from django.conf import settings
from django.db import models


class AnsweredForm(models.Model):
    """One form that one login sent, known by the key that was rendered into it, with the answer it got.

    Written in the transaction of what the form did: either both are there or none.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    content_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_form")]
        # The janitor forgets old ones.
        indexes = [models.Index(fields=["answered_at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"Answer {self.status} to form {self.key}"
