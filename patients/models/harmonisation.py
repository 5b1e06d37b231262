"""Harmonisations as they were fitted, kept for ever, and the values derived under the one in force."""

import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSnapshot
from patients.models.people import Team
from patients.words.harmonisation_words import ModelStatus


class HarmonisationModel(models.Model):
    """One fit on one team's baseline lesions under one profile: frozen parameters, and what they saw.

    `parameters` is JSON text, so that every double comes back to the bit; batches, covariates and counts stand in
    it. `is_synthetic`: it was fitted on made-up patients and stands for no others. The database refuses any change
    but that of `status` from in force to retired.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="harmonisations")
    profile = models.CharField(max_length=40)
    profile_digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    is_synthetic = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    parameters = models.TextField()
    fitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    fitted_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=12, choices=ModelStatus.pairs(), default=ModelStatus.IN_FORCE)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "profile", "version"], name="one_harmonisation_a_version"),
            models.UniqueConstraint(
                fields=["team", "profile"],
                condition=Q(status=ModelStatus.IN_FORCE),
                name="one_harmonisation_in_force",
            ),
            models.CheckConstraint(condition=Q(status__in=list(ModelStatus)), name="harmonisation_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.profile} version {self.version}"

    @cached_property
    def content(self) -> dict[str, Any]:
        """The parameters as plain data."""
        return dict(json.loads(self.parameters))


class HarmonisedValues(models.Model):
    """One snapshot's features under one harmonisation; derived, and replaced when the snapshot's patient is concluded.

    `values` and `reasons` follow the snapshot's feature set: where a value is NULL its reason stands beside it.
    """

    snapshot = models.ForeignKey(FeatureSnapshot, on_delete=models.CASCADE, related_name="harmonised")
    model = models.ForeignKey(HarmonisationModel, on_delete=models.CASCADE, related_name="values")
    values = DoublesField()
    reasons = ArrayField(models.CharField(max_length=24, null=True))  # NULL marks "has a value"
    notes = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "model"], name="one_harmonised_row_a_snapshot"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot} under {self.model}"
