"""Pseudoprogression scores: stored as given, never changed; another one supersedes it, and grades are derived anew."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from patients.models import PseudoprogressionScore
from patients.trusted import EpisodeScore
from patients.writes.plain import digest_of, plain


def replace_scores(patient_pk: int, scores: Sequence[EpisodeScore]) -> None:
    """Keep every score that was ever given, one in force a visit; the caller holds the patient's lock.

    A score that was given before the next assessment was known stays in force for good: what is worked out later,
    from whatever was corrected since, is no prediction any more. Grades of what is in force are renewed.
    """
    in_force = {
        (row.timepoint_id, row.course_id): row
        for row in PseudoprogressionScore.objects.filter(patient=patient_pk, superseded_at=None)
    }
    for one in scores:
        row = in_force.pop((one.timepoint_pk, one.course_pk), None)
        inputs = json.loads(one.inputs)
        digest = digest_of((one.inputs, one.score.model_digest, one.is_after_outcome))
        grades = [plain(asdict(grade)) for grade in one.grades]
        if row is not None and (row.inputs_digest == digest or _is_sealed(row, one)):
            if row.grades != grades or row.opened_on != one.opened_on:
                PseudoprogressionScore.objects.filter(pk=row.pk).update(grades=grades, opened_on=one.opened_on)
            continue
        if row is not None:
            _supersede(row.pk)
        _store(patient_pk, one, inputs, digest, grades)
    for row in in_force.values():
        _supersede(row.pk)


def _is_sealed(row: PseudoprogressionScore, now: EpisodeScore) -> bool:
    return now.is_after_outcome and not row.is_after_outcome


def _supersede(pk: int) -> None:
    PseudoprogressionScore.objects.filter(pk=pk).update(superseded_at=timezone.now())


def _store(patient_pk: int, one: EpisodeScore, inputs: dict[str, Any], digest: str, grades: list[Any]) -> None:
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
        inputs=inputs,
        inputs_digest=digest,
        is_after_outcome=one.is_after_outcome,
        grades=grades,
    )
