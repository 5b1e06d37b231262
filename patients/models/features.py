"""Feature sets and snapshots: stored once, never edited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from patients.models.doubles import DoublesField
from patients.models.lesions import Segmentation
from patients.words.regions import Region


class FeatureSet(models.Model):
    """An immutable ordered list of feature names under one profile digest.

    `is_extra`: taken on request beside the profile that is followed. No course, change, band or model is made of it.
    """

    profile = models.CharField(max_length=40)
    profile_digest = models.CharField(max_length=64)
    names_digest = models.CharField(max_length=64)
    names = ArrayField(models.CharField(max_length=120))
    is_extra = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile_digest", "names_digest"], name="one_feature_set_a_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.profile} ({len(self.names)} features)"


class FeatureSnapshot(models.Model):
    """All features of one region of a segmentation under one feature set by one build of the engine, taken once.

    `values` and `reasons` have the length of the set's names: where a value is NULL its typed reason
    stands beside it. The database refuses another length, NaN, infinities and any later change. A ring is a new
    snapshot in place of the old one where the outlines beside the lesion have changed.
    """

    segmentation = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="snapshots")
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="snapshots")
    region = models.CharField(max_length=12, choices=Region.pairs(), default=Region.LESION)
    engine = models.CharField(max_length=60)
    build_digest = models.CharField(max_length=64)
    versions = models.JSONField()
    values = DoublesField()
    reasons = ArrayField(models.CharField(max_length=24, null=True))  # NULL marks "has a value"
    provenance = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segmentation", "feature_set", "region", "build_digest"],
                name="one_snapshot_a_region_and_build",
            ),
        ]

    def __str__(self) -> str:
        return f"Snapshot {self.pk} by {self.engine}"
