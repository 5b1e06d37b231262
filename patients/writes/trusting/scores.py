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
    Where a correction took its progression away, or put it under another line of therapy, and today's conclusion has
    one at that visit again, it comes back as it was given: newer code and newer rules make no late score of it.

    Returns
    -------
    bool
        Whether anything changed that a scoreboard counts.
    """
    rows = list(PseudoprogressionScore.objects.filter(patient=patient_pk))
    today = {(one.timepoint_pk, one.course_pk) for one in scores}
    # What is in force where today's conclusion has a score keeps its own place.
    movable = [row for row in rows if row.superseded_at or (row.timepoint_id, row.course_id) not in today]
    in_force = {(row.timepoint_id, row.course_id): row for row in rows if row.superseded_at is None}
    known_since = {row.timepoint_id: row.outcome_known_at for row in rows if row.outcome_known_at is not None}
    is_changed = False
    for one in scores:
        known_at = known_since.get(one.timepoint_pk) or (timezone.now() if one.is_after_outcome else None)
        row = in_force.pop((one.timepoint_pk, one.course_pk), None)
        digest = digest_of((one.inputs, one.score.model_digest))
        is_sealed = row is not None and known_at is not None and not row.is_after_outcome
        is_late = known_at is not None and (row is None or row.is_after_outcome)
        in_time = _given_in_time(movable, one.timepoint_pk, digest) if is_late else None
        if in_time is None and row is not None and (row.inputs_digest == digest or is_sealed):
            is_changed |= _renew(row, one, known_at)
            continue
        if row is not None:
            _supersede(row.pk)
        if in_time is None:
            _store(patient_pk, one, digest, known_at)
        else:
            in_force.pop((in_time.timepoint_id, in_time.course_id), None)
            _give_back(in_time, one, known_at)
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


def _given_in_time(
    rows: Sequence[PseudoprogressionScore], timepoint_pk: int, digest: str
) -> PseudoprogressionScore | None:
    """The last score of a visit that was given before its outcome, and stood when that became known or says the same.

    One that was withdrawn before the outcome, and would be given otherwise today, was no prediction any more.
    """
    last = next((row for row in reversed(rows) if row.timepoint_id == timepoint_pk and not row.is_after_outcome), None)
    if last is None or (last.outcome_known_at is None and last.inputs_digest != digest):
        return None
    return last


def _give_back(row: PseudoprogressionScore, one: EpisodeScore, known_at: datetime | None) -> None:
    """The same score once more, under today's line of therapy and with the day on which it was given."""
    if row.superseded_at is None:
        _supersede(row.pk)
    kept = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    now = {"course_id": one.course_pk, "superseded_at": None, "outcome_known_at": row.outcome_known_at or known_at}
    _renew(PseudoprogressionScore.objects.create(**{**kept, **now}), one, known_at)


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
