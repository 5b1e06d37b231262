"""Rows to PatientFindings."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from patients.findings import Change, Delta, LesionContribution, PatientFindings, Response
from patients.models import FeatureDelta, ResponseAssessment
from patients.vocabulary import Criterion, Reference, ResponseCategory


def patient_findings(patient_pk: int) -> PatientFindings:
    """Everything concluded of one patient, in two queries."""
    deltas = FeatureDelta.objects.filter(patient=patient_pk).order_by("lesion_id", "timepoint_id", "reference")
    return PatientFindings(patient_pk, tuple(map(_delta, deltas)), responses_of(patient_pk))


def responses_of(patient_pk: int) -> tuple[Response, ...]:
    """The responses of one patient in the order of their visits, in one query."""
    rows = ResponseAssessment.objects.filter(patient=patient_pk)
    return tuple(sorted(map(_response, rows), key=lambda response: response.assessed_on))


def lesion_deltas(lesion_pk: int) -> tuple[Delta, ...]:
    """The changes of one lesion, in one query."""
    return tuple(map(_delta, FeatureDelta.objects.filter(lesion=lesion_pk).order_by("timepoint_id", "reference")))


def _delta(row: FeatureDelta) -> Delta:
    def change(form: str, values: Iterable[float | None]) -> Change:
        return Change(tuple(values), tuple(row.reasons[form]))

    return Delta(
        lesion_pk=row.lesion_id,
        timepoint_pk=row.timepoint_id,
        reference=Reference(row.reference),
        feature_set_pk=row.feature_set_id,
        snapshot_pk=row.snapshot_id,
        reference_snapshot_pk=row.reference_snapshot_id,
        interval_days=row.interval_days,
        absolute=change("absolute", row.absolute),
        relative_ratio=change("relative_ratio", row.relative_ratio),
        log_ratio=change("log_ratio", row.log_ratio),
        symmetric_ratio=change("symmetric_ratio", row.symmetric_ratio),
        velocity_per_month=change("velocity_per_month", row.velocity_per_month),
        build_differs=row.build_differs,
    )


def _response(row: ResponseAssessment) -> Response:
    return Response(
        timepoint_pk=row.timepoint_id,
        criterion=Criterion(row.criterion),
        category=ResponseCategory(row.category),
        assessed_on=row.assessed_on,
        sum_mm=_decimal(row.sum_mm),
        partial_sum_mm=Decimal(row.partial_sum_mm),
        baseline_sum_mm=_decimal(row.baseline_sum_mm),
        nadir_sum_mm=_decimal(row.nadir_sum_mm),
        contributions=tuple(_contribution(part) for part in row.contributions),
        rule=row.rule,
        reasons=tuple(row.reasons),
    )


def _contribution(part: dict[str, Any]) -> LesionContribution:
    return LesionContribution(
        lesion_pk=part["lesion_pk"],
        tracking_id=part["tracking_id"],
        size_mm=_decimal(part["size_mm"] or ""),
        measure=part["measure"],
        absence=part["absence"],
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
