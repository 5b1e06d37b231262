"""Longitudinal ComBat: a random intercept of each subject, so that repeated scans are not taken for independent."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from radiomics_tasks.analysis.harmonisation.cohort import Floats
from radiomics_tasks.analysis.harmonisation.combat import Standard
from radiomics_tasks.analysis.harmonisation.design import one_hot

Positions = npt.NDArray[np.int64]
# Logarithms between which the ratio of the two variances is looked for; at the lower end it is as good as zero.
_LEAST, _MOST = -18.0, 18.0


@dataclass(frozen=True, eq=False)
class Mixed:
    """A linear mixed model of each feature: the fixed part; `subject_ratio` is subjects' over residual variance."""

    fixed: Standard
    subject_ratio: Floats

    def predicted_intercepts(
        self, values: Floats, at_batch: Positions, columns: Floats, at_subject: Positions
    ) -> Floats:
        """For each row (rows, features) the intercept of its subject."""
        left = values - self.fixed.mean(columns) - self.fixed.effects[at_batch]
        subjects = int(at_subject.max()) + 1
        own = [intercepts(left[at_subject == one], self.subject_ratio) for one in range(subjects)]
        return np.array(own)[at_subject]


@dataclass(frozen=True, eq=False)
class _Fit:
    criterion: float
    coefficients: Floats
    residual_variance: float


def mixed(values: Floats, at_batch: Positions, columns: Floats, at_subject: Positions) -> Mixed:
    """Restricted maximum likelihood of each feature (columns of `values`), with a random intercept of each subject.

    References
    ----------
    Beer JC et al. NeuroImage 2020;220:117129. The likelihood is profiled to one unknown, the ratio of the
    variances; V = I + ratio × 11' of each subject is inverted by Sherman and Morrison.
    """
    batches = one_hot(at_batch)
    design = np.hstack([batches, columns])
    fits = [_reml(design, column, at_subject) for column in values.T]
    coefficients = np.array([fit.coefficients for fit, _ in fits]).T
    residual = np.array([fit.residual_variance for fit, _ in fits])
    own, slopes = coefficients[: batches.shape[1]], coefficients[batches.shape[1] :]
    grand = batches.mean(axis=0) @ own
    fixed = Standard(grand, slopes, np.sqrt(residual), own - grand)
    return Mixed(fixed, np.array([ratio for _, ratio in fits], dtype=np.float64))


def _reml(design: Floats, values: Floats, at_subject: Positions) -> tuple[_Fit, float]:
    subjects = one_hot(at_subject)
    sums, counts = subjects.T @ np.column_stack([design, values]), subjects.sum(axis=0)

    def at(ratio: float) -> _Fit:
        return _profiled(design, values, sums, counts, ratio)

    found = optimize.minimize_scalar(
        lambda log_ratio: at(float(np.exp(log_ratio))).criterion,
        bounds=(_LEAST, _MOST),
        method="bounded",
        options={"xatol": 1e-9},
    )
    ratio, none = float(np.exp(found.x)), at(0.0)
    best = at(ratio)
    return (none, 0.0) if none.criterion <= best.criterion else (best, ratio)


def _profiled(design: Floats, values: Floats, sums: Floats, counts: Floats, ratio: float) -> _Fit:
    """Generalised least squares under one ratio of the variances, and minus twice the restricted log-likelihood."""
    both = np.column_stack([design, values])
    weights = ratio / (1 + counts * ratio)
    products = both.T @ both - (sums * weights[:, None]).T @ sums
    inner, cross, square = products[:-1, :-1], products[:-1, -1], products[-1, -1]
    coefficients = np.asarray(np.linalg.solve(inner, cross), dtype=np.float64)
    freedom = len(values) - design.shape[1]
    variance = float(square - cross @ coefficients) / freedom
    logs = freedom * np.log(variance) + np.log1p(counts * ratio).sum() + np.linalg.slogdet(inner)[1]
    return _Fit(float(logs), coefficients, variance)


def intercepts(left: Floats, subject_ratio: Floats) -> Floats:
    """Best prediction of one subject's intercept from what its rows (rows, features) leave over the fixed part.

    Examples
    --------
    >>> intercepts(np.array([[1.0], [3.0]]), np.array([0.5])).tolist()
    [1.0]
    """
    predicted: Floats = subject_ratio * left.sum(axis=0) / (1 + len(left) * subject_ratio)
    return predicted
