"""What noise bands are made of (repeats under perturbation, same-day pairs of scans), the bands, and volume beside."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet
from patients.models.lesions import Segmentation
from patients.vocabulary import Modality
from patients.words.noise_words import NoiseSource, SizeClass


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


class NoiseTable(models.Model):
    """The noise bands of one source, modality, feature set (null: sizes) and size class, over the whole site.

    Made-up patients (`is_synthetic`) have tables of their own: neither kind is judged by the noise of the other.

    `within_sd` (wSD), `mdc` and its upper 95 % limit on the scale on which each feature is compared (`is_log`: of its
    natural logarithm), NULL with its reason in `missing`; `degrees` of freedom (0: not published), `lesions`,
    `patients` and `left_out` stand behind each. Replaced whenever its repeats change.
    """

    source = models.CharField(max_length=14, choices=NoiseSource.pairs())
    modality = models.CharField(max_length=2, choices=Modality.pairs())
    feature_set = models.ForeignKey(FeatureSet, null=True, on_delete=models.PROTECT, related_name="+")
    size_class = models.CharField(max_length=8, choices=SizeClass.pairs())
    is_synthetic = models.BooleanField(default=False)
    is_log = ArrayField(models.BooleanField(), default=list)
    within_sd = DoublesField()
    mdc = DoublesField(default=list)
    upper_mdc = DoublesField(default=list)
    degrees = ArrayField(models.IntegerField())
    lesions = ArrayField(models.IntegerField())
    patients = ArrayField(models.IntegerField())
    left_out = ArrayField(models.IntegerField())
    missing = ArrayField(models.CharField(max_length=14, null=True))
    citation = models.TextField(blank=True)
    inputs_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "modality", "feature_set", "size_class", "is_synthetic"],
                nulls_distinct=False,
                name="one_noise_table_a_class",
            ),
        ]

    def __str__(self) -> str:
        return f"Noise of {self.modality}, {self.size_class}, {self.source}"


class RetestPair(models.Model):
    """One lesion outlined on two scans of one day: a test and a retest, never progress.

    `why_not`: what keeps the pair out of the noise bands; empty where it is in them.
    """

    first = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="+")
    why_not = models.TextField(blank=True)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_retest_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class VolumeSlopeTable(models.Model):
    """How the features of one set follow volume over the whole site, one entry a feature, one lesion one row of it.

    Made-up patients (`is_synthetic`) have a table of their own.

    `slope` of the change from baseline, in the form in which the feature is compared, on ln volume ratio, with its
    `standard_error`: NULL below 30 lesions. `spearman`: rank correlation of the two, NULL below three. `lesions`
    stand behind each. `follows_volume`: whether the feature moves with volume although the texture stays.
    `inputs_digest` is of the changes it was made from.
    """

    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="+")
    is_synthetic = models.BooleanField(default=False)
    follows_volume = ArrayField(models.BooleanField())
    slope = DoublesField()
    standard_error = DoublesField()
    spearman = DoublesField()
    lesions = ArrayField(models.IntegerField())
    inputs_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feature_set", "is_synthetic"], name="one_volume_table_a_set"),
        ]

    def __str__(self) -> str:
        return f"Volume in {self.feature_set}"
