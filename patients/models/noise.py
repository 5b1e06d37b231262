"""Repeated features of one outline under perturbation: what the noise bands are made of where no pair of scans is."""

from django.db import models
from django.db.models import Q

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet
from patients.models.lesions import Segmentation


class RepeatedExtraction(models.Model):
    """The features of one outline, extracted `repeats` times from its own scan, perturbed in a seeded way.

    `values`: repeats x features, one repeat after the other, features in the order of the feature set, NULL where
    not defined. `sizes`: one {"volume_ml", "longest_diameter_mm", "short_axis_mm"} for each repeat. `spec` is the
    perturbation's settings, `spec_digest` their SHA-256; `facts` what was estimated from the scan on the way.
    """

    segmentation = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="repeats")
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="+")
    build_digest = models.CharField(max_length=64)
    spec = models.JSONField()
    spec_digest = models.CharField(max_length=64)
    seed = models.CharField(max_length=64)
    repeats = models.PositiveSmallIntegerField()
    values = DoublesField()
    sizes = models.JSONField()
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segmentation", "feature_set", "build_digest", "spec_digest"],
                name="one_set_of_repeats_an_outline",
            ),
            models.CheckConstraint(condition=Q(repeats__gte=2), name="repeats_are_at_least_two"),
        ]

    def __str__(self) -> str:
        return f"{self.repeats} repeats of outline {self.segmentation_id}"
