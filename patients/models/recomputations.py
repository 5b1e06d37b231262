"""Numbers that were asked for a second time, and whether they came out the same."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models.features import FeatureSnapshot
from patients.models.harmonisation import HarmonisedValues
from patients.models.registry import ModelOutput
from patients.models.trust import PseudoprogressionScore
from patients.words.recompute_words import Recomputed

SUBJECTS = ("snapshot", "score", "harmonised", "output")


class Recomputation(models.Model):
    """One stored number computed again from what it was made of, on somebody's demand.

    Of exactly one subject: a snapshot (of a lesion or of a ring) from scan and outlines, a pseudoprogression score
    from its inputs and model, harmonised values from their snapshot and model, a hosted model's answer from its
    inputs. `outcome` is empty while a worker is at it; `differing` names what is not the same, number by number.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    snapshot = models.ForeignKey(FeatureSnapshot, null=True, on_delete=models.CASCADE, related_name="recomputations")
    score = models.ForeignKey(
        PseudoprogressionScore, null=True, on_delete=models.CASCADE, related_name="recomputations"
    )
    harmonised = models.ForeignKey(HarmonisedValues, null=True, on_delete=models.CASCADE, related_name="recomputations")
    output = models.ForeignKey(ModelOutput, null=True, on_delete=models.CASCADE, related_name="recomputations")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Recomputed.pairs(), blank=True)
    sentence = models.TextField(blank=True)
    differing = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(snapshot__isnull=False, score=None, harmonised=None, output=None)
                | Q(snapshot=None, score__isnull=False, harmonised=None, output=None)
                | Q(snapshot=None, score=None, harmonised__isnull=False, output=None)
                | Q(snapshot=None, score=None, harmonised=None, output__isnull=False),
                name="one_subject_computed_again",
            ),
        ]

    def __str__(self) -> str:
        subject = next(f"{name} {getattr(self, f'{name}_id')}" for name in SUBJECTS if getattr(self, f"{name}_id"))
        return f"{subject} again: {self.outcome or 'at work'}"
