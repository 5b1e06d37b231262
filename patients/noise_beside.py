"""One change beside its noise, in the words that stand wherever the change appears. No Django."""

import math
from dataclasses import dataclass

from patients.concluded.change_findings import LARGEST_Q, DeltaNoise
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict

# From this many degrees of freedom on a band is taken as it is; below, its upper 95 % limit stands for it.
ENOUGH_PAIRS = 35


def limit_of(mdc: float, upper_mdc: float | None, degrees_of_freedom: int | None) -> float:
    """What a change is held against: the upper limit of its minimal detectable change where it rests on few pairs.

    >>> limit_of(8.3, 17.4, 5), limit_of(8.3, 9.9, 35), limit_of(8.3, None, None)
    (17.4, 8.3, 8.3)
    """
    is_few = degrees_of_freedom is not None and degrees_of_freedom < ENOUGH_PAIRS
    return upper_mdc if is_few and upper_mdc is not None else mdc


def ratio_limits(mdc: float) -> tuple[float, float]:
    """The change as a ratio, down and up, that a minimal detectable change of a logarithm is.

    >>> f"{ratio_limits(math.log(2))[0]:.2f} {ratio_limits(math.log(2))[1]:.2f}"
    '-0.50 1.00'
    """
    return math.expm1(-mdc), math.expm1(mdc)


def percent_words(ratio: float) -> str:
    """A ratio without its sign in per cent, with as many digits as it is worth.

    >>> percent_words(-0.1278), percent_words(0.0493), percent_words(15.9)
    ('13 %', '4.9 %', '1590 %')
    """
    per_cent = abs(100 * ratio)
    return f"{per_cent:.0f} %" if per_cent >= 9.95 else f"{per_cent:.2g} %"


def digits_words(amount: float) -> str:
    """An amount with three digits, and never as a power of ten where that can be read.

    >>> digits_words(8.3156), digits_words(8987.0), digits_words(0.0123)
    ('8.32', '8,990', '0.0123')
    """
    return f"{float(f'{amount:.3g}'):,.0f}" if 1000 <= amount < 1e7 else f"{amount:.3g}"


def q_words(q: float) -> str:
    """A q-value for reading: so many zeros say no more than that it is small.

    >>> q_words(0.0312), q_words(7.8e-19)
    ('q 0.031', 'q < 0.001')
    """
    return "q < 0.001" if q < 0.001 else f"q {q:.2g}"


@dataclass(frozen=True, slots=True)
class NoiseBeside:
    """One feature's change at one visit against one reference beside its band.

    `change`, `mdc`, `upper_mdc` and `limit` are of the natural logarithm where `is_log`, else in the feature's unit.
    """

    verdict: NoiseVerdict
    source: NoiseSource | None = None
    missing: NoBand | None = None
    is_log: bool = False
    change: float | None = None
    mdc: float | None = None
    upper_mdc: float | None = None
    limit: float | None = None
    p: float | None = None
    q: float | None = None
    is_without_volume: bool = False

    @classmethod
    def at(cls, noise: DeltaNoise, place: int) -> "NoiseBeside":
        """One feature out of a comparison."""
        return cls(
            verdict=noise.verdicts[place],
            source=noise.sources[place],
            missing=noise.missing[place],
            is_log=noise.is_log[place],
            change=noise.change[place],
            mdc=noise.mdc[place],
            upper_mdc=noise.upper_mdc[place],
            limit=noise.limit[place],
            p=noise.p[place],
            q=noise.q[place],
            is_without_volume=noise.is_without_volume[place],
        )

    @property
    def is_greyed(self) -> bool:
        """Whether the change is greyed: nothing says that it is more than noise, volume, or one test among many."""
        return self.verdict.is_greyed or self.is_one_of_many

    @property
    def is_one_of_many(self) -> bool:
        """Outside its own noise, but not among all comparisons made at the visit."""
        return self.verdict.is_over and self.q is not None and self.q >= LARGEST_Q

    def words(self, unit: str = "") -> str:
        """The sentence beside the change, with what could be measured; empty where there is no change to judge.

        Examples
        --------
        >>> inside = NoiseBeside(NoiseVerdict.INSIDE, NoiseSource.SITE_PAIRS, None, True, 0.1, 0.1655, None, 0.1655)
        >>> inside.words()
        'smaller than what can be measured here (MDC 18 %)'
        >>> outside = NoiseBeside(NoiseVerdict.OUTSIDE, change=-19.0, mdc=8.3, upper_mdc=17.4, limit=17.4, q=0.2)
        >>> outside.words("HU")
        'outside noise (MDC 8.3 HU, with few repeats 17.4 HU), but not among all comparisons of this visit (q 0.2)'
        >>> NoiseBeside(NoiseVerdict.UNKNOWN, None, NoBand.NO_SPREAD).words()
        'repeatability unknown: all repeats are equal, which measures nothing'
        """
        if self.verdict is NoiseVerdict.NO_VALUE:
            return ""
        if self.verdict is NoiseVerdict.UNKNOWN:
            return (self.missing or NoBand.NOT_MEASURED).label
        many = (
            f", but not among all comparisons of this visit ({q_words(self.q or 0.0)})" if self.is_one_of_many else ""
        )
        bound = self.measurable(unit)
        return f"{self.verdict.label}{f' ({bound})' if bound else ''}{many}"

    def measurable(self, unit: str = "") -> str:
        """The minimal detectable change on the side of the change, and its upper limit where that is what counts."""
        if self.mdc is None:
            return ""
        upper = f", with few repeats {self._amount(self.limit, unit)}" if self.limit not in (None, self.mdc) else ""
        return f"MDC {self._amount(self.mdc, unit)}{upper}"

    def _amount(self, amount: float | None, unit: str) -> str:
        if amount is None:
            return ""
        if self.is_log:
            down, up = ratio_limits(amount)
            return percent_words(down if self.change is not None and self.change < 0 else up)
        return f"{digits_words(amount)}{f' {unit}' if unit else ''}"

    @property
    def origin(self) -> str:
        """Where the band comes from, q, and whether what follows the volume was taken out, in a few words."""
        q = q_words(self.q) if self.q is not None else ""
        without = "residualised for volume" if self.is_without_volume else ""
        return ", ".join(part for part in (self.source.brief if self.source else "", q, without) if part)
