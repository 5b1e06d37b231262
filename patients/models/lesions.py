"""Lesions, their outlines and what was measured on them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from patients.models.imaging import Scan
from patients.models.people import Patient
from patients.vocabulary import Absence, AlgorithmType, LesionRole, Organ, OutlineFormat
from patients.words.reading_words import NewLesionKind

# Code of the note on an outline that a person took from its lesion: the worker links it to none by itself again.
UNLINKED = "UNLINKED"


class Lesion(models.Model):
    """One finding followed through all timepoints: `tracking_uid` for ever, `tracking_id` for people.

    It may have no outline at all: a non-target that is only looked at, or a lesion that was measured elsewhere.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="lesions")
    tracking_uid = models.CharField(max_length=64)
    tracking_id = models.CharField(max_length=64)
    organ = models.CharField(max_length=16, choices=Organ.pairs())
    is_node = models.BooleanField(default=False)
    role = models.CharField(max_length=12, choices=LesionRole.pairs())
    new_kind = models.CharField(max_length=8, choices=NewLesionKind.pairs(), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "tracking_uid"], name="one_lesion_a_tracking_uid"),
            # Two readers, blinded to each other, may open a new lesion of the same name in their drafts.
            models.UniqueConstraint(
                fields=["patient", "tracking_id", "created_by"],
                nulls_distinct=False,
                name="one_lesion_a_tracking_id_and_opener",
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_id


class Segmentation(models.Model):
    """The outline of one lesion on one scan; without a lesion it waits to be linked.

    A newer outline supersedes an older one, which is kept with who and when. `centroid_mm`: LPS, in the
    scan's own frame. `slices` names the manifest of the stored slice pictures and says which is largest.
    `made_with`: what the file says of its tool, and a keyed hash of the person who drew it.
    `failure`: code and sentence where measuring was refused or did not end. Outlines that were filed together
    have the same `created_at`. `is_withheld`: its numbers are hidden, by itself or with its scan (Withholding).
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="segmentations")
    lesion = models.ForeignKey(Lesion, null=True, blank=True, on_delete=models.PROTECT, related_name="segmentations")
    outline_format = models.CharField(max_length=12, choices=OutlineFormat.pairs())
    roi_name = models.CharField(max_length=120, blank=True)
    tracking_uid = models.CharField(max_length=64, blank=True)
    tracking_id = models.CharField(max_length=64, blank=True)
    organ = models.CharField(max_length=16, choices=Organ.pairs(), blank=True)
    algorithm_type = models.CharField(max_length=16, choices=AlgorithmType.pairs(), default=AlgorithmType.UNKNOWN)
    made_with = models.JSONField(default=dict, blank=True)
    mask_digest = models.CharField(max_length=64)
    mask_file = models.CharField(max_length=64)
    voxels = models.PositiveIntegerField()
    centroid_mm = models.JSONField(default=list)
    slices = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    failure = models.JSONField(default=dict, blank=True)
    linked_why = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    is_withheld = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scan", "lesion"],
                condition=Q(superseded_at__isnull=True, lesion__isnull=False),
                name="one_current_outline_a_lesion_and_scan",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True, superseded_at__isnull=True)
                | Q(superseded_by__isnull=False, superseded_at__isnull=False),
                name="superseded_by_whom_and_when",
            ),
        ]
        # Noticing the mask of another scan asks by digest alone.
        indexes = [models.Index(fields=["mask_digest"], name="outline_by_mask")]

    def __str__(self) -> str:
        return f"Outline {self.roi_name or self.tracking_id} on {self.scan}"

    @property
    def sizes_told(self) -> "Measurement | None":
        """Its measurement; none where the row was asked for with `is_damaged` (standing_damage) and that is so."""
        return None if getattr(self, "is_damaged", False) else getattr(self, "measurement", None)


class Measurement(models.Model):
    """The size of one outline, with the slice and end points it was taken from.

    `longest_at` and `shortest_at`: slice index and two points (LPS, mm). `absence`: why it may not enter a sum.
    `outside_ratio`: the share of voxels below -900 or above 400 HU (CT only, else NULL).
    """

    segmentation = models.OneToOneField(Segmentation, on_delete=models.CASCADE, related_name="measurement")
    longest_diameter_mm = models.FloatField()
    short_axis_mm = models.FloatField()
    volume_ml = models.FloatField()
    longest_at = models.JSONField(default=dict)
    shortest_at = models.JSONField(default=dict)
    component_diameters_mm = models.JSONField(default=list)
    outside_ratio = models.FloatField(null=True, blank=True)
    absence = models.CharField(max_length=24, choices=Absence.pairs(), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.longest_diameter_mm} mm × {self.short_axis_mm} mm"
