"""What was put under another patient, and what waits for a second steward to agree to it."""

import uuid
from collections.abc import Collection

from django.db.models import Q, QuerySet

from patients.models import Move
from patients.words.identity_words import MoveState


def _moves(team_pks: Collection[int]) -> QuerySet[Move]:
    """Only whoever sees both patients may learn that the one has to do with the other."""
    both = Q(source__team__in=team_pks) & (Q(target=None) | Q(target__team__in=team_pks))
    return Move.objects.filter(both).select_related("source", "target", "asked_by", "decided_by", "undoes")


def move_seen(team_pks: Collection[int], code: uuid.UUID) -> Move | None:
    """One move between patients of these teams."""
    return _moves(team_pks).filter(code=code).first()


def moves_of(patient_pk: int, team_pks: Collection[int]) -> list[Move]:
    """What went from or to a patient, or is asked to, newest first; what was refused is left out; one query."""
    rows = _moves(team_pks).filter(Q(source=patient_pk) | Q(target=patient_pk)).exclude(state=MoveState.REFUSED)
    return list(rows.order_by("-pk"))


def open_moves(team_pks: Collection[int]) -> list[Move]:
    """Those that wait for a second steward, oldest first."""
    return list(_moves(team_pks).filter(state=MoveState.ASKED).order_by("pk"))
