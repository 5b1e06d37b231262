"""The registry of models: what was sent in, what was registered for ever, and what registered models said."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models.imaging import Timepoint
from patients.models.lesions import Lesion
from patients.models.people import Patient
from patients.words.hosted_words import HostedStatus, ModelKind, ModelStatus, Tier


class HostedModel(models.Model):
    """One version of a model: its text as sent, its card, and how its reference pairs came out when it was registered.

    The database lets only the standing change: DRAFT to SHADOW or ACTIVE (approved), and all to RETIRED; no model is
    ever removed. `created_by` is null where it came from a shell or with the project.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=ModelKind.pairs())
    model_id = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    text = models.TextField()
    card = models.JSONField()
    replay = models.JSONField()
    tier = models.CharField(max_length=12, choices=Tier.pairs())
    profile_digest = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=ModelStatus.pairs(), default=ModelStatus.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["model_id", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["model_id", "version"], name="one_model_a_version"),
            models.UniqueConstraint(
                fields=["model_id"], condition=Q(status=ModelStatus.ACTIVE), name="one_active_version_a_model"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.version}"


class ModelUpload(models.Model):
    """A model's file as sent, before a worker has read it: then it became `model`, or `problem` says why not."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    problem = models.JSONField(default=dict)
    model = models.ForeignKey(HostedModel, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name or "A model"


class ModelOutput(models.Model):
    """What one model said of one lesion (null: of the patient) at one visit, with its inputs; never computed in place.

    Where inputs have changed a new row follows, and this one is kept as superseded. `said` is the whole answer.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="model_outputs")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="model_outputs")
    lesion = models.ForeignKey(Lesion, null=True, blank=True, on_delete=models.CASCADE, related_name="model_outputs")
    model = models.ForeignKey(HostedModel, on_delete=models.PROTECT, related_name="outputs")
    status = models.CharField(max_length=16, choices=HostedStatus.pairs())
    value = models.FloatField(null=True)
    said = models.JSONField()
    said_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "timepoint", "lesion"],
                condition=Q(superseded_at=None),
                nulls_distinct=False,
                name="one_output_in_force",
            ),
            models.CheckConstraint(
                condition=Q(status=HostedStatus.OK, value__isnull=False)
                | (~Q(status=HostedStatus.OK) & Q(value__isnull=True)),
                name="a_value_where_reliable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.status}"
