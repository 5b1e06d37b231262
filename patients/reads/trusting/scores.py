"""Stored pseudoprogression scores and their grades, row to frozen object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from patients.concluded.trust_findings import (
    DomainContribution,
    EpisodeGrade,
    ItemContribution,
    ItemLeftOut,
    Score,
    Source,
)
from patients.models import PseudoprogressionScore
from patients.words.trust_words import Band, Grading, NotCounted, ScoreReason, ScoreStatus, SourceKind

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScoreKept:
    """One score as it was given, with its grades; `is_after_outcome`: it is on no scoreboard.

    `outcome_known_at`: since when it is known here what became of the progression.
    """

    pk: int
    patient_pk: int
    timepoint_pk: int
    course_pk: int | None
    opened_on: date | None
    score: Score
    grades: tuple[EpisodeGrade, ...]
    is_after_outcome: bool
    given_at: datetime
    superseded_at: datetime | None
    inputs_digest: str
    inputs: Data
    evidence_only: Score | None
    outcome_known_at: datetime | None


def scores_of(patient_pk: int) -> tuple[ScoreKept, ...]:
    """Every score of one patient, superseded ones included, in the order in which they were given, in one query."""
    return tuple(map(kept_score, PseudoprogressionScore.objects.filter(patient=patient_pk)))


def scores_in_force(patient_pks: Iterable[int]) -> tuple[ScoreKept, ...]:
    """The scores in force of several patients, in one query."""
    rows = PseudoprogressionScore.objects.filter(patient__in=list(patient_pks), superseded_at=None)
    return tuple(map(kept_score, rows.order_by("patient_id", "opened_on", "pk")))


def kept_score(row: PseudoprogressionScore) -> ScoreKept:
    """One stored score as a frozen object."""
    return ScoreKept(
        pk=row.pk,
        patient_pk=row.patient_id,
        timepoint_pk=row.timepoint_id,
        course_pk=row.course_id,
        opened_on=row.opened_on,
        score=_score(row.score),
        grades=tuple(map(grade_of, row.grades)),
        is_after_outcome=row.is_after_outcome,
        given_at=row.given_at,
        superseded_at=row.superseded_at,
        inputs_digest=row.inputs_digest,
        inputs=row.inputs,
        evidence_only=_score(row.evidence_only) if row.evidence_only else None,
        outcome_known_at=row.outcome_known_at,
    )


def _score(data: Data) -> Score:
    said = {
        **data,
        "status": ScoreStatus(data["status"]),
        "reasons": tuple(map(ScoreReason, data["reasons"])),
        "band": Band(data["band"]) if data["band"] else None,
        "contributions": tuple(map(_contribution, data["contributions"])),
        "domains": tuple(DomainContribution(**one) for one in data["domains"]),
        "left_out": tuple(map(_left_out, data["left_out"])),
        **{name: tuple(data[name]) for name in ("required_sentences", "missing", "warnings")},
    }
    return Score(**said)


def _contribution(data: Data) -> ItemContribution:
    published = data["published_ratio"]
    ratio = (published[0], published[1], published[2]) if published else None
    return ItemContribution(**{**data, "sources": _sources(data), "published_ratio": ratio})


def _left_out(data: Data) -> ItemLeftOut:
    return ItemLeftOut(**{**data, "reason": NotCounted(data["reason"]), "sources": _sources(data)})


def _sources(data: Data) -> tuple[Source, ...]:
    return tuple(Source(one["text"], SourceKind(one["kind"]), one["key"]) for one in data["sources"])


def grade_of(data: Data) -> EpisodeGrade:
    """A grade from plain data."""
    said = {**data, "grading": Grading(data["grading"]), "as_of": date.fromisoformat(data["as_of"])}
    return EpisodeGrade(**said)
