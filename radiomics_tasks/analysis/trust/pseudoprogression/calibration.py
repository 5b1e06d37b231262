"""Statistics of graded probabilities: calibration, Brier score, discrimination; intervals by resampling patients."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patients.concluded.trust_findings import CalibrationGroup, Figure

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000
SEED = 20_240_101
Z_95 = 1.959963984540054
NEWTON_STEPS = 50
CONVERGED = 1e-10
SMALLEST_SPREAD = 1e-12
MOST_GROUPS = 5
EPISODES_A_GROUP = 10
# Logits beyond this are a probability of 0 or 1, of which no calibration can be estimated.
LARGEST_LOGIT = 30.0


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Probabilities, what became of them (1 for pseudoprogression) and whose they are, one place an episode."""

    probabilities: Floats
    events: Floats
    patients: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[tuple[float, bool, int]]) -> "Outcomes":
        """Outcomes from rows of probability, event and patient."""
        return cls(
            np.array([row[0] for row in rows], dtype=np.float64),
            np.array([row[1] for row in rows], dtype=np.float64),
            np.unique(np.array([row[2] for row in rows], dtype=np.int64), return_inverse=True)[1].astype(np.int64),
        )

    @property
    def logits(self) -> Floats:
        """The log-odds of the probabilities."""
        with np.errstate(divide="ignore"):
            logits = np.log(self.probabilities) - np.log1p(-self.probabilities)
        return np.asarray(np.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT))


def resampled_weights(outcomes: Outcomes, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """How often each episode stands in each resample: patients are drawn with all their episodes; one row each.

    Examples
    --------
    >>> weights = resampled_weights(Outcomes.of([(0.1, False, 1), (0.2, True, 1), (0.3, False, 2)]), 3)
    >>> weights.shape, bool((weights[:, 0] == weights[:, 1]).all())
    ((3, 3), True)
    """
    count = int(outcomes.patients.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=resamples)
    return drawn[:, outcomes.patients].astype(np.float64)


def brier(outcomes: Outcomes, weights: Floats) -> Floats:
    """The mean squared distance of probability and outcome, for each row of weights.

    Examples
    --------
    >>> brier(Outcomes.of([(0.8, True, 1), (0.4, False, 2)]), np.ones((1, 2))).round(6).tolist()
    [0.1]
    """
    squares = (outcomes.probabilities - outcomes.events) ** 2
    return np.asarray(weights @ squares / weights.sum(axis=1))


def scaled_brier(outcomes: Outcomes, weights: Floats) -> Floats:
    """1 - Brier / Brier of the prevalence: 0 says no more than the prevalence, 1 is perfect."""
    share = weights @ outcomes.events / weights.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1.0 - brier(outcomes, weights) / (share * (1.0 - share)))


def discrimination(outcomes: Outcomes, weights: Floats) -> Floats:
    """The area under the ROC curve: how often an event has the larger probability, ties counting half.

    Examples
    --------
    >>> rows = [(0.8, True, 1), (0.4, False, 2), (0.8, False, 3)]
    >>> discrimination(Outcomes.of(rows), np.ones((1, 3))).tolist()
    [0.75]
    """
    is_event = outcomes.events == 1
    of_events, of_others = outcomes.probabilities[is_event], outcomes.probabilities[~is_event]
    wins = np.sign(of_events[:, None] - of_others[None, :]) / 2 + 0.5
    events, others = weights[:, is_event], weights[:, ~is_event]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(((events @ wins) * others).sum(axis=1) / (events.sum(axis=1) * others.sum(axis=1)))


def observed_to_expected(outcomes: Outcomes, weights: Floats) -> Floats:
    """Events seen over events expected: above 1 the score says too little, below 1 too much.

    Examples
    --------
    >>> observed_to_expected(Outcomes.of([(0.25, True, 1), (0.25, False, 2)]), np.ones((1, 2))).tolist()
    [2.0]
    """
    return np.asarray(weights @ outcomes.events / (weights @ outcomes.probabilities))


