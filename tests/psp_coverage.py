"""How often the score's 95 % interval holds the truth, over episodes simulated from the model's own declarations.

`python -m tests.psp_coverage` prints it twice: with likelihood ratios and base rate exactly as declared, and with
both drawn from what the model says of their uncertainty.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import ScoreStatus
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence, ItemEvidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import Item, default_model
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score
from radiomics_tasks.analysis.trust.pseudoprogression.weighing import expit, logit

MODEL = default_model()
COUNTED = [item for item in MODEL.items if item.is_counted]
TUMOUR = "melanoma"
EPISODES = 4000
SEEN_OF_TEN = 7


@dataclass(frozen=True, slots=True)
class Told:
    """One simulated episode: what became of it, how likely that was, and what the score said."""

    is_event: bool
    truth: float
    low: float | None
    high: float | None
    status: ScoreStatus

    @property
    def is_covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low is not None and self.high is not None and self.low <= self.truth <= self.high


def x_of(item: Item) -> list[float]:
    """The values that x takes: its codes or steps, else a grid over its range."""
    if item.transform.kind == "code":
        return list(item.transform.values)
    if item.transform.kind == "steps":
        return [x for _, x in item.transform.below] + [item.transform.above]
    low, high = item.transform.clip
    return [low + (high - low) * step / 12 for step in range(13)]


def value_of(item: Item, x: float) -> float:
    """The raw value that becomes x."""
    kind = item.transform.kind
    if kind == "log2":
        return float(2.0**x)
    if kind == "log":
        return float(item.transform.centre * math.exp(x * item.transform.spread))
    if kind == "steps":
        limits = [limit for limit, _ in item.transform.below]
        return ([limit - 0.1 for limit in limits] + [limits[-1] + 1.0])[x_of(item).index(x)]
    return x


def drawn(item: Item, rng: np.random.Generator, *, is_event: bool) -> tuple[float, float]:
    """An x and its log likelihood ratio: with the event, values are as much more frequent as the weight says."""
    grid = x_of(item)
    middle = sum(grid) / len(grid)
    usual = np.exp(-0.5 * (np.array(grid) - middle) ** 2)
    usual = usual / usual.sum()
    ratio = np.exp([item.weight(x) * x for x in grid])
    with_event = usual * ratio / (usual * ratio).sum()
    place = int(rng.choice(len(grid), p=with_event if is_event else usual))
    return grid[place], float(np.log(with_event[place] / usual[place]))


def episodes(count: int, seed: int, *, is_exact: bool) -> Iterator[Told]:
    """Episodes whose items are independent given the outcome, each item seen seven times of ten."""
    rng = np.random.default_rng(seed)
    prior, error = MODEL.prior(TUMOUR)
    for _ in range(count):
        items = COUNTED if is_exact else [_redrawn(item, rng) for item in COUNTED]
        log_odds = logit(prior) + (0.0 if is_exact else float(rng.normal(0.0, error)))
        is_event = bool(rng.random() < expit(log_odds))
        seen = {}
        for item in items:
            if rng.random() * 10 < SEEN_OF_TEN:
                x, ratio = drawn(item, rng, is_event=is_event)
                seen[item.name] = ItemEvidence(value_of(item, x))
                log_odds += ratio
        asked = Evidence(ResponseCategory.IUPD, True, TUMOUR, ("T", "NL"), ClinicalStatus.STABLE, seen)
        score = pseudoprogression_score(asked, MODEL)
        yield Told(is_event, expit(log_odds), score.low, score.high, score.status)


def _redrawn(item: Item, rng: np.random.Generator) -> Item:
    positive, negative = (float(rng.normal(w, e)) for w, e in zip(item.weights, item.errors, strict=True))
    return replace(item, weights=(positive, negative))


def coverage(told: list[Told]) -> tuple[float, int]:
    """The share of intervals that hold the truth, and how many intervals there are."""
    with_interval = [one for one in told if one.low is not None]
    return sum(one.is_covered for one in with_interval) / len(with_interval), len(with_interval)


def main() -> None:
    """Print both coverages with their number of intervals."""
    worlds = {True: "ratios and base rate exactly as declared", False: "both drawn from their errors"}
    for is_exact, words in worlds.items():
        told = list(episodes(EPISODES, 7, is_exact=is_exact))
        share, count = coverage(told)
        ok, points = coverage([one for one in told if one.status is ScoreStatus.OK])
        events = sum(one.is_event for one in told)
        sys.stdout.write(
            f"{words}: {len(told)} episodes, {events} pseudoprogressions; the 95 % interval holds the truth in "
            f"{100 * share:.1f} % of {count} intervals, in {100 * ok:.1f} % of the {points} with a point\n"
        )


if __name__ == "__main__":
    main()
