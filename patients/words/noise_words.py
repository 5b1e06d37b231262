"""The words of noise and of derived change: where a band comes from, what a change beside it is called. No Django."""

import math

from patients.vocabulary import Word


class NoiseSource(Word):
    """Where a band comes from. Only pairs of scans hold all that differs between two scans of the same thing."""

    SITE_PAIRS = "SITE_PAIRS", "same-day pairs of scans of this site"
    PUBLISHED = "PUBLISHED", "published repeatability"
    DERIVED = "DERIVED", "derived from a published ICC and the spread of its own cohort"
    PERTURBATION = "PERTURBATION", "perturbed outlines and images: a lower bound"

    @property
    def brief(self) -> str:
        """The same in one or two words, for beside a number."""
        return {
            NoiseSource.SITE_PAIRS: "same-day pairs",
            NoiseSource.PUBLISHED: "published",
            NoiseSource.DERIVED: "derived",
            NoiseSource.PERTURBATION: "perturbation",
        }[self]

    @property
    def short_label(self) -> str:
        """The same for a legend: a lower bound is called one wherever it is drawn."""
        return f"{self.brief}, a lower bound" if self is NoiseSource.PERTURBATION else self.brief


class SizeClass(Word):
    """Repeatability depends on size: classes of the longest diameter, those of the QIBA profile and two ends."""

    UNDER_10 = "LT10", "under 10 mm"
    FROM_10 = "10_35", "10 to under 35 mm"
    FROM_35 = "35_50", "35 to under 50 mm"
    FROM_50 = "50_100", "50 to 100 mm"
    OVER_100 = "GT100", "over 100 mm"

    @classmethod
    def of(cls, longest_diameter_mm: float) -> "SizeClass":
        """The class of a longest diameter in millimetres.

        >>> SizeClass.of(34.99).label, SizeClass.of(35.0).label, SizeClass.of(100.0).label
        ('10 to under 35 mm', '35 to under 50 mm', '50 to 100 mm')
        """
        if longest_diameter_mm > 100:
            return cls.OVER_100
        limits = ((50, cls.FROM_50), (35, cls.FROM_35), (10, cls.FROM_10))
        return next((size for limit, size in limits if longest_diameter_mm >= limit), cls.UNDER_10)


class NoBand(Word):
    """Why the repeatability of a feature is not known, as the sentence that stands where a band would."""

    NOT_MEASURED = (
        "NOT_MEASURED",
        "repeatability unknown: no repeated scans or outlines of this feature, modality, profile and size",
    )
    NO_SPREAD = "NO_SPREAD", "repeatability unknown: all repeats are equal, which measures nothing"
    OTHER_PROFILE = "OTHER_PROFILE", "repeatability unknown: published under another extraction profile"
    ICC_ALONE = (
        "ICC_ALONE",
        "repeatability unknown: an ICC belongs to its own population, whose spread is not published with it",
    )
    READERS_ONLY = (
        "READERS_ONLY",
        "repeatability unknown: published for different readers of one scan, not for repeated scans",
    )
    ICC_OUTSIDE = "ICC_OUTSIDE", "repeatability unknown: the published ICC does not lie between 0 and 1"
    SHORT_AXIS = "SHORT_AXIS", "repeatability unknown: no published repeatability of short axes"


