"""How fast a lesion or a sum grows: each rate with the reason where it does not exist."""

import math
from collections.abc import Callable, Mapping

from patients.concluded.change_findings import Derived
from patients.words.noise_words import Undefined

DAYS_A_MONTH = 30.4375
# The shortest interval at which an acquisition pair may be compared; over less a rate per month is noise.
SHORTEST_RATE_DAYS = 14
HYPERPROGRESSION_RATIO = 2


def specific_growth_per_day(then_ml: float, now_ml: float, interval_days: float) -> Derived:
    """Specific growth rate: the logarithm of the volume ratio per day, a fraction (0.027 is 2.7 % a day).

    Preferred: it exists where nothing changes, and growth and shrinkage are symmetric.

    References
    ----------
    Mehrara E et al. Cancer Res 2007;67:3970-5.

    Examples
    --------
    >>> f"{100 * specific_growth_per_day(200, 450, 30).value:.4f} % a day"
    '2.7031 % a day'
    >>> specific_growth_per_day(0, 450, 30).absence.label
    'a size of zero has no growth rate'
    """
    return _rate(then_ml, now_ml, interval_days, lambda log_ratio: log_ratio / interval_days)


def doubling_days(then_ml: float, now_ml: float, interval_days: float) -> Derived:
    """Volume doubling time in days; negative is the time in which the volume halves.

    Examples
    --------
    >>> f"{doubling_days(200, 450, 30).value:.3f} {doubling_days(1000, 500, 60).value:.3f}"
    '25.643 -60.000'
    >>> doubling_days(200, 200, 30).absence.value
    'NO_CHANGE'
    """
    return _rate(then_ml, now_ml, interval_days, lambda log_ratio: _doubling(log_ratio, interval_days))


def doubling_days_of_diameter(then_mm: float, now_mm: float, interval_days: float) -> Derived:
    """Volume doubling time in days of a sphere with these diameters.

    >>> f"{doubling_days_of_diameter(10, 13, 90).value:.3f}"
    '79.258'
    """
    return _rate(then_mm, now_mm, interval_days, lambda log_ratio: _doubling(3 * log_ratio, interval_days))


def growth_per_month(then_ml: float, now_ml: float, interval_days: float) -> Derived:
    """Tumour growth rate (TGR) from volumes: the fraction gained per 30.4375 days; needs 14 days.

    References
    ----------
    Ferté C et al. Clin Cancer Res 2014;20:246-52.

    Examples
    --------
    >>> growth_per_month(10, 20, 30.4375).value
    1.0
    >>> growth_per_month(10, 20, 13).absence.label
    'fewer than 14 days apart'
    """
    return _rate(then_ml, now_ml, interval_days, lambda log: _monthly(log, interval_days), SHORTEST_RATE_DAYS)


def growth_per_month_of_diameters(then_mm: float, now_mm: float, interval_days: float) -> Derived:
    """Tumour growth rate (TGR) from diameters or their sum, as volume: three times the logarithm.

    >>> f"{100 * growth_per_month_of_diameters(100, 120, 60).value:+.3f} %"
    '+31.979 %'
    >>> f"{100 * growth_per_month_of_diameters(100, 70, 56).value:+.3f} %"
    '-44.099 %'
    """
    return _rate(then_mm, now_mm, interval_days, lambda log: _monthly(3 * log, interval_days), SHORTEST_RATE_DAYS)


def sum_growth_mm_per_month(then_mm: Mapping[int, float], now_mm: Mapping[int, float], interval_days: float) -> Derived:
    """Tumour growth kinetics (TGK): millimetres that the sum of diameters gains per 30.4375 days; needs 14 days.

    Diameters by lesion. Lesions that are new are left out; one that is not measured later leaves no sum.

    Examples
    --------
    >>> f"{sum_growth_mm_per_month({1: 30, 2: 20}, {1: 36, 2: 24, 3: 15}, 60).value:.3f}"
    '5.073'
    >>> sum_growth_mm_per_month({1: 30, 2: 20}, {1: 36}, 60).absence.label
    'a lesion of the earlier date has no size at the later one'
    """
    if not then_mm:
        return Derived(None, Undefined.NO_REFERENCE)
    if not then_mm.keys() <= now_mm.keys():
        return Derived(None, Undefined.SIZE_MISSING)
    change_mm = sum(now_mm[lesion] - size for lesion, size in then_mm.items())
    refusal = _interval_refusal(interval_days, SHORTEST_RATE_DAYS)
    return Derived(None, refusal) if refusal else Derived(change_mm * DAYS_A_MONTH / interval_days)


