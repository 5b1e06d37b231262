"""Replace what was concluded of a patient; only rows whose inputs changed are touched."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from django.db.models import Model

from patients.findings import (
    CourseSummary,
    Delta,
    Flip,
    LesionContribution,
    PatientFindings,
    Response,
    UnconfirmedProgression,
)
from patients.models import FeatureDelta, Patient, ResponseAssessment, ResponseSummary
from patients.words.audit_words import Deed
from patients.writes.kept_rows import replace_long_rows, replace_rows
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record
from patients.writes.trusting.scores import replace_scores
from patients.writes.trusting.trust import TRUST_MODELS, replace_trust, trust_rows

FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


def replace_findings(findings: PatientFindings) -> bool:
    """Make the rows say what the findings say; whether anything changed that a scoreboard counts.

    The patient is locked, so two conclusions that finish together do not interleave.
    """
    with patient_locked(findings.patient_pk):
        replace_long_rows(FeatureDelta, findings.patient_pk, _delta_rows(findings))
        replace_rows(ResponseAssessment, findings.patient_pk, _response_rows(findings))
        replace_rows(ResponseSummary, findings.patient_pk, _summary_rows(findings))
        replace_trust(findings)
        record(Deed.CONCLUDED, patient=findings.patient_pk)
        return replace_scores(findings.patient_pk, findings.scores)


def forget_findings(patient_pk: int) -> None:
    """Nothing that was concluded is shown until a worker has concluded anew; scores are kept, as they were given."""
    with patient_locked(patient_pk):
        concluded: tuple[type[Model], ...] = (FeatureDelta, ResponseAssessment, ResponseSummary, *TRUST_MODELS)
        for model in concluded:
            model._default_manager.filter(patient=patient_pk).delete()


def note_standing(patient_pk: int, rules_digest: str, protocol_digest: str) -> None:
    """Keep under which acquisition rules and which protocol a patient's findings were concluded."""
    kept = {"concluded_rules": rules_digest, "concluded_protocol": protocol_digest}
    Patient.objects.filter(pk=patient_pk).update(**kept)


def rows_of(findings: PatientFindings) -> Iterator[Model]:
    """Every row that the findings come to, unsaved: what `replace_findings` would leave, but for the scores.

    Rows of long arrays come without their digest.
    """
    yield from (*_delta_rows(findings), *_response_rows(findings), *_summary_rows(findings))
    for rows in trust_rows(findings).values():
        yield from rows


def _delta_rows(findings: PatientFindings) -> Iterator[Model]:
    return (_delta_row(findings.patient_pk, one) for one in findings.deltas)


def _response_rows(findings: PatientFindings) -> Iterator[Model]:
    return (_response_row(findings.patient_pk, one, inputs_digest(one)) for one in findings.responses)


def _summary_rows(findings: PatientFindings) -> Iterator[Model]:
    return (_summary_row(findings.patient_pk, one, inputs_digest(one)) for one in findings.summaries)


def _delta_row(patient_pk: int, delta: Delta) -> FeatureDelta:
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
        **{name: list(change.values) for name, change in forms.items()},
    )


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


def inputs_digest(finding: Response | CourseSummary) -> str:
    """SHA-256 over everything the row will say: equal digests, nothing to write."""
    said = [[field.name, getattr(finding, field.name)] for field in fields(finding)]
    return hashlib.sha256(json.dumps(said, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, LesionContribution | Flip | UnconfirmedProgression) else str(value)
