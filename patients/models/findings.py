"""What was concluded, as rows that are replaced whenever their inputs change."""

from django.db import models

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet, FeatureSnapshot
from patients.models.imaging import Timepoint
from patients.models.lesions import Lesion
from patients.models.people import Patient
from patients.vocabulary import Criterion, Reference, ResponseCategory


class FeatureDelta(models.Model):
    """The changes of one lesion's features at one timepoint against one reference.

    One row per lesion, timepoint, reference and feature set; arrays in the set's order, NULL where not
    defined. `reasons` maps each form of change to its array of reason codes.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="deltas")
    lesion = models.ForeignKey(Lesion, on_delete=models.CASCADE, related_name="deltas")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="deltas")
    reference = models.CharField(max_length=12, choices=Reference.pairs())
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(FeatureSnapshot, on_delete=models.CASCADE, related_name="+")
    reference_snapshot = models.ForeignKey(FeatureSnapshot, on_delete=models.CASCADE, related_name="+")
    interval_days = models.IntegerField()
    absolute = DoublesField()
    relative_ratio = DoublesField()
    log_ratio = DoublesField()
    symmetric_ratio = DoublesField()
    velocity_per_month = DoublesField()
    reasons = models.JSONField()
    build_differs = models.BooleanField(default=False)
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesion", "timepoint", "reference", "feature_set"], name="one_delta_a_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesion} against {self.reference}"


class ResponseAssessment(models.Model):
    """A response category under a named criterion at one timepoint, with reasons.

    Sums are text of exact decimals (millimetres): nothing rounds them between rule and page.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="responses")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="responses")
    criterion = models.CharField(max_length=24, choices=Criterion.pairs())
    category = models.CharField(max_length=12, choices=ResponseCategory.pairs())
    assessed_on = models.DateField()
    sum_mm = models.CharField(max_length=40, blank=True)
    partial_sum_mm = models.CharField(max_length=40)
    baseline_sum_mm = models.CharField(max_length=40, blank=True)
    nadir_sum_mm = models.CharField(max_length=40, blank=True)
    contributions = models.JSONField()
    rule = models.CharField(max_length=40)
    reasons = models.JSONField()
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["timepoint", "criterion"], name="one_response_a_timepoint"),
        ]

    def __str__(self) -> str:
        return f"{self.category} on {self.assessed_on}"
