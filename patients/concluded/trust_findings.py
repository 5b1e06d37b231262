"""What was concluded about trust: a pair of scans, a score, its grading; frozen objects, no Django."""

from dataclasses import dataclass
from datetime import date

from patients.words.trust_words import Band, Comparability, Grading, NotCounted, ScoreReason, ScoreStatus, SourceKind


@dataclass(frozen=True, slots=True)
class RuleHit:
    """One acquisition rule that a pair of scans meets.

    `tag` is the DICOM tag or the probe, `then` and `now` the two values as a reader sees them (None: silent),
    `rule` the rule in words. `is_silent`: nothing could be compared, which is a finding of its own.
    """

    code: str
    level: Comparability
    item: str
    tag: str
    then: str | None
    now: str | None
    rule: str
    sentence: str
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class PairComparability:
    """Whether a pair of scans may be compared: the highest level of its hits, worst first.

    `unseen` names what neither tags nor probes could show, whatever the level.
    """

    level: Comparability
    hits: tuple[RuleHit, ...]
    unseen: tuple[str, ...]
    rules_id: str
    rules_version: str
    rules_digest: str

    @property
    def sentence(self) -> str:
        """The pair in one sentence: its worst hit, or what "no difference" does not cover."""
        if self.level is not Comparability.OK:
            return self.hits[0].sentence
        return f"No difference found in the tags. They cannot show: {', '.join(self.unseen)}."


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item came from: in words, and what leads there.

    `key` is a lesion's code, a visit's primary key, an analyte or a course's primary key; empty where nothing does.
    """

    text: str
    kind: SourceKind
    key: str = ""


@dataclass(frozen=True, slots=True)
class ItemContribution:
    """What one item adds, in log-odds, to the logit of the prior: the model's shrinkage times weight times x.

    `value` is as given, `age_days` at the scan, `sources` name the lesions, scans or labs it came from.
    `published_ratio` and `used_ratio` (likelihood ratios) stand side by side where one was published.
    """

    item: str
    domain: str
    value: float
    x: float
    log_odds: float
    grade: str
    basis: str
    age_days: int | None = None
    sources: tuple[Source, ...] = ()
    is_expert: bool = False
    published_ratio: tuple[float, float, float] | None = None
    used_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class DomainContribution:
    """What one domain adds after its cap; `cut_log_odds` is what the cap took away (0 where it did not bite)."""

    domain: str
    log_odds: float
    cut_log_odds: float


@dataclass(frozen=True, slots=True)
class ItemLeftOut:
    """An item that is known and adds nothing, and why."""

    item: str
    reason: NotCounted
    value: float
    age_days: int | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A pseudoprogression estimate, or the abstention in its place.

    Probabilities are fractions and unclipped. `probability` and `band` are there only when `status` is OK; the
    interval also when it is INDETERMINATE. `reasons` says what is in the way, the deciding one first. Item
    contributions plus what caps took away add up to logit(probability) - logit(prior).
    """

    status: ScoreStatus
    reasons: tuple[ScoreReason, ...]
    model_id: str
    model_version: str
    model_digest: str
    required_sentences: tuple[str, ...]
    prior: float | None = None
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    band: Band | None = None
    contributions: tuple[ItemContribution, ...] = ()
    domains: tuple[DomainContribution, ...] = ()
    left_out: tuple[ItemLeftOut, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def reason(self) -> ScoreReason | None:
        """The deciding reason, or None where there is an estimate."""
        return self.reasons[0] if self.reasons else None

    @property
    def by_weight(self) -> tuple[ItemContribution, ...]:
        """The contributions, the heaviest first."""
        return tuple(sorted(self.contributions, key=lambda one: -abs(one.log_odds)))


@dataclass(frozen=True, slots=True)
class EpisodeGrade:
    """A stored score beside what became of its episode, as known on `as_of`.

    `is_pseudoprogression` is None where the strict label says neither; `is_late_pd` marks a reset that another
    unconfirmed progression followed within 84 days.
    """

    grading: Grading
    as_of: date
    is_pseudoprogression: bool | None
    probability: float | None
    sentence: str
    is_late_pd: bool = False


IS_EVENT = {Grading.PSEUDOPROGRESSION: True, Grading.TRUE_PROGRESSION: False}


def grade_sentence(grading: Grading, probability: float | None, prior: float | None) -> str:
    """What became of the progression, beside what the score had said.

    Examples
    --------
    >>> grade_sentence(Grading.OPEN, 0.3, 0.2)
    'Neither confirmed nor reset yet.'
    """
    if grading not in IS_EVENT:
        return f"{grading.label}."
    if probability is None or prior is None:
        return f"{grading.label}. The score had given no number."
    said, usual = (round(100 * share) for share in (probability, prior))
    return f"{grading.label}. The score had said {said} %, against a base rate of {usual} %."


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic with its 95 % interval and the number of episodes behind it."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """Episodes of similar probability: how many, what was expected of them, what was seen (with its interval)."""

    n: int
    events: int
    expected: float
    observed: Figure


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """How often a score was right here. Events are pseudoprogressions under the strict label.

    A statistic is None where it cannot be said; `sentences` say why, or how far to trust what is there.
    `not_graded` counts episodes by the grading that keeps them out, `abstained` those graded without a number.
    """

    n: int
    events: int
    patients: int
    abstained: int
    abstained_events: int
    not_graded: tuple[tuple[Grading, int], ...]
    late_progressions: int
    sentences: tuple[str, ...]
    observed_to_expected: Figure | None = None
    intercept: Figure | None = None
    slope: Figure | None = None
    brier: Figure | None = None
    scaled_brier: Figure | None = None
    discrimination: Figure | None = None
    groups: tuple[CalibrationGroup, ...] = ()
