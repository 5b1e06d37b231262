"""What was concluded, as rows that are replaced whenever their inputs change."""

from django.conf import settings
from django.db import models

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet, FeatureSnapshot
from patients.models.imaging import Timepoint
from patients.models.lesions import Lesion
from patients.models.people import Patient, TreatmentCourse
from patients.vocabulary import Criterion, Reference, ResponseCategory
from patients.words.regions import Region


class FeatureDelta(models.Model):
    """The changes of one lesion's features at one timepoint against one reference.

    One row per lesion, timepoint, reference, region and feature set; arrays in the set's order, NULL where not
    defined. `reasons` maps each form of change to its array of reason codes.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="deltas")
    lesion = models.ForeignKey(Lesion, on_delete=models.CASCADE, related_name="deltas")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="deltas")
    reference = models.CharField(max_length=12, choices=Reference.pairs())
    region = models.CharField(max_length=12, choices=Region.pairs(), default=Region.LESION)
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
                fields=["lesion", "timepoint", "reference", "region", "feature_set"], name="one_delta_a_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesion} against {self.reference}"


class ResponseAssessment(models.Model):
    """A response category under a named criterion at one timepoint, with reasons.

    Sums are text of exact decimals (millimetres): nothing rounds them between rule and page. `reader` is null
    for the reading that counts, `course` where no line of therapy is recorded. `flips`: what would change it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="responses")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="responses")
    course = models.ForeignKey(TreatmentCourse, null=True, on_delete=models.CASCADE, related_name="responses")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    criterion = models.CharField(max_length=32, choices=Criterion.pairs())
    category = models.CharField(max_length=24, choices=ResponseCategory.pairs())
    assessed_on = models.DateField()
    sum_mm = models.CharField(max_length=40, blank=True)
    partial_sum_mm = models.CharField(max_length=40)
    baseline_sum_mm = models.CharField(max_length=40, blank=True)
    nadir_sum_mm = models.CharField(max_length=40, blank=True)
    contributions = models.JSONField()
    rule = models.CharField(max_length=60)
    source = models.CharField(max_length=200, blank=True)
    reasons = models.JSONField()
    flags = models.JSONField(default=list)
    non_target = models.CharField(max_length=80, blank=True)
    new_lesions = models.CharField(max_length=80, blank=True)
    revised = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    alternative = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    flips = models.JSONField(default=list)
    protocol = models.CharField(max_length=120, blank=True)
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["timepoint", "criterion", "course", "reader"],
                nulls_distinct=False,
                name="one_response_a_timepoint_and_reader",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} on {self.assessed_on}"


class ResponseSummary(models.Model):
    """Best responses and dates of one line of therapy under one reader (null: the reading that counts).

    `blocks`: each unconfirmed progression of iRECIST with its window and what became of it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="summaries")
    course = models.ForeignKey(TreatmentCourse, null=True, on_delete=models.CASCADE, related_name="summaries")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    best = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    confirmed_best = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    responded_on = models.DateField(null=True)
    progressed_on = models.DateField(null=True)
    immune_best = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    immune_confirmed_best = models.CharField(max_length=24, choices=ResponseCategory.pairs(), blank=True)
    immune_responded_on = models.DateField(null=True)
    confirmed_progression_on = models.DateField(null=True)
    immune_progressed_on = models.DateField(null=True)
    is_immune_progression_confirmed = models.BooleanField(default=False)
    blocks = models.JSONField(default=list)
    protocol = models.CharField(max_length=120, blank=True)
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "course", "reader"], nulls_distinct=False, name="one_summary_a_course_and_reader"
            ),
        ]

    def __str__(self) -> str:
        return f"Best {self.best or 'not called'}"
