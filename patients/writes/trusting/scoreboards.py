"""A team's scoreboards, counted anew."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from patients.concluded.trusted import Episode
from patients.models import ScoreboardKept
from patients.writes.plain import plain


def replace_scoreboards(team_pk: int, boards: Sequence[tuple[Sequence[Episode], dict[str, Any]]]) -> None:
    """Keep each scoreboard: episodes of one model and kind of patients, and the statistics of those scored in time."""
    with transaction.atomic():
        ScoreboardKept.objects.filter(team=team_pk).delete()
        for episodes, board in boards:
            first = episodes[0]
            late = [one for one in episodes if one.is_after_outcome]
            ScoreboardKept.objects.create(
                team_id=team_pk,
                model_id=first.model_id,
                model_version=first.model_version,
                model_digest=first.model_digest,
                board=plain(board),
                after_outcome=len(late),
                waiting=sum(one.grade is None for one in episodes if not one.is_after_outcome),
                is_synthetic=first.is_synthetic,
            )
