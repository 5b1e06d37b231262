"""What is held for a second person, and what is hidden: who asked, who decided and why, kept for ever."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models.imaging import Candidate, Scan
from patients.models.lesions import Lesion, Segmentation
from patients.models.people import Patient, Team
from patients.words.identity_words import HoldState, WithheldWhy


class Hold(models.Model):
    """A series, or an outline, that is not filed before somebody else has looked.

    Of a series: `candidate` is wanted under `pseudonym` (in small letters), whose `patient` may not be there yet. Of
    an outline: it is of `candidate` and has `mask_digest` and `roi_name`, or is `segmentation` that was taken from
    `lesion`. `doubts`: code and sentence of each; `differs`: what was compared, with both values where they may be
    shown. `beside`: the filed scan that stands against it. `asked_by` wanted it filed, and never decides.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=HoldState.pairs(), default=HoldState.OPEN)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.CASCADE, related_name="holds")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="holds")
    pseudonym = models.CharField(max_length=64, blank=True)
    segmentation = models.ForeignKey(Segmentation, null=True, on_delete=models.PROTECT, related_name="holds")
    lesion = models.ForeignKey(Lesion, null=True, on_delete=models.PROTECT, related_name="+")
    mask_digest = models.CharField(max_length=64, blank=True)
    roi_name = models.CharField(max_length=120, blank=True)
    beside = models.ForeignKey(Scan, null=True, on_delete=models.PROTECT, related_name="+")
    doubts = models.JSONField(default=list)
    differs = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "pseudonym", "mask_digest", "roi_name", "segmentation"],
                condition=Q(state=HoldState.OPEN),
                nulls_distinct=False,
                name="one_open_hold",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[HoldState.RELEASED, HoldState.REFUSED])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="holds_are_decided_by_a_person_with_a_reason",
            ),
            # Whoever wanted it filed is no second person: held here as well as where it is asked.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="nobody_decides_what_they_asked_for",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold {self.code} {self.state}"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its doubts."""
        return tuple(doubt["code"] for doubt in self.doubts)


class Withholding(models.Model):
    """Why the numbers of a patient, of one scan or of one outline are hidden, until it is lifted; data are kept."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    why = models.CharField(max_length=16, choices=WithheldWhy.pairs())
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="withholdings")
    scan = models.ForeignKey(Scan, null=True, on_delete=models.PROTECT, related_name="withholdings")
    segmentation = models.ForeignKey(Segmentation, null=True, on_delete=models.PROTECT, related_name="withholdings")
    hold = models.ForeignKey(Hold, null=True, on_delete=models.SET_NULL, related_name="withholdings")
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "scan", "segmentation", "why"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="one_withholding_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(scan__isnull=True) | Q(segmentation__isnull=True), name="withheld_is_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_why_display()}: {self.reason}"
