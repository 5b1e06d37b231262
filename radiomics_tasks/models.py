"""ProcessingRun: one piece of background work, its lease and its attempts."""

from django.db import models
from django.db.models import Q

from patients.vocabulary import RunState, Step


class ProcessingRun(models.Model):
    """One piece of work: the record of it, of which the broker's message is only a hint.

    QUEUED -> RUNNING (a claim: lease, token and attempt, committed before any work)
    RUNNING -> DONE, or back to QUEUED where it was armed again meanwhile (`is_rearmed`)
    RUNNING -> RETRY_WAIT (until `wake_at`) -> QUEUED, or FAILED in words after the last attempt
    RUNNING -> QUEUED undone, where it was put off until other work is done
    A RUNNING whose lease has run out may be claimed again; the earlier holder's token no longer counts.
    """

    step = models.CharField(max_length=24, choices=Step.pairs())
    subject_pk = models.BigIntegerField()
    input_key = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=RunState.pairs(), default=RunState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=120, blank=True)
    is_rearmed = models.BooleanField(default=False)
    wake_at = models.DateTimeField(null=True, blank=True)
    publishes = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    armed_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "subject_pk", "input_key"], name="one_run_a_piece_of_work"),
            models.CheckConstraint(condition=Q(state__in=list(RunState)), name="run_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state=RunState.RUNNING) & Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="a_lease_while_it_runs",
            ),
        ]
        # The reconciler asks every few seconds for what is not finished.
        indexes = [
            models.Index(
                fields=["state", "wake_at"],
                condition=Q(state__in=[RunState.QUEUED, RunState.RUNNING, RunState.RETRY_WAIT]),
                name="unfinished_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.subject_pk}: {self.state}"


class Heartbeat(models.Model):
    """The last sign of life of one thing that works in the background, by the database's clock."""

    name = models.CharField(max_length=24, unique=True)
    beat_at = models.DateTimeField(null=True)
    told = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name}: {self.beat_at}"
