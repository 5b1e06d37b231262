"""Numbers that were asked for a second time, and whether they came out the same."""

import uuid

from django.conf import settings
from django.db import models

from patients.models.features import FeatureSnapshot
from patients.words.recompute_words import Recomputed


class Recomputation(models.Model):
    """One snapshot computed again from the stored scan and outline, on somebody's demand.

    `outcome` is empty while a worker is at it; `differing` names what is not the same, feature by feature.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    snapshot = models.ForeignKey(FeatureSnapshot, on_delete=models.CASCADE, related_name="recomputations")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Recomputed.pairs(), blank=True)
    sentence = models.TextField(blank=True)
    differing = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Snapshot {self.snapshot_id} again: {self.outcome or 'at work'}"