class NoiseVerdict(Word):
    """What a change is called beside its band. No word here says that a change is real."""

    OUTSIDE = "OUTSIDE", "outside noise"
    INSIDE = "INSIDE", "smaller than what can be measured here"
    OUTSIDE_PUBLISHED = "OUTSIDE_PUBLISHED", "outside the published noise; this site's own is unknown"
    INSIDE_PUBLISHED = "INSIDE_PUBLISHED", "smaller than the published noise; this site's own is unknown"
    OVER_LOWER_BOUND = "OVER_LOWER_BOUND", "exceeds the perturbation lower bound; scan–rescan variation unknown"
    WITH_VOLUME = "WITH_VOLUME", "moves with the lesion's volume: not called a change of texture"
    UNKNOWN = "UNKNOWN", "repeatability unknown"
    NO_VALUE = "NO_VALUE", "no change to judge"

    @property
    def is_over(self) -> bool:
        """Whether the change is larger than its band."""
        return self in (NoiseVerdict.OUTSIDE, NoiseVerdict.OUTSIDE_PUBLISHED, NoiseVerdict.OVER_LOWER_BOUND)

    @property
    def is_greyed(self) -> bool:
        """Whether it is greyed wherever it appears: nothing says that it is more than noise or volume."""
        return self in (NoiseVerdict.INSIDE, NoiseVerdict.INSIDE_PUBLISHED, NoiseVerdict.WITH_VOLUME)


class Reliability(Word):
    """Tiers of an intraclass correlation by its lower 95 % bound (Koo and Li 2016)."""

    EXCELLENT = "EXCELLENT", "excellent: at least 0.90"
    GOOD = "GOOD", "good: 0.75 to 0.90"
    EXCLUDED = "EXCLUDED", "below 0.75: in no score"


class Undefined(Word):
    """Why a number derived from several sizes or changes is not there."""

    NO_REFERENCE = "NO_REFERENCE", "no earlier observation to compare with"
    SAME_DAY = "SAME_DAY", "same-day scans: test and retest, not a change"
    NOT_COMPARABLE = "NOT_COMPARABLE", "scans not comparable"
    INTERVAL_TOO_SHORT = "INTERVAL_TOO_SHORT", "fewer than 14 days apart"
    ZERO_VOLUME = "ZERO_VOLUME", "a size of zero has no growth rate"
    NO_CHANGE = "NO_CHANGE", "no change: it neither doubles nor halves"
    NOT_GROWING_BEFORE = "NOT_GROWING_BEFORE", "did not grow before treatment: there is nothing to compare with"
    NONFINITE = "NONFINITE", "too large to state"
    SIZE_MISSING = "SIZE_MISSING", "a lesion of the earlier date has no size at the later one"
    NO_LESIONS = "NO_LESIONS", "no lesion has this change"
    WEIGHT_MISSING = "WEIGHT_MISSING", "a lesion with this change has no volume at baseline"
    TOO_FEW_LESIONS = "TOO_FEW_LESIONS", "needs at least two lesions"
    NO_WORSE_DIRECTION = "NO_WORSE_DIRECTION", "neither direction of this feature is known to be worse"
    TOO_FEW_PAIRS = "TOO_FEW_PAIRS", "needs more lesions with this change"
    NO_SPREAD = "NO_SPREAD", "all values are equal"
    TOO_FEW_VISITS = "TOO_FEW_VISITS", "needs three visits with this value"
    NO_RATIO = "NO_RATIO", "this feature, or one of its values, has no ratio"


def in_words(verdict: NoiseVerdict, limit: float | None, *, is_log: bool, unit: str = "") -> str:
    """A verdict with the change that it takes to be measurable; numbers are rounded for reading.

    `limit` is on the scale of the band: of a logarithm it is two-sided and not symmetric in per cent.

    Examples
    --------
    >>> in_words(NoiseVerdict.INSIDE, 0.136751, is_log=True)
    'smaller than what can be measured here (−12.8 % to +14.7 %)'
    >>> in_words(NoiseVerdict.OUTSIDE, 8.3156, is_log=False, unit="HU")
    'outside noise (±8.32 HU)'
    >>> in_words(NoiseVerdict.UNKNOWN, None, is_log=True)
    'repeatability unknown'
    """
    if limit is None:
        return verdict.label
    if is_log:
        fall, rise = -100 * math.expm1(-limit), 100 * math.expm1(limit)
        return f"{verdict.label} (−{fall:.3g} % to +{rise:.3g} %)"
    return f"{verdict.label} (±{limit:.3g}{f' {unit}' if unit else ''})"