def growth_ratio(on_treatment: Derived, before_treatment: Derived) -> Derived:
    """TGR on treatment over TGR before it, from a scan at least 14 days before baseline; the reason of a missing one.

    Examples
    --------
    >>> before, on = growth_per_month(10, 12, 30), growth_per_month(12, 20, 30)
    >>> f"{growth_ratio(on, before).value:.2f}"
    '3.34'
    >>> growth_ratio(on, growth_per_month(12, 10, 30)).absence.value
    'NOT_GROWING_BEFORE'
    """
    for one in (before_treatment, on_treatment):
        if one.value is None:
            return one
    before, on = before_treatment.value or 0.0, on_treatment.value or 0.0
    if before <= 0:
        return Derived(None, Undefined.NOT_GROWING_BEFORE)
    return _finite(on / before)


def is_hyperprogression_pattern(ratio: Derived, *, is_progression: bool) -> bool | None:
    """Whether growth at least doubled its pace and RECIST 1.1 calls progression; None where no pace is known.

    References
    ----------
    Champiat S et al. Clin Cancer Res 2017;23:1920-8.

    Examples
    --------
    >>> is_hyperprogression_pattern(Derived(2.0), is_progression=True)
    True
    >>> is_hyperprogression_pattern(Derived(5.0), is_progression=False)
    False
    """
    if not is_progression:
        return False
    return None if ratio.value is None else ratio.value >= HYPERPROGRESSION_RATIO


def ellipsoid_ml(first_mm: float, second_mm: float, third_mm: float | None = None) -> float:
    """An estimated volume in millilitres from axes; without the third the second stands for it.

    >>> f"{ellipsoid_ml(30, 20, 10):.6f}", ellipsoid_ml(30, 20) == ellipsoid_ml(30, 20, 20)
    ('3.141593', True)
    """
    return math.pi / 6 * first_mm * second_mm * (second_mm if third_mm is None else third_mm) / 1000


def sphere_volume_ratio(diameter_ratio: float) -> float:
    """The change of a sphere's volume, a fraction, that a change of its diameter is.

    >>> f"{100 * sphere_volume_ratio(-0.30):.1f} % {100 * sphere_volume_ratio(0.20):+.1f} %"
    '-65.7 % +72.8 %'
    """
    return (1 + diameter_ratio) ** 3 - 1


def _rate(
    then: float, now: float, interval_days: float, rate: Callable[[float], Derived | float], shortest_days: int = 0
) -> Derived:
    """A rate of the logarithm of a ratio of two sizes, or why there is none.

    Raises
    ------
    ValueError
        A size is negative or not finite: that is a defect, not a lesion.
    """
    if not all(math.isfinite(size) and size >= 0 for size in (then, now)):
        raise ValueError("a size is a finite number of at least zero")
    refusal = _interval_refusal(interval_days, shortest_days)
    if refusal:
        return Derived(None, refusal)
    if then == 0 or now == 0:
        return Derived(None, Undefined.ZERO_VOLUME)
    ratio = now / then
    if ratio == 0 or math.isinf(ratio):
        return Derived(None, Undefined.NONFINITE)
    found = rate(math.log(ratio))
    return found if isinstance(found, Derived) else _finite(found)


def _interval_refusal(interval_days: float, shortest_days: int) -> Undefined | None:
    if interval_days < 0:
        raise ValueError("the later date comes second")
    if interval_days == 0:
        return Undefined.SAME_DAY
    return Undefined.INTERVAL_TOO_SHORT if interval_days < shortest_days else None


def _doubling(log_ratio: float, interval_days: float) -> Derived | float:
    return interval_days * math.log(2) / log_ratio if log_ratio else Derived(None, Undefined.NO_CHANGE)


def _monthly(log_ratio: float, interval_days: float) -> Derived | float:
    try:
        return math.expm1(log_ratio * DAYS_A_MONTH / interval_days)
    except OverflowError:
        return Derived(None, Undefined.NONFINITE)


def _finite(value: float) -> Derived:
    return Derived(value) if math.isfinite(value) else Derived(None, Undefined.NONFINITE)
