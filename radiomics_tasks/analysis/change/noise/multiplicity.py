"""Many comparisons at once: q-values over all tests made, and how many lie outside noise by chance alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from patients.concluded.change_findings import DeltaNoise, PanelCount
from patients.words.noise_words import NoiseSource, NoiseVerdict

Floats = npt.NDArray[np.float64]

# 5 % of changes that are none lie outside limits of 95 %.
BY_CHANCE = 0.05


def q_values(p_values: Sequence[float]) -> list[float]:
    """The smallest false discovery rate at which each test is called: q(i) = min over j ≥ i of m·p(j)/j, at most 1.

    `p_values` are all tests that were made, those that nobody looks at included.

    References
    ----------
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.

    Examples
    --------
    >>> q_values([0.01, 0.04, 0.03, 0.5])
    [0.04, 0.05333333333333334, 0.05333333333333334, 0.5]
    >>> q_values([])
    []
    """
    p = np.asarray(p_values, dtype=np.float64)
    count = p.size
    order = np.argsort(p, kind="stable")
    steps = p[order] * count / np.arange(1, count + 1)
    monotone = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    q: Floats = np.empty(count)
    q[order] = monotone
    return [float(one) for one in q]


def with_q_values(noises: Sequence[DeltaNoise]) -> tuple[DeltaNoise, ...]:
    """The same with q-values over every test made at one visit of one patient, all lesions and references together."""
    tests = [p for noise in noises for p in noise.p if p is not None]
    remaining = iter(q_values(tests))
    return tuple(replace(noise, q=tuple(None if p is None else next(remaining) for p in noise.p)) for noise in noises)


def expected_by_chance(comparisons: int) -> float:
    """How many of so many comparisons lie outside noise when nothing has changed.

    >>> expected_by_chance(12 * 5 * 3)
    9.0
    """
    return BY_CHANCE * comparisons


_KINDS = (
    ((NoiseSource.SITE_PAIRS,), "{k} of {n} outside noise, about {e} expected by chance"),
    (
        (NoiseSource.PUBLISHED, NoiseSource.DERIVED),
        "{k} of {n} outside the published noise, about {e} expected by chance; this site's own is unknown",
    ),
    (
        (NoiseSource.PERTURBATION,),
        "{k} of {n} exceed the perturbation lower bound, {e} or more expected by chance; scan–rescan variation unknown",
    ),
)


def panel_counts(noises: Sequence[DeltaNoise], places: Sequence[Sequence[int]]) -> tuple[PanelCount, ...]:
    """How many comparisons of a panel lie outside, counted apart for what their bands mean.

    `places` are, for each of `noises`, the places of the panel's features in its feature set. A change that moves
    with volume is not counted as outside, though the comparison was made.
    """
    chosen = [
        (noise.sources[place], noise.verdicts[place])
        for noise, panel in zip(noises, places, strict=True)
        for place in panel
        if noise.verdicts[place] is not NoiseVerdict.NO_VALUE
    ]
    counts = []
    for sources, words in _KINDS:
        verdicts = [verdict for source, verdict in chosen if source in sources]
        if verdicts:
            counts.append(_counted(sources[0], verdicts, words))
    return tuple(counts)


def _counted(source: NoiseSource, verdicts: Sequence[NoiseVerdict], words: str) -> PanelCount:
    outside, made = sum(verdict.is_over for verdict in verdicts), len(verdicts)
    expected = expected_by_chance(made)
    sentence = words.format(k=outside, n=made, e=f"{expected:.1f}".removesuffix(".0"))
    return PanelCount(source, outside, made, expected, sentence)
