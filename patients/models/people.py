"""Teams, their members, patients and lines of therapy."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.vocabulary import DrugClass, Tumour


class Team(models.Model):
    """Those who look after the same patients."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One login in one team: it decides which patients the login sees; roles decide what it may do."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Patient(models.Model):
    """The person, known only by a pseudonym.

    Identifiers are kept as keyed hashes only: enough for the next scan to find its patient
    and for a mismatch to be noticed, not enough to name anybody. `birth_year` is typed by a person where
    results must be held against it; no scan fills it in. `merged_into`: who this patient turned out to be; the row
    remains, empty, and says so.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pseudonym = models.CharField(max_length=64, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="patients")
    patient_id_hmac = models.CharField(max_length=64, blank=True, db_index=True)
    birth_date_hmac = models.CharField(max_length=64, blank=True)
    sex_hmac = models.CharField(max_length=64, blank=True)
    is_synthetic = models.BooleanField(default=False)
    tumour = models.CharField(max_length=12, choices=Tumour.pairs(), default=Tumour.UNKNOWN, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_withheld = models.BooleanField(default=False, editable=False)
    merged_into = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged")
    concluded_rules = models.CharField(max_length=64, blank=True, editable=False)
    concluded_protocol = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.pseudonym


class TreatmentCourse(models.Model):
    """One line of therapy; `started_on` is day zero, `randomised_on` is known in trials."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="courses")
    name = models.CharField(max_length=120)
    drug_class = models.CharField(max_length=32, choices=DrugClass.pairs())
    started_on = models.DateField()
    stopped_on = models.DateField(null=True, blank=True)
    randomised_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["started_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F("started_on")),
                name="course_stops_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.started_on}"
