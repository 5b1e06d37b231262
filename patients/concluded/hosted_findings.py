"""What hosted models say of a lesion or a patient: frozen objects, no Django."""

from dataclasses import dataclass

from patients.words.hosted_words import HOSTED_SENTENCES, HostedReason, HostedStatus, Level, Tier


@dataclass(frozen=True, slots=True)
class TermContribution:
    """What one term adds on the scale of the link, after calibration.

    `value` in `unit` as it entered the term, `x` after transform, centre and scale. `is_imputed`: the value is
    the model's own, since this one was not available.
    """

    key: str
    value: float
    unit: str
    x: float
    link: float
    is_imputed: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class HostedWhy:
    """One reason in the way of a number, and the input it concerns (empty: all of them)."""

    reason: HostedReason
    key: str = ""
    detail: str = ""

    @property
    def sentence(self) -> str:
        """The reason with its input, for a reader.

        >>> HostedWhy(HostedReason.UNIT_DIFFERS, "lab LDH", "it takes U/L").sentence
        'lab LDH: given in another unit than the model takes (it takes U/L).'
        """
        before = f"{self.key}: " if self.key else ""
        after = f" ({self.detail})" if self.detail else ""
        return f"{before}{self.reason.label}{after}."


@dataclass(frozen=True, slots=True)
class HostedOutput:
    """What one model says of one lesion (or, `lesion_pk` None, of one patient) at one visit.

    `value` is there only where `status` is OK: a probability, a hazard ratio against the model's reference, or a
    number in `unit`. `link` is the same before the inverse link: `intercept` plus all contributions. `reference`
    is what to hold a probability against: the share of events in the training data.
    """

    model_id: str
    model_version: str
    model_digest: str
    level: Level
    lesion_pk: int | None
    timepoint_pk: int
    tier: Tier
    status: HostedStatus
    title: str
    unit: str = ""
    reasons: tuple[HostedWhy, ...] = ()
    value: float | None = None
    link: float | None = None
    intercept: float = 0.0
    reference: float | None = None
    contributions: tuple[TermContribution, ...] = ()
    distance_p: float | None = None
    sentences: tuple[str, ...] = HOSTED_SENTENCES

    @property
    def by_weight(self) -> tuple[TermContribution, ...]:
        """The contributions, the heaviest first."""
        return tuple(sorted(self.contributions, key=lambda one: -abs(one.link)))
