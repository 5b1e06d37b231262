"""Uploads as they came, what was found in them, and the scans that were accepted into visits."""

import math
import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models.people import Patient, Team
from patients.vocabulary import CandidateState, Modality, TimepointKind, UploadState
from patients.written_dates import day


class Upload(models.Model):
    """Bytes as received, before anyone vouched for them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="uploads")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=UploadState.pairs(), default=UploadState.RECEIVING)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    ignored = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(UploadState)), name="upload_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"Upload {self.code} {self.state}"


class UploadedFile(models.Model):
    """One received file of an upload, in staging under its digest until the upload is settled."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "name", "sha256"], name="one_row_a_received_file"),
        ]

    def __str__(self) -> str:
        return self.name


class Timepoint(models.Model):
    """One visit at which disease is judged; its order and the baseline are derived from scan dates.

    `judged_on`: the date of a visit without scans here, one that was measured elsewhere.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="timepoints")
    kind = models.CharField(max_length=12, choices=TimepointKind.pairs(), default=TimepointKind.SCHEDULED)
    judged_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Timepoint {self.code}"


class Scan(models.Model):
    """One accepted series with its own date.

    `volume_file` names the canonical volume's bytes, `volume_digest` is over voxels and geometry:
    the scan's identity. `instances` lists the digests of the de-identified DICOM files. `is_withheld`: its numbers are
    hidden, for a reason of its own or of its patient (Withholding).
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="scans")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="scans")
    modality = models.CharField(max_length=2, choices=Modality.pairs())
    acquired_on = models.DateField()
    description = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=12)
    series_instance_uid = models.CharField(max_length=64, blank=True)
    study_instance_uid = models.CharField(max_length=64, blank=True)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    volume_digest = models.CharField(max_length=64)
    volume_file = models.CharField(max_length=64)
    geometry = models.JSONField()
    facts = models.JSONField(default=dict)
    instances = models.JSONField(default=list)
    is_synthetic = models.BooleanField(default=False)
    is_withheld = models.BooleanField(default=False)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["acquired_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "volume_digest"], name="one_scan_a_volume_and_patient"),
        ]
        # Noticing identical images, or a series of one study, under another patient asks by digest and UIDs alone.
        indexes = [
            models.Index(fields=["volume_digest"], name="scan_by_volume"),
            models.Index(fields=["series_instance_uid"], name="scan_by_series"),
            models.Index(fields=["study_instance_uid"], name="scan_by_study"),
            models.Index(fields=["frame_of_reference_uid"], name="scan_by_frame"),
        ]

    def __str__(self) -> str:
        return f"{self.modality} of {day(self.acquired_on)}"

    @property
    def slice_mm(self) -> float | None:
        """The distance of its slices: the largest spacing of its grid."""
        return max(self.geometry.get("spacing_mm", ()), default=None)

    @property
    def counting_order(self) -> tuple[date, float, str]:
        """Of several scans of one visit the last by this counts: later, then thinner slices, then by the images."""
        slice_mm = self.slice_mm
        return self.acquired_on, -math.inf if slice_mm is None else -slice_mm, self.volume_digest

    def has_outline(self, mask_digest: str, roi_name: str) -> bool:
        """Whether this very outline is kept under this name and still counts."""
        return self.segmentations.filter(mask_digest=mask_digest, roi_name=roi_name, superseded_at=None).exists()


class Candidate(models.Model):
    """One series found in an upload, with what is proposed for it and why.

    `facts` holds what the reader found (geometry, acquisition, identity as keyed hashes, stored digests),
    `outlines` one entry for each outline, `problems` the codes and sentences that stand in the way.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="candidates")
    state = models.CharField(max_length=16, choices=CandidateState.pairs())
    modality = models.CharField(max_length=2, choices=Modality.pairs(), blank=True)
    acquired_on = models.DateField(null=True, blank=True)
    description = models.CharField(max_length=120, blank=True)
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proposed_pseudonym = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    volume_digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    outlines = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    scan = models.ForeignKey(Scan, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidates")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CandidateState)), name="candidate_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.modality} in upload {self.upload_id}"
