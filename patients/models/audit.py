"""The audit trail: what was done, and the chain in which it stands; rows that nothing changes or removes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from patients.words.audit_words import Origin


class AuditEvent(models.Model):
    """Who did what to whose record, when and from where. Codes and keys only: no name of a patient, no text of a file.

    It has no foreign keys: it outlives whatever it speaks of. `door`: name of the address, the step of background
    work or the command. `seal`: keyed digest over all other columns, made before it was inserted. `team_pks`: whose
    patients a list showed. `detail`: words of the vocabulary and numbers.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    deed = models.CharField(max_length=24)
    origin = models.CharField(max_length=8, choices=Origin.pairs())
    login = models.CharField(max_length=150, blank=True)
    user_pk = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, blank=True)
    door = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=8, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    patient_code = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=24, blank=True)
    subject_code = models.CharField(max_length=64, blank=True)
    team_pks = ArrayField(models.BigIntegerField(), default=list)
    detail = models.JSONField(default=dict)
    seal = models.CharField(max_length=64)

    class Meta:
        # Newest first for one patient, one login, one deed: the auditors' page and the patient's own list.
        indexes = [
            models.Index(fields=["patient_code", "-id"], name="audit_by_patient"),
            models.Index(fields=["login", "-id"], name="audit_by_login"),
            models.Index(fields=["deed", "-id"], name="audit_by_deed"),
            models.Index(fields=["at"], name="audit_by_moment"),
            GinIndex(fields=["team_pks"], name="audit_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.login or self.door} {self.deed} at {self.at}"


class AuditLink(models.Model):
    """The place of one event in the chain: numbers without a gap, each digest over the one before."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Link {self.number}"
