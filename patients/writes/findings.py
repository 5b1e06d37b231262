"""Replace what was concluded of a patient; only rows whose inputs changed are touched."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from django.db.models import Model

from patients.findings import (
    Change,
    CourseSummary,
    Delta,
    Flip,
    LesionContribution,
    PatientFindings,
    Response,
    UnconfirmedProgression,
)
from patients.models import FeatureDelta, ResponseAssessment, ResponseSummary
from patients.writes.locking import patient_locked
from patients.writes.trusting.scores import replace_scores
from patients.writes.trusting.trust import replace_trust, trust_rows

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


def replace_findings(findings: PatientFindings) -> bool:
    """Make the rows say what the findings say; whether anything changed that a scoreboard counts.

    The patient is locked, so two conclusions that finish together do not interleave.
    """
    with patient_locked(findings.patient_pk):
        _replace_deltas(findings)
        _replace_responses(findings)
        _replace_summaries(findings)
        replace_trust(findings)
        return replace_scores(findings.patient_pk, findings.scores)


def rows_of(findings: PatientFindings) -> Iterator[Model]:
    """Every row that the findings come to, unsaved: what `replace_findings` would leave, but for the scores."""
    patient = findings.patient_pk
    yield from (_delta_row(patient, one, inputs_digest(one)) for one in findings.deltas)
    yield from (_response_row(patient, one, inputs_digest(one)) for one in findings.responses)
    yield from (_summary_row(patient, one, inputs_digest(one)) for one in findings.summaries)
    for rows in trust_rows(findings).values():
        yield from rows


def _replace_deltas(findings: PatientFindings) -> None:
    stored = {
        (row.lesion_id, row.timepoint_id, row.reference, row.region, row.feature_set_id): row
        for row in FeatureDelta.objects.filter(patient=findings.patient_pk).only(
            "lesion_id", "timepoint_id", "reference", "region", "feature_set_id", "inputs_digest"
        )
    }
    fresh = []
    for delta in findings.deltas:
        digest = inputs_digest(delta)
        key = (delta.lesion_pk, delta.timepoint_pk, delta.reference.value, delta.region.value, delta.feature_set_pk)
        row = stored.get(key)
        if row is not None and row.inputs_digest == digest:
            stored.pop(key)
            continue
        fresh.append(_delta_row(findings.patient_pk, delta, digest))
    FeatureDelta.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    FeatureDelta.objects.bulk_create(fresh)


def _delta_row(patient_pk: int, delta: Delta, digest: str) -> FeatureDelta:
    forms = {name: getattr(delta, name) for name in FORMS}
    return FeatureDelta(
        patient_id=patient_pk,
        lesion_id=delta.lesion_pk,
        timepoint_id=delta.timepoint_pk,
        reference=delta.reference,
        region=delta.region,
        feature_set_id=delta.feature_set_pk,
        snapshot_id=delta.snapshot_pk,
        reference_snapshot_id=delta.reference_snapshot_pk,
        interval_days=delta.interval_days,
        reasons={name: list(change.reasons) for name, change in forms.items()},
        build_differs=delta.build_differs,
        inputs_digest=digest,
        **{name: list(change.values) for name, change in forms.items()},
    )


def _replace_responses(findings: PatientFindings) -> None:
    stored = {
        (row.timepoint_id, row.criterion, row.course_id, row.reader_id): row
        for row in ResponseAssessment.objects.filter(patient=findings.patient_pk)
    }
    fresh = []
    for response in findings.responses:
        digest = inputs_digest(response)
        key = (response.timepoint_pk, response.criterion.value, response.course_pk, response.reader_pk)
        row = stored.get(key)
        if row is not None and row.inputs_digest == digest:
            stored.pop(key)
            continue
        fresh.append(_response_row(findings.patient_pk, response, digest))
    ResponseAssessment.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    ResponseAssessment.objects.bulk_create(fresh)


def _response_row(patient_pk: int, response: Response, digest: str) -> ResponseAssessment:
    return ResponseAssessment(
        patient_id=patient_pk,
        timepoint_id=response.timepoint_pk,
        course_id=response.course_pk,
        reader_id=response.reader_pk,
        criterion=response.criterion,
        category=response.category,
        assessed_on=response.assessed_on,
        sum_mm=_text(response.sum_mm),
        partial_sum_mm=str(response.partial_sum_mm),
        baseline_sum_mm=_text(response.baseline_sum_mm),
        nadir_sum_mm=_text(response.nadir_sum_mm),
        contributions=[{**asdict(part), "size_mm": _text(part.size_mm) or None} for part in response.contributions],
        rule=response.rule,
        source=response.source,
        reasons=list(response.reasons),
        flags=list(response.flags),
        non_target=response.non_target,
        new_lesions=response.new_lesions,
        revised=response.revised or "",
        alternative=response.alternative or "",
        flips=[{**asdict(flip), "change_mm": str(flip.change_mm)} for flip in response.flips],
        protocol=response.protocol,
        inputs_digest=digest,
    )


def _replace_summaries(findings: PatientFindings) -> None:
    stored = {
        (row.course_id, row.reader_id): row for row in ResponseSummary.objects.filter(patient=findings.patient_pk)
    }
    fresh = []
    for summary in findings.summaries:
        digest = inputs_digest(summary)
        key = (summary.course_pk, summary.reader_pk)
        row = stored.get(key)
        if row is not None and row.inputs_digest == digest:
            stored.pop(key)
            continue
        fresh.append(_summary_row(findings.patient_pk, summary, digest))
    ResponseSummary.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    ResponseSummary.objects.bulk_create(fresh)


def _summary_row(patient_pk: int, summary: CourseSummary, digest: str) -> ResponseSummary:
    return ResponseSummary(
        patient_id=patient_pk,
        course_id=summary.course_pk,
        reader_id=summary.reader_pk,
        best=summary.best or "",
        confirmed_best=summary.confirmed_best or "",
        responded_on=summary.responded_on,
        progressed_on=summary.progressed_on,
        immune_best=summary.immune_best or "",
        immune_confirmed_best=summary.immune_confirmed_best or "",
        immune_responded_on=summary.immune_responded_on,
        confirmed_progression_on=summary.confirmed_progression_on,
        immune_progressed_on=summary.immune_progressed_on,
        is_immune_progression_confirmed=summary.is_immune_progression_confirmed,
        blocks=[_block(block) for block in summary.blocks],
        protocol=summary.protocol,
        inputs_digest=digest,
    )


def _block(block: UnconfirmedProgression) -> dict[str, Any]:
    days = {
        "opened_on": block.opened_on.isoformat(),
        "confirm_from": block.confirm_from.isoformat(),
        "confirm_until": block.confirm_until.isoformat(),
        "closed_on": block.closed_on.isoformat() if block.closed_on else None,
    }
    return {**asdict(block), "drivers": list(block.drivers), **days}


def _text(number: Any) -> str:
    return "" if number is None else str(number)


def inputs_digest(finding: Delta | Response | CourseSummary) -> str:
    """SHA-256 over everything the row will say: equal digests, nothing to write."""
    said = [[field.name, getattr(finding, field.name)] for field in fields(finding)]
    # Not asdict(): copying thousands of numbers takes ten times as long as writing them out.
    plain = json.dumps(said, default=_plain)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Change):
        return [value.values, value.reasons]
    return asdict(value) if isinstance(value, LesionContribution | Flip | UnconfirmedProgression) else str(value)
