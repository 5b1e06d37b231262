"""Replace what was concluded of a patient; only rows whose inputs changed are touched."""

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any

from patients.findings import Change, Delta, LesionContribution, PatientFindings, Response
from patients.models import FeatureDelta, ResponseAssessment
from patients.writes.locking import patient_locked

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


def replace_findings(findings: PatientFindings) -> None:
    """Make the rows say what the findings say.

    The patient is locked, so two conclusions that finish together do not interleave.
    """
    with patient_locked(findings.patient_pk):
        _replace_deltas(findings)
        _replace_responses(findings)


def _replace_deltas(findings: PatientFindings) -> None:
    stored = {
        (row.lesion_id, row.timepoint_id, row.reference, row.feature_set_id): row
        for row in FeatureDelta.objects.filter(patient=findings.patient_pk).only(
            "lesion_id", "timepoint_id", "reference", "feature_set_id", "inputs_digest"
        )
    }
    fresh = []
    for delta in findings.deltas:
        digest = inputs_digest(delta)
        key = (delta.lesion_pk, delta.timepoint_pk, delta.reference.value, delta.feature_set_pk)
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
        (row.timepoint_id, row.criterion): row for row in ResponseAssessment.objects.filter(patient=findings.patient_pk)
    }
    fresh = []
    for response in findings.responses:
        digest = inputs_digest(response)
        key = (response.timepoint_pk, response.criterion.value)
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
        criterion=response.criterion,
        category=response.category,
        assessed_on=response.assessed_on,
        sum_mm=_text(response.sum_mm),
        partial_sum_mm=str(response.partial_sum_mm),
        baseline_sum_mm=_text(response.baseline_sum_mm),
        nadir_sum_mm=_text(response.nadir_sum_mm),
        contributions=[{**asdict(part), "size_mm": _text(part.size_mm) or None} for part in response.contributions],
        rule=response.rule,
        reasons=list(response.reasons),
        inputs_digest=digest,
    )


def _text(number: Any) -> str:
    return "" if number is None else str(number)


def inputs_digest(finding: Delta | Response) -> str:
    """SHA-256 over everything the row will say: equal digests, nothing to write."""
    said = [[field.name, getattr(finding, field.name)] for field in fields(finding)]
    # Not asdict(): copying thousands of numbers takes ten times as long as writing them out.
    plain = json.dumps(said, default=_plain)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Change):
        return [value.values, value.reasons]
    return asdict(value) if isinstance(value, LesionContribution) else str(value)
