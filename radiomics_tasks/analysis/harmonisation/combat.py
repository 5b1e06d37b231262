"""Parametric empirical-Bayes ComBat: how far each batch's means and spreads of standardised features are shrunk."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiomics_tasks.analysis.harmonisation.cohort import Floats
from radiomics_tasks.analysis.harmonisation.design import one_hot
from radiomics_tasks.errors import Refusal

# The iteration stops as sva's and neuroCombat's do, so that figures agree with published work to the last digits.
_CONVERGED = 1e-4
_MOST_ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class Standard:
    """What features are standardised by: `grand` mean, `slopes` (columns, features) of covariates, `sigma`.

    `effects` (batches, features) are the batches' own means, less the grand mean.
    """

    grand: Floats
    slopes: Floats
    sigma: Floats
    effects: Floats

    def mean(self, columns: Floats) -> Floats:
        """What is expected of rows with these covariate columns, whatever their batch."""
        return self.grand + columns @ self.slopes


@dataclass(frozen=True, eq=False)
class BatchEffects:
    """Additive `gamma` and multiplicative `delta` (a variance) of each batch, in standardised units.

    Both (batches, features). `is_shrunk`: whether the batch borrowed strength from all features.
    """

    gamma: Floats
    delta: Floats
    is_shrunk: tuple[bool, ...]


def standard(values: Floats, at_batch: npt.NDArray[np.int64], columns: Floats) -> Standard:
    """Least squares of values (rows, features) on batches and covariate columns; the variance divides by n.

    References
    ----------
    Johnson WE, Li C, Rabinovic A. Biostatistics 2007;8:118-27, section 3.1; Fortin JP et al. NeuroImage
    2018;167:104-20.
    """
    batches = one_hot(at_batch)
    solved = np.linalg.lstsq(np.hstack([batches, columns]), values, rcond=None)[0]
    fitted = np.asarray(solved, dtype=np.float64)
    own, slopes = fitted[: batches.shape[1]], fitted[batches.shape[1] :]
    grand: Floats = batches.mean(axis=0) @ own
    residual: Floats = values - batches @ own - columns @ slopes
    sigma = np.asarray(np.sqrt(np.square(residual).sum(axis=0) / len(residual)), dtype=np.float64)
    return Standard(grand, slopes, sigma, own - grand)


def batch_effects(
    standardised: Floats, at_batch: npt.NDArray[np.int64], is_mean_only: npt.NDArray[np.bool_]
) -> BatchEffects:
    """Empirical-Bayes estimates of each batch from standardised values (rows, features).

    A batch that is mean-only keeps its spread. Where the features do not tell a prior, as with a single feature,
    the batch's own mean and variance are taken as they are.

    Examples
    --------
    >>> z = np.array([[-1.0], [1.0], [0.0], [2.0]])
    >>> found = batch_effects(z, np.array([0, 0, 1, 1]), np.array([False, False]))
    >>> found.gamma.tolist(), found.delta.tolist(), found.is_shrunk
    ([[0.0], [1.0]], [[2.0], [2.0]], (False, False))
    """
    found = [
        _mean_only(standardised[at_batch == batch]) if is_alone else _mean_and_spread(standardised[at_batch == batch])
        for batch, is_alone in enumerate(is_mean_only)
    ]
    gamma, delta, is_shrunk = zip(*found, strict=True)
    return BatchEffects(np.array(gamma), np.array(delta), tuple(is_shrunk))


def _mean_only(rows: Floats) -> tuple[Floats, Floats, bool]:
    own = rows.mean(axis=0)
    if len(own) < 2:
        return own, np.ones_like(own), False
    spread = own.var(ddof=1)
    return (spread * own + own.mean()) / (spread + 1), np.ones_like(own), True


def _mean_and_spread(rows: Floats) -> tuple[Floats, Floats, bool]:
    own, variance = rows.mean(axis=0), rows.var(axis=0, ddof=1)
    if len(own) < 2 or own.var(ddof=1) == 0 or variance.var(ddof=1) == 0:
        return own, variance, False
    return *_posterior(rows, own, variance), True


def _posterior(rows: Floats, own: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Posterior means of a batch: normal prior of its means, inverse gamma prior of its variances, by iteration."""
    count, prior_mean, prior_variance = len(rows), own.mean(), own.var(ddof=1)
    centre, scatter = variance.mean(), variance.var(ddof=1)
    shape, rate = (2 * scatter + centre**2) / scatter, (centre * scatter + centre**3) / scatter
    gamma, delta = own, variance
    for _ in range(_MOST_ROUNDS):
        gamma_next = (prior_variance * count * own + delta * prior_mean) / (prior_variance * count + delta)
        squares = ((rows - gamma_next) ** 2).sum(axis=0)
        delta_next = (0.5 * squares + rate) / (count / 2 + shape - 1)
        is_done = _moved(gamma, gamma_next) <= _CONVERGED and _moved(delta, delta_next) <= _CONVERGED
        gamma, delta = gamma_next, delta_next
        if is_done:
            return gamma, delta
    raise Refusal("E_NOT_CONVERGED", "The harmonisation did not settle on estimates for a scanner. Nothing was stored.")


def _moved(before: Floats, after: Floats) -> float:
    # Divided by the signed value: negative means do not count. Published, so kept; a mean of zero moves not at all.
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nanmax(np.abs(after - before) / before))
