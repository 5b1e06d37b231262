"""Keep what a form was answered, by the key that it carries; say what was answered before."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models.functions import Now

from patients.models import AnsweredForm

# A form is not sent again after a day: the page with its key is long gone, or a person has thought again.
KEPT_HOURS = 24


class OtherContent(Exception):
    """The same key came before with other content."""


def answered_before(user: User, key: UUID, content_digest: str) -> AnsweredForm | None:
    """The answer that this form got before; None where it is new, and then the key is taken.

    Call it in the transaction of what the form does. The same form sent at the same moment waits here until the
    first one is done. Raises OtherContent.
    """
    new = AnsweredForm(user=user, key=key, content_digest=content_digest)
    AnsweredForm.objects.bulk_create([new], ignore_conflicts=True)
    row = AnsweredForm.objects.select_for_update().get(user=user, key=key)
    if row.content_digest != content_digest:
        raise OtherContent
    return row if row.status else None


def keep_answer(user: User, key: UUID, status: int, headers: dict[str, str], body: bytes) -> None:
    """What the form was answered, for whoever sends it again."""
    AnsweredForm.objects.filter(user=user, key=key).update(status=status, headers=headers, body=body)


def forget_answer(user: User, key: UUID) -> None:
    """The form did nothing: it may come again, with other content too."""
    AnsweredForm.objects.filter(user=user, key=key).delete()


def forget_old_answers() -> int:
    """Remove what nobody will ask for any more."""
    old = AnsweredForm.objects.filter(answered_at__lt=Now() - timedelta(hours=KEPT_HOURS))
    return old.delete()[0]