def intercept(outcomes: Outcomes, weights: Floats) -> Floats:
    """The shift of all log-odds that would make expected equal to observed (0: calibrated in the large).

    Solved by Newton's method for each row of weights; not finite where a row has no events, or nothing else.

    Examples
    --------
    >>> rows = [(0.2, True, 1), (0.2, False, 2)]
    >>> abs(intercept(Outcomes.of(rows), np.ones((1, 2)))[0] - math.log(4)) < 1e-9
    np.True_
    """
    wanted, logits = weights @ outcomes.events, outcomes.logits
    is_defined = (wanted > 0) & (wanted < weights.sum(axis=1))
    shift = np.where(is_defined, 0.0, np.nan)
    for _ in range(NEWTON_STEPS):
        fitted = weights / (1.0 + np.exp(-(logits[None, :] + shift[:, None])))
        spread = np.maximum((fitted * (1.0 - fitted / np.maximum(weights, 1.0))).sum(axis=1), SMALLEST_SPREAD)
        step = np.clip((wanted - fitted.sum(axis=1)) / spread, -1.0, 1.0)
        shift += step
        if not np.any(np.abs(step) > CONVERGED):
            break
    return shift


def slope(outcomes: Outcomes) -> Figure | None:
    """By how much log-odds should be stretched (1: calibrated; below 1: too extreme), with Wald's interval.

    Its variance takes the episodes of one patient together. None where all probabilities are equal or they
    separate the outcomes: then there is no such number.
    """
    if float(np.ptp(outcomes.logits)) < CONVERGED:
        return None
    design = np.column_stack([np.ones(len(outcomes.events)), outcomes.logits])
    fit = np.array([0.0, 1.0])
    for _ in range(NEWTON_STEPS):
        fitted = 1.0 / (1.0 + np.exp(-np.clip(design @ fit, -LARGEST_LOGIT, LARGEST_LOGIT)))
        pulls = design * (outcomes.events - fitted)[:, None]
        information = design.T @ (design * (fitted * (1.0 - fitted))[:, None])
        step = np.linalg.lstsq(information, pulls.sum(axis=0))[0]
        fit = fit + step
        if float(np.abs(step).max()) < CONVERGED:
            return _slope_figure(float(fit[1]), information, pulls, outcomes)
    return None


def _slope_figure(found: float, information: Floats, pulls: Floats, outcomes: Outcomes) -> Figure:
    """The interval by the clustered sandwich: the pulls of each patient's episodes are added up first."""
    of_patients = np.zeros((int(outcomes.patients.max()) + 1, 2))
    np.add.at(of_patients, outcomes.patients, pulls)
    inverse = np.linalg.inv(information)
    variance = inverse @ (of_patients.T @ of_patients) @ inverse
    half = Z_95 * math.sqrt(float(variance[1, 1]))
    return Figure(found, found - half, found + half, len(outcomes.events))


def with_interval(statistic: Callable[[Outcomes, Floats], Floats], outcomes: Outcomes, weights: Floats) -> Figure:
    """A statistic of all episodes with the 2.5th and 97.5th percentile over the resamples where it is defined."""
    value = float(statistic(outcomes, np.ones((1, len(outcomes.events))))[0])
    resampled = statistic(outcomes, weights)
    low, high = np.percentile(resampled[np.isfinite(resampled)], [2.5, 97.5])
    return Figure(value, float(low), float(high), len(outcomes.events))


def wilson(events: int, n: int) -> Figure:
    """A share with Wilson's 95 % interval.

    Examples
    --------
    >>> found = wilson(97, 1328)
    >>> round(100 * found.value, 1), round(100 * found.low, 1), round(100 * found.high, 1)
    (7.3, 6.0, 8.8)
    """
    share, square = events / n, Z_95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n**2))
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half), n)


def calibration_groups(outcomes: Outcomes) -> tuple[CalibrationGroup, ...]:
    """Episodes in the order of their probability, in at most five groups of at least ten."""
    groups = min(MOST_GROUPS, max(1, len(outcomes.events) // EPISODES_A_GROUP))
    order = np.argsort(outcomes.probabilities, kind="stable")
    return tuple(_group(outcomes, part) for part in np.array_split(order, groups))


def _group(outcomes: Outcomes, places: npt.NDArray[np.int64]) -> CalibrationGroup:
    events = int(outcomes.events[places].sum())
    expected = float(outcomes.probabilities[places].mean())
    return CalibrationGroup(len(places), events, expected, wilson(events, len(places)))
