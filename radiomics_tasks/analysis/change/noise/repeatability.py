"""The within-lesion standard deviation from repeats, and the smallest change that it lets be measured."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

# A difference of two scans has the noise of both, and 95 % of them lie within 1.96 of its deviations.
MDC_FACTOR = 1.96 * math.sqrt(2)
LOWER_TAIL = 0.05


def within_sds(repeats: Sequence[Floats]) -> tuple[Floats, Counts, Counts]:
    """The within-lesion standard deviation of each feature, its degrees of freedom, and the lesions behind it.

    Each lesion is an array of (repeats, features), NaN where a value is missing. Of a lesion with k usable values
    k - 1 degrees of freedom come; with pairs this is sqrt(sum of (x1 - x2)² / 2m), and an offset between the first
    and the second scan counts as noise. Without degrees of freedom it is NaN.

    References
    ----------
    Bland JM, Altman DG. BMJ 1996;313:744 (measurement error).

    Examples
    --------
    >>> pairs = [(100, 108), (50, 46), (20, 21), (75, 75), (33, 30)]
    >>> within_sd, pairs_used, _ = within_sds([np.array(pair, dtype=float)[:, None] for pair in pairs])
    >>> f"wSD {within_sd[0]:.4f} from {pairs_used[0]} pairs, MDC {MDC_FACTOR * within_sd[0]:.4f}"
    'wSD 3.0000 from 5 pairs, MDC 8.3156'
    >>> from patients.noise_beside import ratio_limits
    >>> logs = within_sds([np.log(np.array(pair, dtype=float))[:, None] for pair in pairs])[0][0]
    >>> f"wSD of ln {logs:.7f}", [f"{100 * limit:+.3f} %" for limit in ratio_limits(MDC_FACTOR * logs)]
    ('wSD of ln 0.0493356', ['-12.781 %', '+14.654 %'])
    """
    width = repeats[0].shape[1] if repeats else 0
    squares = np.zeros(width)
    freedom, lesions = np.zeros(width, dtype=np.int64), np.zeros(width, dtype=np.int64)
    for values in repeats:
        known = np.isfinite(values)
        count = known.sum(axis=0)
        # Values are centred on the first of them before they are averaged: far from zero digits would be lost.
        centred = np.where(known, values - _first_known(values, known), 0.0)
        mean = centred.sum(axis=0) / np.maximum(count, 1)
        squares += (np.where(known, centred - mean, 0.0) ** 2).sum(axis=0)
        freedom += np.maximum(count - 1, 0)
        lesions += count > 1
    with np.errstate(invalid="ignore"):
        return np.where(freedom > 0, np.sqrt(squares / np.maximum(freedom, 1)), np.nan), freedom, lesions


def _first_known(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    first = np.argmax(known, axis=0)
    return np.where(known.any(axis=0), values[first, np.arange(values.shape[1])], 0.0)


def upper_sd(within_sd: float, degrees_of_freedom: int) -> float:
    """The upper 95 % limit of a within-lesion standard deviation, wSD·sqrt(m / χ²(0.05, m)).

    Examples
    --------
    >>> f"{upper_sd(3.0, 5):.4f} {upper_sd(3.0, 34):.4f}"
    '6.2678 3.7583'
    """
    return within_sd * _upper_factor(degrees_of_freedom)


@cache
def _upper_factor(degrees_of_freedom: int) -> float:
    """Asked for once a feature and size class, and all of them have few degrees of freedom between them."""
    return math.sqrt(degrees_of_freedom / float(stats.chi2.ppf(LOWER_TAIL, degrees_of_freedom)))


def standard_error(within_sd: float, degrees_of_freedom: int) -> float:
    """The standard error of a within-lesion standard deviation, about wSD / sqrt(2m)."""
    return within_sd / math.sqrt(2 * degrees_of_freedom)


def within_cv(within_sd_of_ln: float) -> float:
    """The within-lesion coefficient of variation of a log-normal quantity, sqrt(exp(wSD²) - 1).

    >>> f"{100 * within_cv(0.0493356):.3f} %"
    '4.937 %'
    """
    return math.sqrt(math.expm1(within_sd_of_ln**2))


def within_sd_of_ln(within_cv_ratio: float) -> float:
    """The within-lesion deviation of the logarithm behind a coefficient of variation, sqrt(ln(1 + wCV²)).

    >>> f"{within_sd_of_ln(within_cv(0.0493356)):.7f}"
    '0.0493356'
    """
    return math.sqrt(math.log1p(within_cv_ratio**2))


def root_mean_square_cv(pairs: Sequence[tuple[float, float]]) -> float:
    """The root mean square of each pair's coefficient of variation, without any assumption of a distribution.

    >>> f"{100 * root_mean_square_cv([(100, 108), (50, 46), (20, 21), (75, 75), (33, 30)]):.3f} %"
    '4.931 %'
    """
    return math.sqrt(sum(2 * (first - second) ** 2 / (first + second) ** 2 for first, second in pairs) / len(pairs))


def velocity_mdc(mdc: float, interval_days: int) -> float:
    """The minimal detectable change per 30.4375 days, of an absolute change seen over so many days.

    >>> velocity_mdc(8.0, 60) < velocity_mdc(8.0, 30)
    True
    """
    return mdc * 30.4375 / interval_days
