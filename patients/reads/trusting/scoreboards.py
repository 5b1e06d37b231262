"""Episodes to be counted, and the scoreboards that were counted, row to frozen object."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.db.models.functions import Coalesce

from patients.concluded.trust_findings import CalibrationGroup, Figure, Scoreboard
from patients.concluded.trusted import Episode
from patients.models import PseudoprogressionScore, ScoreboardKept
from patients.reads.trusting.scores import grade_of
from patients.words.trust_words import Grading

FIGURES = ("observed_to_expected", "intercept", "slope", "brier", "scaled_brier", "discrimination")


@dataclass(frozen=True, slots=True)
class BoardKept:
    """One team's scoreboard of one model as it was last counted."""

    team: str
    model_id: str
    model_version: str
    model_digest: str
    board: Scoreboard
    after_outcome: int
    waiting: int
    is_synthetic: bool
    computed_at: datetime


def episodes_of(team_pk: int) -> tuple[Episode, ...]:
    """Every episode of a team's patients, in two queries at most; a block that was looked at twice counts once."""
    rows = (
        PseudoprogressionScore.objects.filter(patient__team=team_pk, superseded_at=None, opened_on__isnull=False)
        .annotate(seen_on=Coalesce(Min("timepoint__scans__acquired_on"), "timepoint__judged_on"))
        .select_related("patient")
        .order_by("patient_id", "course_id", "opened_on", "seen_on", "pk")
    )
    first: dict[tuple[object, ...], PseudoprogressionScore] = {}
    for row in rows:
        first.setdefault((row.patient_id, row.course_id, row.opened_on), row)
    return tuple(
        Episode(
            row.patient_id,
            row.model_id,
            row.model_version,
            row.model_digest,
            grade_of(row.grades[-1]) if row.grades else None,
            row.is_after_outcome,
            row.patient.is_synthetic,
        )
        for row in first.values()
    )


def scoreboards_of(team_pks: Iterable[int]) -> tuple[BoardKept, ...]:
    """The scoreboards of several teams, in one query."""
    rows = (
        ScoreboardKept.objects.filter(team__in=list(team_pks))
        .select_related("team")
        .order_by("team__name", "is_synthetic", "pk")
    )
    return tuple(
        BoardKept(
            row.team.name,
            row.model_id,
            row.model_version,
            row.model_digest,
            _board(row.board),
            row.after_outcome,
            row.waiting,
            row.is_synthetic,
            row.computed_at,
        )
        for row in rows
    )


def _board(data: dict[str, object]) -> Scoreboard:
    said: dict[str, object] = {**data, **{name: _figure(data[name]) for name in FIGURES}}
    groups, counted, sentences = data["groups"], data["not_graded"], data["sentences"]
    assert isinstance(groups, list) and isinstance(counted, list) and isinstance(sentences, list)
    said["groups"] = tuple(CalibrationGroup(**{**one, "observed": Figure(**one["observed"])}) for one in groups)
    said["not_graded"] = tuple((Grading(grading), count) for grading, count in counted)
    said["sentences"] = tuple(sentences)
    return Scoreboard(**said)  # type: ignore[arg-type]  # plain data of the very fields


def _figure(data: object) -> Figure | None:
    return Figure(**data) if isinstance(data, dict) else None
