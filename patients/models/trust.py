"""Whether a change may be believed, as rows: accepted pairs are kept, all else is replaced whenever inputs change."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from patients.models.doubles import DoublesField
from patients.models.features import FeatureSet
from patients.models.imaging import Scan, Timepoint
from patients.models.lesions import Lesion
from patients.models.people import Patient, Team, TreatmentCourse
from patients.vocabulary import Reference
from patients.words.trust_words import Comparability


class PairAcceptance(models.Model):
    """A named person's word that texture of a blocked pair of scans may be compared all the same.

    `codes` are the rules that blocked it, under the rules of `rules_digest`. A withdrawn word is kept.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="acceptances")
    then_scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="+")
    now_scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="+")
    rules_digest = models.CharField(max_length=64)
    codes = models.JSONField()
    reason = models.TextField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["then_scan", "now_scan", "rules_digest"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_word_a_pair_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"Accepted by {self.accepted_by}"


class LesionPair(models.Model):
    """One lesion at one visit against a reference: the pair of scans, what its size did, and how fast it grows.

    `found` is the pair's comparability, `growth` rates or their reasons, as plain data.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="pairs")
    lesion = models.ForeignKey(Lesion, on_delete=models.CASCADE, related_name="pairs")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="pairs")
    then_timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="+")
    then_scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="+")
    now_scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=12, choices=Reference.pairs())
    interval_days = models.IntegerField()
    level = models.CharField(max_length=16, choices=Comparability.pairs())
    found = models.JSONField()
    acceptance = models.ForeignKey(PairAcceptance, null=True, on_delete=models.CASCADE, related_name="+")
    volume_ml = DoublesField()
    longest_diameter_mm = DoublesField()
    growth = models.JSONField(null=True)
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesion", "timepoint", "reference", "now_scan"], name="one_pair_a_lesion_and_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesion} against {self.reference}: {self.level}"


class ChangeNoise(models.Model):
    """The changes of one comparison beside their noise bands; without a feature set they are volume and diameter.

    Arrays in the set's order, NULL where there is none; `words` holds verdicts, sources and reasons by position.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="noises")
    lesion = models.ForeignKey(Lesion, on_delete=models.CASCADE, related_name="noises")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="noises")
    reference = models.CharField(max_length=12, choices=Reference.pairs())
    feature_set = models.ForeignKey(FeatureSet, null=True, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)
    change = DoublesField()
    z = DoublesField()
    p = DoublesField()
    q = DoublesField()
    mdc = DoublesField()
    upper_mdc = DoublesField()
    limit = DoublesField()
    is_log = ArrayField(models.BooleanField())
    is_without_volume = ArrayField(models.BooleanField())
    verdicts = ArrayField(models.CharField(max_length=20))
    sources = ArrayField(models.CharField(max_length=14, null=True))
    missing = ArrayField(models.CharField(max_length=14, null=True))
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lesion", "timepoint", "reference", "feature_set", "order"],
                nulls_distinct=False,
                name="one_noise_a_comparison",
            ),
        ]

    def __str__(self) -> str:
        return f"Noise of {self.lesion} against {self.reference}"


class VisitConclusion(models.Model):
    """What a patient's lesions come to at one visit: panel counts, growth of the sum, opposite answers."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="visit_conclusions")
    timepoint = models.OneToOneField(Timepoint, on_delete=models.CASCADE, related_name="conclusion")
    summary = models.JSONField()
    inputs_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Summary of {self.timepoint}"


class PatientDelta(models.Model):
    """Aggregates of change over a patient's lesions at one visit against one reference, for a whole feature set."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="patient_deltas")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=12, choices=Reference.pairs())
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="+")
    is_log = ArrayField(models.BooleanField())
    volume_weighted_mean = DoublesField()
    mean = DoublesField()
    largest = DoublesField()
    largest_absolute = DoublesField()
    deviation = DoublesField()
    spread = DoublesField()
    lesions = ArrayField(models.IntegerField())
    without_change = ArrayField(models.IntegerField())
    new = models.PositiveSmallIntegerField()
    is_weighted = models.BooleanField()
    largest_lesion = models.ForeignKey(Lesion, null=True, on_delete=models.CASCADE, related_name="+")
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["timepoint", "reference", "feature_set"], name="one_patient_delta_a_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"All lesions against {self.reference}"


class LesionDiscordance(models.Model):
    """Of one lesion: the dates at which size and texture disagree beyond noise, and which left its band first."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="discordances")
    lesion = models.OneToOneField(Lesion, on_delete=models.CASCADE, related_name="discordance")
    dates = models.JSONField()
    departure = models.JSONField()
    last_on = models.DateField(null=True)
    inputs_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Discordance of {self.lesion}"


class LesionTrajectory(models.Model):
    """Of one lesion on one kind of scan: each feature of the default panel over all its visits, in a few numbers.

    `panel`: one Trajectory a feature, as plain data.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="trajectories")
    lesion = models.ForeignKey(Lesion, on_delete=models.CASCADE, related_name="trajectories")
    feature_set = models.ForeignKey(FeatureSet, on_delete=models.PROTECT, related_name="+")
    panel = models.JSONField()
    inputs_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lesion", "feature_set"], name="one_trajectory_a_lesion_and_set"),
        ]

    def __str__(self) -> str:
        return f"Trajectory of {self.lesion}"


class PseudoprogressionScore(models.Model):
    """One score as it was given at one visit, with everything the model looked at; never changed, only superseded.

    `evidence_only` is the same without expert weights that raise it. `is_after_outcome`: what became of the
    progression was already known when it was given; `outcome_known_at`: since when that was known here, and it is
    never unknown again. `grades` are derived anew as the course goes on, and are no part of the score.
    It outlives its line of therapy where that is removed.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="scores")
    timepoint = models.ForeignKey(Timepoint, on_delete=models.CASCADE, related_name="scores")
    course = models.ForeignKey(TreatmentCourse, null=True, on_delete=models.SET_NULL, related_name="scores")
    opened_on = models.DateField(null=True)
    model_id = models.CharField(max_length=60)
    model_version = models.CharField(max_length=20)
    model_digest = models.CharField(max_length=64)
    status = models.CharField(max_length=24)
    probability = models.FloatField(null=True)
    score = models.JSONField()
    evidence_only = models.JSONField(null=True)
    inputs = models.JSONField()
    inputs_digest = models.CharField(max_length=64)
    is_after_outcome = models.BooleanField(default=False)
    outcome_known_at = models.DateTimeField(null=True)
    grades = models.JSONField(default=list)
    given_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["timepoint", "course"],
                condition=models.Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="one_score_in_force_a_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"Score of {self.timepoint}: {self.status}"


class ScoreboardKept(models.Model):
    """How often one model's scores were right in one team, worked out when its grades last changed.

    `board` is the Scoreboard as plain data. `after_outcome` episodes were scored too late to be a prediction,
    `waiting` ones have no grade yet. Made-up patients (`is_synthetic`) are counted on a board of their own.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="scoreboards")
    model_id = models.CharField(max_length=60)
    model_version = models.CharField(max_length=20)
    model_digest = models.CharField(max_length=64)
    board = models.JSONField()
    after_outcome = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField()
    is_synthetic = models.BooleanField(default=False)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["team", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "model_digest", "is_synthetic"], name="one_scoreboard_a_team_and_model"
            ),
        ]

    def __str__(self) -> str:
        return f"Scoreboard of {self.team}"
