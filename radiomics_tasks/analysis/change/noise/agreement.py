"""How well repeated values of the same lesions agree: intraclass and concordance correlations with their limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from patients.words.noise_words import Reliability

Floats = npt.NDArray[np.float64]
UPPER_TAIL = 0.975


@dataclass(frozen=True, slots=True)
class Icc:
    """An intraclass correlation with its 95 % limits; all None where the values do not vary at all."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def reliability(self) -> Reliability | None:
        """The tier of its lower limit."""
        return None if self.low is None else reliability(self.low)


def reliability(lower_limit: float) -> Reliability:
    """The tier of the lower 95 % limit of an intraclass correlation.

    References
    ----------
    Koo TK, Li MY. J Chiropr Med 2016;15:155-63.

    Examples
    --------
    >>> reliability(0.90).value, reliability(0.8999).value, reliability(0.75).value, reliability(0.7499).value
    ('EXCELLENT', 'GOOD', 'GOOD', 'EXCLUDED')
    """
    if lower_limit >= 0.90:
        return Reliability.EXCELLENT
    return Reliability.GOOD if lower_limit >= 0.75 else Reliability.EXCLUDED


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares of a table of n lesions and k repeats."""

    lesions: int
    repeats: int
    between: float
    within: float
    columns: float
    rest: float


def icc_1_1(values: Sequence[Sequence[float]]) -> Icc:
    """ICC(1,1): one value against another, when each lesion has repeats of its own.

    `values` has a row for each lesion and a column for each repeat, at least two of both, none missing.

    Raises
    ------
    ValueError
        The table is too small, ragged, or holds a value that is not finite.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-8. The golden table is theirs.

    Examples
    --------
    >>> judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> [f"{icc(judged).value:.4f}" for icc in (icc_1_1, icc_2_1, icc_3_1)]
    ['0.1657', '0.2898', '0.7148']
    """
    squares = _squares(values)
    return _from_ratio(squares.between, squares.within, squares, squares.lesions * (squares.repeats - 1))


def icc_3_1(values: Sequence[Sequence[float]]) -> Icc:
    """ICC(3,1): consistency of these very repeats; a constant offset between columns does not count."""
    squares = _squares(values)
    return _from_ratio(squares.between, squares.rest, squares, (squares.lesions - 1) * (squares.repeats - 1))


def icc_2_1(values: Sequence[Sequence[float]]) -> Icc:
    """ICC(2,1): absolute agreement with repeats (readers, scanners) taken from many; limits by Satterthwaite."""
    squares = _squares(values)
    n, k = squares.lesions, squares.repeats
    between, columns, rest = squares.between, squares.columns, squares.rest
    denominator = between + (k - 1) * rest + k * (columns - rest) / n
    if denominator == 0:
        return Icc(None)
    value = (between - rest) / denominator
    if rest == 0:
        # The limits need a ratio of mean squares that does not exist: only the value stands.
        return Icc(1.0, 1.0, 1.0) if columns == 0 else Icc(value)
    ratio = columns / rest
    share = n * (1 + (k - 1) * value) - k * value
    freedom = (k - 1) * (n - 1) * (k * value * ratio + share) ** 2
    freedom /= (n - 1) * (k * value * ratio) ** 2 + share**2
    first = float(stats.f.ppf(UPPER_TAIL, n - 1, freedom))
    second = float(stats.f.ppf(UPPER_TAIL, freedom, n - 1))
    pooled = k * columns + (k * n - k - n) * rest
    low = n * (between - first * rest) / (first * pooled + n * between)
    high = n * (second * between - rest) / (pooled + n * second * between)
    # Satterthwaite's limits are an approximation; far below zero they no longer hold the value, and are none.
    is_sound = math.isfinite(low) and math.isfinite(high) and low <= value <= high
    return Icc(value, low, high) if is_sound else Icc(value)


def concordance(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Lin's concordance correlation 2 s12 / (s1² + s2² + (m1 - m2)²), with n in the denominators.

    None where neither varies and both are equal.

    References
    ----------
    Lin LI. Biometrics 1989;45:255-68.

    Examples
    --------
    >>> f"{concordance([100, 50, 20, 75, 33], [108, 46, 21, 75, 30]):.6f}"
    '0.990243'
    """
    x, y = _checked(first, 1), _checked(second, 1)
    if x.shape != y.shape:
        raise ValueError("both sides of a concordance need as many values")
    x, y = x - x[0], y - x[0]
    covariance = float(np.mean((x - x.mean()) * (y - y.mean())))
    denominator = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return None if denominator == 0 else 2 * covariance / denominator


def _from_ratio(between: float, error: float, squares: _Squares, freedom: int) -> Icc:
    """(MSB - MSE) / (MSB + (k - 1) MSE) with limits from the F distribution."""
    n, k = squares.lesions, squares.repeats
    if error == 0:
        return Icc(None) if between == 0 else Icc(1.0, 1.0, 1.0)
    ratio = between / error
    low = ratio / float(stats.f.ppf(UPPER_TAIL, n - 1, freedom))
    high = ratio * float(stats.f.ppf(UPPER_TAIL, freedom, n - 1))
    return Icc((ratio - 1) / (ratio + k - 1), (low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _squares(values: Sequence[Sequence[float]]) -> _Squares:
    table = _checked(values, 2)
    n, k = table.shape
    # Far from zero the sums of squares lose digits, and equal values must leave exactly nothing.
    table = table - table[0, 0]
    table = table - table.mean()
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    between = k * float(np.sum(rows**2)) / (n - 1)
    within = float(np.sum((table - rows[:, None]) ** 2)) / (n * (k - 1))
    spread = n * float(np.sum(columns**2))
    rest = float(np.sum((table - rows[:, None] - columns[None, :]) ** 2)) / ((n - 1) * (k - 1))
    # A mean square that is no more than rounding is none: repeats that agree must agree perfectly.
    rounding = float(8 * np.finfo(np.float64).eps * np.abs(table).max()) ** 2
    between, within, columns_ms, rest = (
        square if square > rounding else 0.0 for square in (between, within, spread / (k - 1), rest)
    )
    return _Squares(n, k, between, within, columns_ms, rest)


def _checked(values: Sequence[float] | Sequence[Sequence[float]], dimensions: int) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != dimensions or min(table.shape) < 2:
        raise ValueError("agreement needs at least two lesions and two repeats of each")
    if not all(map(math.isfinite, table.ravel().tolist())):
        raise ValueError("agreement needs a finite value in every place")
    return table
