"""Whether a change may be believed: the pair of scans behind it, who accepted it, what a visit comes to. No Django."""

from dataclasses import dataclass
from datetime import date, datetime

from patients.concluded.change_findings import Derived, DissociatedResponse, PanelCount, Values
from patients.concluded.trust_findings import EpisodeGrade, PairComparability, Score
from patients.vocabulary import Reference
from patients.words.trust_words import Comparability


@dataclass(frozen=True, slots=True)
class PairAccepted:
    """A named person's word that texture of a blocked pair of scans may be compared all the same.

    It holds for the rules it was given under (`rules_digest`) and for what blocked the pair then (`codes`): what
    another rule finds later needs another word. `then_scan_pk` is the earlier scan.
    """

    pk: int
    then_scan_pk: int
    now_scan_pk: int
    rules_digest: str
    codes: tuple[str, ...]
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Growth:
    """How fast a lesion's volume grows between two observations; each rate with its reason where it does not exist.

    `specific_per_day` (SGR) is a natural logarithm per day, `doubling_days` (VDT) is negative where it halves,
    `per_month` (TGR) is the fraction gained per 30.4375 days.
    """

    specific_per_day: Derived
    doubling_days: Derived
    per_month: Derived


@dataclass(frozen=True, slots=True)
class LesionComparison:
    """One lesion at one visit against a reference: may the two scans be compared, and what its size did.

    `volume_ml` and `longest_diameter_mm` are pairs (then, now). `accepted`: the word that lets texture be compared
    although the pair is blocked.
    """

    lesion_pk: int
    timepoint_pk: int
    reference: Reference
    then_timepoint_pk: int
    then_scan_pk: int
    now_scan_pk: int
    interval_days: int
    found: PairComparability
    accepted: PairAccepted | None = None
    volume_ml: tuple[float | None, float | None] = (None, None)
    longest_diameter_mm: tuple[float | None, float | None] = (None, None)
    growth: Growth | None = None

    @property
    def hides_texture(self) -> bool:
        """Whether changes of texture are withheld."""
        if self.found.level is Comparability.BLOCK:
            return True
        return self.found.level.hides_texture and self.accepted is None

    @property
    def hides_size(self) -> bool:
        """Whether changes of size are withheld as well: nobody can accept that."""
        return self.found.level.hides_size


@dataclass(frozen=True, slots=True)
class AggregateColumns:
    """One aggregate of change over a patient's lesions for every feature of a set, each in the set's order.

    The change aggregated is the log-ratio where a feature is compared as a ratio (`is_log`), else the absolute
    change. Weights are baseline volumes; `is_weighted`: every lesion with a change has one. `lesions` counts the
    lesions with the change, `without_change` those without; `new` lesions have nothing to be compared with.
    """

    timepoint_pk: int
    reference: Reference
    feature_set_pk: int
    is_log: tuple[bool, ...]
    volume_weighted_mean: Values
    mean: Values
    largest: Values
    largest_absolute: Values
    deviation: Values
    spread: Values
    lesions: tuple[int, ...]
    without_change: tuple[int, ...]
    new: int
    is_weighted: bool
    largest_lesion_pk: int | None


@dataclass(frozen=True, slots=True)
class ReferenceSummary:
    """What all lesions of a visit come to against one reference.

    `sum_growth_per_month` (TGR, as volume) and `sum_growth_mm_per_month` (TGK) are of the target sum;
    `growth_ratio`: TGR on treatment over TGR before it. `heterogeneity`: deviation of the ln volume ratios.
    """

    reference: Reference
    heterogeneity: Derived
    dissociated: DissociatedResponse
    sum_growth_per_month: Derived
    sum_growth_mm_per_month: Derived
    growth_ratio: Derived
    is_hyperprogression_pattern: bool | None = None


@dataclass(frozen=True, slots=True)
class VisitSummary:
    """One visit: how many changes of the panel lie outside noise, and its summary against each reference."""

    timepoint_pk: int
    panels: tuple[PanelCount, ...]
    by_reference: tuple[ReferenceSummary, ...]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The course of one feature of one lesion from its baseline on, in a few numbers; each may have a reason instead.

    `slope_per_month` is of the natural logarithm where `is_log`, else of the value. `mean_log_ratio`: the area under
    the log-ratio against baseline, over the time it spans. `turns`: how often it changed direction. `variation`:
    standard deviation over mean. `visits` had the value; one without is left out, never filled.
    """

    feature: str
    is_log: bool
    visits: int
    days: int
    slope_per_month: Derived
    mean_log_ratio: Derived
    highest: Derived
    days_to_highest: Derived
    turns: Derived
    variation: Derived


@dataclass(frozen=True, slots=True)
class LesionTrajectories:
    """The trajectories of the default panel of one lesion on one kind of scan."""

    lesion_pk: int
    feature_set_pk: int
    panel: tuple[Trajectory, ...]


@dataclass(frozen=True, slots=True)
class Discordance:
    """A lesion and date at which size and texture disagree beyond noise, against baseline.

    `kind`: TEXTURE_ONLY or SIZE_ONLY. `features` are those of the panel outside noise; `is_lower_bound`: the noise
    it was held against is a mere lower bound.
    """

    lesion_pk: int
    timepoint_pk: int
    seen_on: date
    kind: str
    features: tuple[str, ...]
    is_lower_bound: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Departure:
    """Which of size and texture left its noise band first in one lesion (against baseline), by how many days."""

    lesion_pk: int
    size_on: date | None
    texture_on: date | None
    texture_feature: str
    lead_days: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class EpisodeScore:
    """The pseudoprogression score of the visit that opened (or renewed) an unconfirmed progression.

    `evidence_only` is the score without expert weights that raise it. `inputs` is everything the model was given, as
    plain data; `is_after_outcome`: it was given when what became of the progression was already known, and never
    counts on the scoreboard.
    """

    timepoint_pk: int
    course_pk: int | None
    opened_on: date | None
    score: Score
    inputs: str
    is_after_outcome: bool
    grades: tuple[EpisodeGrade, ...] = ()
    evidence_only: Score | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """One block of unconfirmed progression: the score of its first visit in force, and its last grade."""

    patient_pk: int
    model_id: str
    model_version: str
    model_digest: str
    grade: EpisodeGrade | None
    is_after_outcome: bool
    is_synthetic: bool
