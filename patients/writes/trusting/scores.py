"""Pseudoprogression scores: stored as given, never changed; another one supersedes it, and grades are derived anew."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from patients.concluded.trust_findings import grade_sentence
from patients.concluded.trusted import EpisodeScore
from patients.models import PseudoprogressionScore
from patients.writes.plain import digest_of, plain


def replace_scores(patient_pk: int, scores: Sequence[EpisodeScore]) -> bool:
    """Keep every score that was ever given, one in force a visit; the caller holds the patient's lock.

    A score that was given before it was known what became of the progression stays in force for good: what is
    worked out later, from whatever was corrected since, is no prediction any more. Grades of what is in force are
    renewed, against what it said. Once known, an outcome is never unknown again, even if its reading is taken back.

    Returns
    -------
    bool
        Whether anything changed that a scoreboard counts.
    """
    rows = list(PseudoprogressionScore.objects.filter(patient=patient_pk))
    in_force = {(row.timepoint_id, row.course_id): row for row in rows if row.superseded_at is None}
    known_since = {row.timepoint_id: row.outcome_known_at for row in rows if row.outcome_known_at is not None}
    is_changed = False
    for one in scores:
        known_at = known_since.get(one.timepoint_pk) or (timezone.now() if one.is_after_outcome else None)
        row = in_force.pop((one.timepoint_pk, one.course_pk), None)
        digest = digest_of((one.inputs, one.score.model_digest))
        is_sealed = row is not None and known_at is not None and not row.is_after_outcome
        if row is not None and (row.inputs_digest == digest or is_sealed):
            is_changed |= _renew(row, one, known_at)
            continue
        if row is not None:
            _supersede(row.pk)
        _store(patient_pk, one, digest, known_at)
        is_changed = True
    for row in in_force.values():
        _supersede(row.pk)
    return is_changed or bool(in_force)


def _renew(row: PseudoprogressionScore, now: EpisodeScore, known_at: datetime | None) -> bool:
    """Grade a stored score by what is known now, against the number that it gave then."""
    prior = row.score["prior"]
    grades = [
        plain(
            asdict(
                replace(
                    grade,
                    probability=row.probability,
                    sentence=grade_sentence(grade.grading, row.probability, prior),
                )
            )
        )
        for grade in now.grades
    ]
    said = {"grades": grades, "opened_on": now.opened_on, "outcome_known_at": row.outcome_known_at or known_at}
    if all(getattr(row, name) == value for name, value in said.items()):
        return False
    PseudoprogressionScore.objects.filter(pk=row.pk).update(**said)
    return True


def _supersede(pk: int) -> None:
    PseudoprogressionScore.objects.filter(pk=pk).update(superseded_at=timezone.now())


def _store(patient_pk: int, one: EpisodeScore, digest: str, known_at: datetime | None) -> None:
    inputs: dict[str, Any] = json.loads(one.inputs)
    PseudoprogressionScore.objects.create(
        patient_id=patient_pk,
        timepoint_id=one.timepoint_pk,
        course_id=one.course_pk,
        opened_on=one.opened_on,
        model_id=one.score.model_id,
        model_version=one.score.model_version,
        model_digest=one.score.model_digest,
        status=one.score.status,
        probability=one.score.probability,
        score=plain(asdict(one.score)),
        evidence_only=plain(asdict(one.evidence_only)) if one.evidence_only else None,
        inputs=inputs,
        inputs_digest=digest,
        is_after_outcome=known_at is not None,
        outcome_known_at=known_at,
        grades=[plain(asdict(grade)) for grade in one.grades],
    )
