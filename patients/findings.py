"""What was concluded of one patient, each with its reasons: frozen objects, no Django."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from patients.concluded.change_findings import DeltaNoise
from patients.concluded.trusted import (
    AggregateColumns,
    Departure,
    Discordance,
    EpisodeScore,
    LesionComparison,
    LesionTrajectories,
    VisitSummary,
)
from patients.vocabulary import Criterion, Reference, ResponseCategory
from patients.words.regions import Region

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
    region: Region = Region.LESION


@dataclass(frozen=True, slots=True)
class LesionContribution:
    """What one target brings to the sum at one visit: millimetres, or the reason why nothing.

    `state` is a SizeState where a reader said more than a measurement: too small, gone, split, merged.
    """

    lesion_pk: int
    tracking_id: str
    size_mm: Decimal | None
    measure: str
    absence: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Flip:
    """What would change a call: one lesion's size by at least so many millimetres (negative: smaller).

    `change_mm` is the smallest multiple of 0.1 mm in its direction that gives `becomes`.
    """

    lesion_pk: int
    tracking_id: str
    change_mm: Decimal
    becomes: ResponseCategory


@dataclass(frozen=True, slots=True)
class Response:
    """A response category at one visit, with the numbers behind it and the rule that decided.

    Sums are exact decimals (methods of RECIST 1.1); None where a target has no value.
    `reasons` are sentences for a reader, the deciding one first. `rule` is the code of the rule that decided,
    `source` where it is published. `revised` is the category after later visits were known (a back-dated
    progression), `alternative` a second reading that a person must decide on. `reader_pk` is None for the
    reading that counts; `course_pk` is None where no line of therapy is recorded.
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
    source: str = ""
    flags: tuple[str, ...] = ()
    non_target: str = ""
    new_lesions: str = ""
    revised: ResponseCategory | None = None
    alternative: ResponseCategory | None = None
    flips: tuple[Flip, ...] = ()
    protocol: str = ""
    course_pk: int | None = None
    reader_pk: int | None = None


@dataclass(frozen=True, slots=True)
class UnconfirmedProgression:
    """One iUPD and what became of it (iRECIST): CONFIRMED, RESET or OPEN; drivers T, NT, NL.

    `confirm_from` to `confirm_until` is the window in which the next assessment is due; `label` is the
    episode label (PSP_STRICT, PSP_BROAD, TRUE_PD, UNRESOLVED, OPEN).
    """

    opened_on: date
    drivers: tuple[str, ...]
    outcome: str
    confirm_from: date
    confirm_until: date
    closed_on: date | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """Best responses and dates of one line of therapy, under one reader (None: the reading that counts)."""

    course_pk: int | None
    reader_pk: int | None
    best: ResponseCategory | None = None
    confirmed_best: ResponseCategory | None = None
    responded_on: date | None = None
    progressed_on: date | None = None
    immune_best: ResponseCategory | None = None
    immune_confirmed_best: ResponseCategory | None = None
    immune_responded_on: date | None = None
    confirmed_progression_on: date | None = None
    immune_progressed_on: date | None = None
    is_immune_progression_confirmed: bool = False
    blocks: tuple[UnconfirmedProgression, ...] = ()
    protocol: str = ""

    @property
    def open_block(self) -> UnconfirmedProgression | None:
        """The progression that waits to be confirmed, if there is one."""
        return next((block for block in self.blocks if block.outcome == "OPEN"), None)


@dataclass(frozen=True, slots=True)
class PatientFindings:
    """Everything concluded from one PatientTimeline."""

    patient_pk: int
    deltas: tuple[Delta, ...] = ()
    responses: tuple[Response, ...] = ()
    summaries: tuple[CourseSummary, ...] = ()
    comparisons: tuple[LesionComparison, ...] = ()
    noises: tuple[DeltaNoise, ...] = ()
    visits: tuple[VisitSummary, ...] = ()
    aggregates: tuple[AggregateColumns, ...] = ()
    discordances: tuple[Discordance, ...] = ()
    departures: tuple[Departure, ...] = ()
    scores: tuple[EpisodeScore, ...] = ()
    trajectories: tuple[LesionTrajectories, ...] = ()

    def response_at(self, timepoint_pk: int) -> Response | None:
        """The response called at one visit."""
        return next((r for r in self.responses if r.timepoint_pk == timepoint_pk), None)

    @property
    def latest(self) -> Response | None:
        """The response of the last visit that has one."""
        return self.responses[-1] if self.responses else None
