"""What interrupts a line of therapy, and what is done to a single lesion beside it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.models.lesions import Lesion
from patients.models.people import TreatmentCourse
from patients.words.reading_words import LocalTherapy


class CourseHold(models.Model):
    """A pause of one line of therapy; without an end it goes on."""

    course = models.ForeignKey(TreatmentCourse, on_delete=models.CASCADE, related_name="holds")
    started_on = models.DateField()
    stopped_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["started_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F("started_on")),
                name="hold_stops_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Held from {self.started_on}"


class LesionTreatment(models.Model):
    """Surgery, radiation or ablation of one lesion: from that day it no longer counts as an untouched target."""

    lesion = models.ForeignKey(Lesion, on_delete=models.PROTECT, related_name="treatments")
    kind = models.CharField(max_length=12, choices=LocalTherapy.pairs())
    treated_on = models.DateField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["treated_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lesion", "kind", "treated_on"], name="one_treatment_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.treated_on}"
