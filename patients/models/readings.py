"""What readers judged: one row a reader, visit and version; signed ones are never changed again."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.models.imaging import Timepoint
from patients.models.lesions import Lesion, Segmentation
from patients.models.people import Patient
from patients.vocabulary import LesionRole
from patients.words.reading_words import (
    ClinicalStatus,
    DiameterFrom,
    NewDisease,
    NonTarget,
    ReadingState,
    Reappearance,
    SizeState,
    Trend,
)

IN_FORCE = (ReadingState.SIGNED, ReadingState.REOPENED)


class Reading(models.Model):
    """One reader's judgement of one timepoint.

    A draft is open to its reader alone. Signed, it stays as it is: the database lets nothing but its state move
    on. Where an outline changes afterwards it is re-opened, which means it stays in force and a draft of the
    next version waits for its reader; `reopened_why` of that draft says why. `reader_name` names the reader
    where there is no login (measured elsewhere). `inputs_digest`: over the sizes it was signed on.
    `steroid_mg`: prednisone equivalent, mg a day. `new_disease_why`: a NotTumour or the reader's own words.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="readings")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="readings")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="readings"
    )
    reader_name = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    state = models.CharField(max_length=12, choices=ReadingState.pairs(), default=ReadingState.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    inputs_digest = models.CharField(max_length=64, blank=True)
    reopened_why = models.CharField(max_length=200, blank=True)
    non_target = models.CharField(max_length=8, choices=NonTarget.pairs(), blank=True)
    non_target_trend = models.CharField(max_length=8, choices=Trend.usual_pairs(), blank=True)
    non_target_on = models.DateField(null=True, blank=True)
    new_disease = models.CharField(max_length=8, choices=NewDisease.pairs(), blank=True)
    new_on = models.DateField(null=True, blank=True)
    new_disease_why = models.CharField(max_length=200, blank=True)
    equivocal_resolved = models.BooleanField(default=False)
    confirms_equivocal = models.BooleanField(default=False)
    regions_not_scanned = models.JSONField(default=list, blank=True)
    reappearance = models.CharField(max_length=12, choices=Reappearance.pairs(), blank=True)
    reappearance_why = models.CharField(max_length=200, blank=True)
    is_merged_cr_confirmed = models.BooleanField(default=False)
    clinical_status = models.CharField(max_length=12, choices=ClinicalStatus.pairs(), blank=True)
    steroid_mg = models.FloatField(null=True, blank=True)
    is_for_symptom = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["timepoint", "reader", "reader_name"],
                condition=Q(state=ReadingState.DRAFT),
                nulls_distinct=False,
                name="one_draft_a_reader_and_timepoint",
            ),
            models.UniqueConstraint(
                fields=["timepoint", "reader", "reader_name"],
                condition=Q(state__in=list(IN_FORCE)),
                nulls_distinct=False,
                name="one_signed_reading_in_force",
            ),
            models.UniqueConstraint(
                fields=["timepoint", "reader", "reader_name", "version"],
                nulls_distinct=False,
                name="one_reading_a_version",
            ),
            models.CheckConstraint(condition=Q(state__in=list(ReadingState)), name="reading_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ReadingState.DRAFT, signed_at__isnull=True)
                | (~Q(state=ReadingState.DRAFT) & Q(signed_at__isnull=False) & ~Q(non_target="") & ~Q(new_disease="")),
                name="signed_readings_are_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Reading {self.version} by {self.who} ({self.get_state_display()})"

    @property
    def who(self) -> str:
        """The reader by name."""
        return self.reader_name or (self.reader.get_username() if self.reader else "")

    @property
    def is_in_force(self) -> bool:
        """Whether it is signed and no later version is."""
        return self.state in IN_FORCE


class LesionReading(models.Model):
    """What one reader said of one lesion at one visit.

    `diameter_mm` is the reader's own, typed or drawn, with its reason; `outline_mm` is what the outline gave when
    the reading was signed, so that both stay visible. `drawn_on` and `drawn_at`: the outline on whose
    pictures it was drawn, and slice index and two points (LPS, mm) as in a Measurement; empty where it was drawn
    elsewhere. `role` is the reader's choice at baseline. `why`: why it is not evaluable, or not tumour.
    """

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="lesions")
    lesion = models.ForeignKey(Lesion, on_delete=models.PROTECT, related_name="readings")
    state = models.CharField(max_length=8, choices=SizeState.pairs())
    diameter_mm = models.FloatField(null=True, blank=True)
    diameter_from = models.CharField(max_length=8, choices=DiameterFrom.pairs(), default=DiameterFrom.OUTLINE)
    diameter_why = models.CharField(max_length=200, blank=True)
    drawn_on = models.ForeignKey(Segmentation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.JSONField(default=dict, blank=True)
    outline_mm = models.FloatField(null=True, blank=True)
    outline = models.ForeignKey(Segmentation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    parts_mm = models.JSONField(default=list, blank=True)
    merged_into = models.ForeignKey(Lesion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    trend = models.CharField(max_length=8, choices=Trend.pairs(), blank=True)
    observed_on = models.DateField(null=True, blank=True)
    role = models.CharField(max_length=12, choices=LesionRole.pairs(), blank=True)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "lesion"], name="one_word_a_lesion_and_reading"),
            models.CheckConstraint(
                condition=Q(diameter_mm__isnull=True) | Q(diameter_mm__gte=0, diameter_mm__lte=600),
                name="diameter_is_of_a_body",
            ),
            models.CheckConstraint(
                condition=Q(diameter_from=DiameterFrom.OUTLINE, diameter_mm__isnull=True)
                | (~Q(diameter_from=DiameterFrom.OUTLINE) & Q(diameter_mm__isnull=False) & ~Q(diameter_why="")),
                name="own_diameters_have_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(drawn_on__isnull=True, drawn_at={})
                | (Q(drawn_on__isnull=False, diameter_from=DiameterFrom.DRAWN) & ~Q(drawn_at={})),
                name="lines_are_of_drawn_diameters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesion}: {self.get_state_display()}"


class Adjudication(models.Model):
    """Which of two readings of one visit counts, by whom and why; kept for ever, the newest counts."""

    timepoint = models.ForeignKey(Timepoint, on_delete=models.PROTECT, related_name="adjudications")
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="adjudications")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=400)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.reading} counts"


class ConfirmationAppointment(models.Model):
    """For when the scan is booked that confirms a progression or not; kept, the newest of a progression counts.

    `opened_on` is the day of the unconfirmed progression, `booked_for` is null where a booking was taken back.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="confirmations")
    opened_on = models.DateField()
    booked_for = models.DateField(null=True, blank=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(booked_for__isnull=True) | Q(booked_for__gt=F("opened_on")),
                name="confirmation_follows_its_progression",
            ),
        ]

    def __str__(self) -> str:
        return f"Booked for {self.booked_for}" if self.booked_for else "Not booked"
