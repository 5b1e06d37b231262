"""What was concluded of one patient, each with its reasons: frozen objects, no Django."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from patients.vocabulary import Criterion, Reference, ResponseCategory

Values = tuple[float | None, ...]
Reasons = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One form of change for every feature of a set, in its order: a value, or the reason beside it."""

    values: Values
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Delta:
    """The changes of one lesion's features at one visit against one reference.

    `absolute` has the feature's unit, `relative_ratio` and `symmetric_ratio` are fractions (0.2 is 20 %),
    `log_ratio` is natural, `velocity_per_month` is the absolute change per 30.4375 days.
    """

    lesion_pk: int
    timepoint_pk: int
    reference: Reference
    feature_set_pk: int
    snapshot_pk: int
    reference_snapshot_pk: int
    interval_days: int
    absolute: Change
    relative_ratio: Change
    log_ratio: Change
    symmetric_ratio: Change
    velocity_per_month: Change
    build_differs: bool = False


@dataclass(frozen=True, slots=True)
class LesionContribution:
    """What one target brings to the sum at one visit: millimetres, or the reason why nothing."""

    lesion_pk: int
    tracking_id: str
    size_mm: Decimal | None
    measure: str
    absence: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A response category at one visit, with the numbers behind it and the rule that decided.

    Sums are exact decimals (methods of RECIST 1.1); None where a target has no value.
    `reasons` are sentences for a reader, the deciding one first.
    """

    timepoint_pk: int
    criterion: Criterion
    category: ResponseCategory
    assessed_on: date
    sum_mm: Decimal | None
    partial_sum_mm: Decimal
    baseline_sum_mm: Decimal | None
    nadir_sum_mm: Decimal | None
    contributions: tuple[LesionContribution, ...]
    rule: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientFindings:
    """Everything concluded from one PatientTimeline."""

    patient_pk: int
    deltas: tuple[Delta, ...] = ()
    responses: tuple[Response, ...] = ()

    def response_at(self, timepoint_pk: int) -> Response | None:
        """The response called at one visit."""
        return next((r for r in self.responses if r.timepoint_pk == timepoint_pk), None)

    @property
    def latest(self) -> Response | None:
        """The response of the last visit that has one."""
        return self.responses[-1] if self.responses else None
