"""The ways in which two values of one quantity are compared; each is the same whichever scan comes first.

Files hold decimals: values are compared as such, so that 1.6 T is not more than 0.1 T from 1.5 T.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.quantities import Wording, numbers_of, word_of
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

Numbers = tuple[float, ...]
Exact = Fraction | float


@dataclass(frozen=True, slots=True)
class Check:
    """One question of a rule: a measure of one quantity, its limit, the level where it is met, and its sentence.

    `over` is exceeded, `at_least` reached, `below` not reached; `low` and `high` are ends of a range; `words` are
    lower case. `both` lists quantities that must have the given word on both sides for the question to be asked.
    """

    measure: str
    key: str
    level: Comparability
    says: str
    unit: str = ""
    over: float | None = None
    at_least: float | None = None
    below: float | None = None
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()
    both: tuple[tuple[str, str], ...] = ()

    def is_met(self, then: ScanFacts, now: ScanFacts, wording: Wording) -> bool | None:
        """Whether the two scans meet it; None where too little is known to say."""
        if any(word_of(side, key, wording) != word for key, word in self.both for side in (then, now)):
            return None
        if self.measure in WORD_MEASURES:
            told = (word_of(then, self.key, wording), word_of(now, self.key, wording))
            return WORD_MEASURES[self.measure](told, self.words)
        if self.measure == "interval":
            return self._is_soon(then, now)
        return self._is_beyond(numbers_of(then, self.key), numbers_of(now, self.key))

    def _is_soon(self, then: ScanFacts, now: ScanFacts) -> bool | None:
        if then.acquired_on is None or now.acquired_on is None:
            return None
        return self._is_over(Fraction(abs((now.acquired_on - then.acquired_on).days)))

    def _is_beyond(self, then: Numbers | None, now: Numbers | None) -> bool | None:
        if self.measure in EITHER_MEASURES:
            return _any((None if side is None else self._is_side_beyond(side)) for side in (then, now))
        if then is None or now is None or len(then) != len(now):
            return None
        if self.measure == "straddles":
            return min(then[0], now[0]) <= self.low and max(then[0], now[0]) >= self.high
        return self._is_over(PAIR_MEASURES[self.measure](then, now))

    def _is_side_beyond(self, side: Numbers) -> bool:
        if self.measure == "outside":
            return not self.low <= side[0] <= self.high
        return self._is_over(exact(abs(side[0])))

    def _is_over(self, value: Exact) -> bool:
        if self.below is not None:
            return value < exact(self.below)
        if self.at_least is not None:
            return value >= exact(self.at_least)
        return self.over is not None and value > exact(self.over)


def exact(value: float) -> Fraction:
    """The decimal that a number is written as.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(value)))


def _any(found: Iterable[bool | None]) -> bool | None:
    """True where one side meets it, None where none does and one is not known, else False."""
    sides = tuple(found)
    if True in sides:
        return True
    return None if None in sides else False


def difference(then: Numbers, now: Numbers) -> Exact:
    """The largest absolute difference of two values.

    Examples
    --------
    >>> difference((1.5,), (1.6,))
    Fraction(1, 10)
    """
    return max(abs(exact(a) - exact(b)) for a, b in zip(then, now, strict=True))


def ratio(then: Numbers, now: Numbers) -> Exact:
    """The larger value over the smaller; infinite where one is zero or their signs differ.

    Examples
    --------
    >>> ratio((2.5,), (5.0,)) == ratio((5.0,), (2.5,)) == 2, ratio((0.0,), (1.0,))
    (True, inf)
    """
    return max(_ratio(a, b) for a, b in zip(then, now, strict=True))


def _ratio(one: float, other: float) -> Exact:
    if one == other:
        return Fraction(1)
    small, large = sorted((abs(exact(one)), abs(exact(other))))
    return large / small if one * other > 0 else math.inf


def relative(then: Numbers, now: Numbers) -> Exact:
    """The difference as a fraction of the smaller value: the stricter of the two readings, and symmetric.

    Examples
    --------
    >>> relative((100.0,), (110.0,)), relative((110.0,), (100.0,))
    (Fraction(1, 10), Fraction(1, 10))
    """
    return ratio(then, now) - 1


def angle(then: Numbers, now: Numbers) -> Exact:
    """The angle in degrees between the planes of two Image Orientations (Patient), at most 90.

    Examples
    --------
    >>> angle((1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1))
    90.0
    """
    normals = [_cross(side[:3], side[3:]) for side in (then, now)]
    cosine = abs(sum(a * b for a, b in zip(*normals, strict=True))) / math.prod(math.hypot(*n) for n in normals)
    return math.degrees(math.acos(min(1.0, cosine)))


def _cross(a: Numbers, b: Numbers) -> Numbers:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


Told = tuple[str | None, str | None]
Words = tuple[str, ...]


def _differs(told: Told, except_words: Words) -> bool | None:
    """Two known words that are not the same; a word that says nothing ("unknown") is not compared."""
    if None in told or set(told) & set(except_words):
        return None
    return told[0] != told[1]


def _differs_beyond(told: Told, words: Words) -> bool | None:
    return None if None in told else told[0] != told[1] and set(told) != set(words)


def _only_one(told: Told, words: Words) -> bool | None:
    """Exactly one side has the word; a silent side has it not, two silent sides say nothing."""
    if told == (None, None):
        return None
    has = [side in words for side in told]
    return has[0] != has[1] or (None if not any(has) and None in told else False)


def _either_is(told: Told, words: Words) -> bool | None:
    return _any(None if side is None else side in words for side in told)


def _either_is_not(told: Told, words: Words) -> bool | None:
    return _any(None if side is None else side not in words for side in told)


def _either_has(told: Told, words: Words) -> bool | None:
    return _any(None if side is None else any(word in side for word in words) for side in told)


def _either_lacks(told: Told, words: Words) -> bool:
    """One side lacks one of the words; a silent side lacks them all."""
    return any(word not in (side or "").split("\\") for side in told for word in words)


PAIR_MEASURES: dict[str, Callable[[Numbers, Numbers], Exact]] = {
    "difference": difference,
    "ratio": ratio,
    "relative": relative,
    "angle": angle,
}
EITHER_MEASURES = ("largest", "outside")
WORD_MEASURES: dict[str, Callable[[Told, Words], bool | None]] = {
    "differs": _differs,
    "differs_beyond": _differs_beyond,
    "only_one": _only_one,
    "either_is": _either_is,
    "either_is_not": _either_is_not,
    "either_has": _either_has,
    "either_lacks": _either_lacks,
}
KNOWN_MEASURES = frozenset({*PAIR_MEASURES, *EITHER_MEASURES, *WORD_MEASURES, "straddles", "interval"})
