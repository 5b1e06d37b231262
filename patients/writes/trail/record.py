"""One event of the audit trail, in the transaction of what it records: both are there afterwards, or neither is."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from patients.failpoints import reached
from patients.models import AuditEvent, Patient
from patients.trail.digests import SEALED, seal
from patients.words.audit_words import Deed
from patients.writes.trail.acting import hand

LOGIN_LENGTH = 150
# Words of a vocabulary, keys, digests: nothing that a person wrote, and nothing out of a file.
_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{0,80}")
Said = int | str | bool | None


class NotInATransaction(Exception):
    """A deed must be recorded in the transaction that does it."""


def record(
    deed: Deed,
    *,
    patient: Patient | int | None = None,
    subject: Model | None = None,
    user: User | None = None,
    **detail: Said,
) -> AuditEvent:
    """Write that this was done, by the hand that acts now, or by `user` where the caller knows better.

    `subject` is the row that was changed; `detail` is numbers and words of the vocabulary. Call it in the
    transaction of the deed: where the event cannot be written, the deed is not done.
    """
    if not connection.in_atomic_block:
        raise NotInATransaction(f"{deed} is recorded outside of a transaction")
    return write_event(deed, patient_code=_code(patient), subject=_named(subject), user=user, detail=detail)


def write_event(
    deed: Deed,
    *,
    patient_code: uuid.UUID | None = None,
    subject: tuple[str, str] = ("", ""),
    user: User | None = None,
    teams: Iterable[int] = (),
    method: str = "",
    status: int | None = None,
    detail: dict[str, Said] | None = None,
) -> AuditEvent:
    """Insert one sealed event; the door calls it where nothing but looking was done."""
    who = hand()
    event = AuditEvent(
        code=uuid.uuid4(),
        at=timezone.now(),
        deed=deed.value,
        origin=who.origin.value,
        login=(user.get_username() if user else who.login)[:LOGIN_LENGTH],
        user_pk=user.pk if user else who.user_pk,
        address=who.address,
        door=who.door,
        method=method,
        status=status,
        patient_code=patient_code,
        subject_kind=subject[0],
        subject_code=subject[1],
        team_pks=sorted(teams),
        detail=_checked({**who.detail, **(detail or {})}),
    )
    event.seal = seal(settings.AUDIT_KEY, sealed_columns(event))
    event.save(force_insert=True)
    reached("audit_append")
    return event


def sealed_columns(event: AuditEvent) -> dict[str, Any]:
    """The columns that the seal covers."""
    return {name: getattr(event, name) for name in SEALED}


def _checked(detail: dict[str, Said]) -> dict[str, Said]:
    for name, value in detail.items():
        if isinstance(value, str) and not _WORD.fullmatch(value):
            raise ValueError(f"{name} of an audit event must be a word of the vocabulary, a number or a digest")
    return {name: str(value) if isinstance(value, str) else value for name, value in detail.items()}


def _code(patient: Patient | int | None) -> uuid.UUID | None:
    if patient is None or isinstance(patient, Patient):
        return patient.code if patient else None
    return Patient.objects.filter(pk=patient).values_list("code", flat=True).first()


def _named(subject: Model | None) -> tuple[str, str]:
    if subject is None:
        return "", ""
    return subject._meta.model_name or "", str(getattr(subject, "code", None) or subject.pk)
