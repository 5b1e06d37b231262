"""Scans, or all there is, of one patient put under another: who asked, who agreed, and what went, kept for ever."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from patients.models.people import Patient
from patients.words.identity_words import MoveKind, MoveState


class Move(models.Model):
    """What was, or is to be, taken from `source` and put under `target` (where not there yet: `pseudonym`).

    `scan_pks`: the scans that were asked for. `doubts` and `differs`: what spoke against it when it was asked for; with
    doubts a second steward decides. `went`: what went, row by row, by which it is put back. `undoes`: the move that
    this one takes back. Decided, the row is never changed.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=MoveKind.pairs())
    state = models.CharField(max_length=8, choices=MoveState.pairs(), default=MoveState.ASKED)
    source = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="moves_away")
    target = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="moves_here")
    pseudonym = models.CharField(max_length=64, blank=True)
    scan_pks = ArrayField(models.BigIntegerField(), default=list)
    doubts = models.JSONField(default=list)
    differs = models.JSONField(default=list)
    went = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state=MoveState.ASKED), name="one_open_move_a_patient"
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(state=MoveState.DONE, undoes__isnull=False), name="put_back_once"
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | ~Q(target=F("source")), name="moves_are_between_two_patients"
            ),
            models.CheckConstraint(
                condition=Q(state=MoveState.ASKED) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="moves_are_decided_by_a_person",
            ),
            # Where anything spoke against it, whoever asked is no second person.
            models.CheckConstraint(
                condition=~Q(state=MoveState.DONE) | Q(doubts=[]) | ~Q(decided_by=F("asked_by")),
                name="doubtful_moves_take_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=MoveState.DONE) | Q(target__isnull=False), name="what_went_went_to_a_patient"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"
