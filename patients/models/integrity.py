"""What checks of stored files and rows found, and when each file was last checked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.people import Patient
from patients.words.integrity_words import Damage


class IntegrityFault(models.Model):
    """One damaged file or row, from when it was found until a check finds it whole again.

    `segmentation_pks`: the outlines whose features are not used while it stands; `reaches_sizes`: nor their sizes.
    """

    kind = models.CharField(max_length=20, choices=Damage.pairs())
    subject = models.CharField(max_length=100)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.CASCADE, related_name="integrity_faults")
    segmentation_pks = ArrayField(models.BigIntegerField(), default=list)
    reaches_sizes = models.BooleanField(default=True)
    sentence = models.CharField(max_length=300)
    found_at = models.DateTimeField(auto_now_add=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(cleared_at=None), name="one_standing_fault_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"


class FileCheck(models.Model):
    """When one stored file was last read and held against its name."""

    digest = models.CharField(max_length=64, primary_key=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        # The files that were checked longest ago come first; those never checked before all.
        indexes = [models.Index(models.F("checked_at").asc(nulls_first=True), name="files_by_check")]

    def __str__(self) -> str:
        return self.digest
