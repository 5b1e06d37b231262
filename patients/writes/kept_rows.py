"""A patient's rows of one kind made to say what is concluded now; what is said again is left alone."""

from collections.abc import Iterable

from django.db import models

from patients.models import (
    ChangeNoise,
    FeatureDelta,
    LesionDiscordance,
    LesionPair,
    LesionTrajectory,
    PatientDelta,
    ResponseAssessment,
    ResponseSummary,
    VisitConclusion,
)
from patients.writes.copied import copy_rows, digest_of_said, said_by

# What there is one row of.
ROW_KEYS: dict[type[models.Model], tuple[str, ...]] = {
    FeatureDelta: ("lesion_id", "timepoint_id", "reference", "region", "feature_set_id"),
    ResponseAssessment: ("timepoint_id", "criterion", "course_id", "reader_id"),
    ResponseSummary: ("course_id", "reader_id"),
    LesionPair: ("lesion_id", "timepoint_id", "reference", "now_scan_id"),
    ChangeNoise: ("lesion_id", "timepoint_id", "reference", "feature_set_id", "order"),
    VisitConclusion: ("timepoint_id",),
    PatientDelta: ("timepoint_id", "reference", "feature_set_id"),
    LesionDiscordance: ("lesion_id",),
    LesionTrajectory: ("lesion_id", "feature_set_id"),
}


def replace_rows(model: type[models.Model], patient_pk: int, rows: Iterable[models.Model]) -> None:
    """Delete what is no longer said, add what is new; rows come with the digest of what they say."""
    stored, fresh = _stored(model, patient_pk), []
    for row in rows:
        if not _is_said(stored, row, row.inputs_digest):  # type: ignore[attr-defined]  # every row here has one
            fresh.append(row)
    _delete(model, stored)
    model._default_manager.bulk_create(fresh)


def replace_long_rows(model: type[models.Model], patient_pk: int, rows: Iterable[models.Model]) -> None:
    """The same for rows of long arrays: they come without a digest, and go to the table by COPY."""
    stored, fresh = _stored(model, patient_pk), []
    for row in rows:
        said = said_by(row)
        digest = digest_of_said(said)
        if not _is_said(stored, row, digest):
            fresh.append((said, digest))
    _delete(model, stored)
    copy_rows(model, patient_pk, fresh)


Stored = dict[tuple[object, ...], tuple[int, str]]


def _stored(model: type[models.Model], patient_pk: int) -> Stored:
    rows = model._default_manager.filter(patient=patient_pk)
    return {tuple(key): (pk, digest) for pk, digest, *key in rows.values_list("pk", "inputs_digest", *ROW_KEYS[model])}


def _is_said(stored: Stored, row: models.Model, digest: str) -> bool:
    """Whether a stored row says the same; if so it is kept, and what is left of `stored` at the end is not."""
    key = tuple(getattr(row, name) for name in ROW_KEYS[type(row)])
    if key in stored and stored[key][1] == digest:
        del stored[key]
        return True
    return False


def _delete(model: type[models.Model], stored: Stored) -> None:
    if stored:
        model._default_manager.filter(pk__in=[pk for pk, _ in stored.values()]).delete()
