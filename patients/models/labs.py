"""Laboratory results and clinical events as they were entered: corrected by a new row, never in place."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.labs.words import Analyte, Bound, EventKind
from patients.models.lesions import Lesion
from patients.models.people import Patient


class LabResult(models.Model):
    """One result: as entered (`value`, `unit`, `low`, `high`) and in the canonical unit of its analyte.

    A correction is a new row that `superseded_by` points to; a row taken back has `superseded_at` alone. The
    database lets nothing else of a row change. `name` tells analytes apart that are not in the vocabulary.
    `row_digest`: over everything that was said, by which the same row is known again.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="labs")
    analyte = models.CharField(max_length=16, choices=Analyte.pairs())
    name = models.CharField(max_length=60)
    taken_on = models.DateField()
    taken_at = models.DateTimeField(null=True, blank=True)
    bound = models.CharField(max_length=1, choices=Bound.pairs(), default=Bound.EXACT)
    value = models.FloatField()
    unit = models.CharField(max_length=24)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    canonical_value = models.FloatField()
    canonical_unit = models.CharField(max_length=24)
    canonical_low = models.FloatField(null=True, blank=True)
    canonical_high = models.FloatField(null=True, blank=True)
    assay = models.CharField(max_length=80, blank=True)
    row_digest = models.CharField(max_length=64)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    superseded_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["taken_on", F("taken_at").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "row_digest"], condition=Q(superseded_at=None), name="one_result_in_force"
            ),
            models.CheckConstraint(condition=Q(value__gte=0) & Q(canonical_value__gte=0), name="result_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.taken_on}"


class ClinicalEvent(models.Model):
    """One event: `detail` is the word that its kind asks for, `value` a daily dose in mg prednisone equivalent.

    Corrected and taken back like a result.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=24, choices=EventKind.pairs())
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    detail = models.CharField(max_length=16, blank=True)
    text = models.CharField(max_length=200, blank=True)
    lesion = models.ForeignKey(Lesion, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    reader_one = models.CharField(max_length=80, blank=True)
    reader_two = models.CharField(max_length=80, blank=True)
    row_digest = models.CharField(max_length=64)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    superseded_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["started_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "row_digest"], condition=Q(superseded_at=None), name="one_event_in_force"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="event_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.started_on}"
