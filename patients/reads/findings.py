"""Rows to PatientFindings."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

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
from patients.vocabulary import Criterion, Reference, ResponseCategory
from patients.words.regions import Region


def patient_findings(patient_pk: int) -> PatientFindings:
    """Everything concluded of one patient, in three queries."""
    deltas = FeatureDelta.objects.filter(patient=patient_pk).order_by("lesion_id", "timepoint_id", "reference")
    return PatientFindings(patient_pk, tuple(map(_delta, deltas)), responses_of(patient_pk), summaries_of(patient_pk))


def responses_of(patient_pk: int) -> tuple[Response, ...]:
    """The responses of one patient in the order of their visits, in one query: every criterion, line and reader."""
    rows = ResponseAssessment.objects.filter(patient=patient_pk).order_by("assessed_on", "pk")
    return tuple(map(_response, rows))


def summaries_of(patient_pk: int) -> tuple[CourseSummary, ...]:
    """Best responses and dates of one patient by line of therapy and reader, in one query."""
    rows = ResponseSummary.objects.filter(patient=patient_pk).order_by("course__started_on", "course_id", "pk")
    return tuple(map(_summary, rows))


def lesion_deltas(lesion_pk: int) -> tuple[Delta, ...]:
    """The changes of one lesion, in one query."""
    rows = FeatureDelta.objects.filter(lesion=lesion_pk, region=Region.LESION).order_by("timepoint_id", "reference")
    return tuple(map(_delta, rows))


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
        region=Region(row.region),
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
        source=row.source,
        flags=tuple(row.flags),
        non_target=row.non_target,
        new_lesions=row.new_lesions,
        revised=_category(row.revised),
        alternative=_category(row.alternative),
        flips=tuple(_flip(flip) for flip in row.flips),
        protocol=row.protocol,
        course_pk=row.course_id,
        reader_pk=row.reader_id,
    )


def _flip(flip: Mapping[str, Any]) -> Flip:
    return Flip(
        lesion_pk=flip["lesion_pk"],
        tracking_id=flip["tracking_id"],
        change_mm=Decimal(flip["change_mm"]),
        becomes=ResponseCategory(flip["becomes"]),
    )


def _summary(row: ResponseSummary) -> CourseSummary:
    return CourseSummary(
        course_pk=row.course_id,
        reader_pk=row.reader_id,
        best=_category(row.best),
        confirmed_best=_category(row.confirmed_best),
        responded_on=row.responded_on,
        progressed_on=row.progressed_on,
        immune_best=_category(row.immune_best),
        immune_confirmed_best=_category(row.immune_confirmed_best),
        immune_responded_on=row.immune_responded_on,
        confirmed_progression_on=row.confirmed_progression_on,
        immune_progressed_on=row.immune_progressed_on,
        is_immune_progression_confirmed=row.is_immune_progression_confirmed,
        blocks=tuple(_block(block) for block in row.blocks),
        protocol=row.protocol,
    )


def _block(block: Mapping[str, Any]) -> UnconfirmedProgression:
    return UnconfirmedProgression(
        opened_on=date.fromisoformat(block["opened_on"]),
        drivers=tuple(block["drivers"]),
        outcome=block["outcome"],
        confirm_from=date.fromisoformat(block["confirm_from"]),
        confirm_until=date.fromisoformat(block["confirm_until"]),
        closed_on=date.fromisoformat(block["closed_on"]) if block["closed_on"] else None,
        label=block["label"],
    )


def _category(value: str) -> ResponseCategory | None:
    return ResponseCategory(value) if value else None


def _contribution(part: dict[str, Any]) -> LesionContribution:
    return LesionContribution(
        lesion_pk=part["lesion_pk"],
        tracking_id=part["tracking_id"],
        size_mm=_decimal(part["size_mm"] or ""),
        measure=part["measure"],
        absence=part["absence"],
        state=part.get("state", ""),
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
