"""What cannot be in a model leaves the cohort by name, until nothing more does: no NaN and no lone row gets through."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from patients.words.harmonisation_words import LeftOut
from radiomics_tasks.analysis.harmonisation.cohort import (
    Cohort,
    Omission,
    covariate_numbers,
    covariate_texts,
)
from radiomics_tasks.errors import Refusal

# Below FEWEST a batch is refused, below ENOUGH only its mean is estimated.
FEWEST, ENOUGH = 10, 20
MOST_MISSING_RATIO = 0.05
MOST_UNKNOWN_RATIO = 0.20

Sieve = Callable[[Cohort], tuple[Cohort, list[Omission]]]


@dataclass(frozen=True, slots=True)
class Sifted:
    """A cohort without gaps, every batch large enough, and what was left out of it."""

    cohort: Cohort
    omissions: tuple[Omission, ...]


def sifted(cohort: Cohort) -> Sifted:
    """The cohort without what cannot be fitted.

    Raises
    ------
    Refusal
        E_ROWS_TWICE, E_NO_FEATURES, or E_BATCHES where fewer than two batches are left.
    """
    twice = sorted(key for key, count in Counter(row.key for row in cohort.rows).items() if count > 1)
    if twice:
        raise Refusal("E_ROWS_TWICE", f"{twice[0]} stands twice in the cohort. Keep one row of it.")
    omissions: list[Omission] = []
    left: list[Omission] = [Omission("", "", LeftOut.ITS_BATCH)]
    while left:
        left = []
        for sieve in SIEVES:
            cohort, out = sieve(cohort)
            left += out
        omissions += left
    if not cohort.features:
        raise Refusal("E_NO_FEATURES", "No feature is known of enough lesions and varies in every batch.")
    if len(cohort.batches) < 2:
        sentence = (
            f"Harmonisation needs two scanners with at least {FEWEST} lesions each; there "
            f"{'is one' if cohort.batches else 'are none'}. {_told(omissions)}"
        )
        raise Refusal("E_BATCHES", sentence.strip())
    return Sifted(cohort, tuple(omissions))


def _told(omissions: Collection[Omission]) -> str:
    batches = sorted(f"{one.name} ({one.why.label})" for one in omissions if one.kind == "batch")
    return f"Left out: {'; '.join(batches)}." if batches else ""


def without_shapes(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Sizes and shapes leave: they are what was measured, and volume is a covariate."""
    names = [name for name in cohort.features if "_shape" in name]
    return cohort.without_features(names), [Omission("feature", name, LeftOut.SHAPE) for name in names]


def without_unknown_batches(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Rows whose batch cannot be told leave."""
    return _less_rows(cohort, [row.key for row in cohort.rows if not row.batch], LeftOut.BATCH_UNKNOWN)


def without_idle_covariates(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """A covariate that is known of too few rows, or the same in all, leaves."""
    out = []
    for covariate in cohort.covariates:
        if covariate.is_number:
            numbers = covariate_numbers(cohort.rows, covariate)
            known = numbers[~np.isnan(numbers)].tolist()
        else:
            known = [text for text in covariate_texts(cohort.rows, covariate) if text]
        if len(known) < (1 - MOST_UNKNOWN_RATIO) * len(cohort.rows):
            out.append((covariate, LeftOut.OFTEN_UNKNOWN))
        elif len(set(known)) < 2:
            out.append((covariate, LeftOut.ONE_LEVEL))
    kept = cohort.without_covariates([covariate for covariate, _ in out])
    return kept, [Omission("covariate", covariate.value, why) for covariate, why in out]


def without_unknown_covariates(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Rows of which a covariate of the model is not known leave."""
    unknown = np.zeros(len(cohort.rows), dtype=bool)
    for covariate in cohort.covariates:
        if covariate.is_number:
            unknown |= np.isnan(covariate_numbers(cohort.rows, covariate))
        else:
            unknown |= np.array([not text for text in covariate_texts(cohort.rows, covariate)], dtype=bool)
    keys = [row.key for row, is_out in zip(cohort.rows, unknown.tolist(), strict=True) if is_out]
    return _less_rows(cohort, keys, LeftOut.MISSING_COVARIATE)


def without_gaps(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Features that are often missing leave, then rows that still lack one."""
    if not cohort.rows:
        return cohort, []
    gaps = np.isnan(cohort.values)
    is_often = np.asarray(gaps.mean(axis=0) > MOST_MISSING_RATIO)
    names = [name for name, is_out in zip(cohort.features, is_often, strict=True) if is_out]
    keys = [row.key for row, has in zip(cohort.rows, np.any(gaps[:, ~is_often], axis=1).tolist(), strict=True) if has]
    kept, rows = _less_rows(cohort.without_features(names), keys, LeftOut.MISSING_VALUE)
    return kept, [*(Omission("feature", name, LeftOut.OFTEN_MISSING) for name in names), *rows]


def without_rare_levels(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """A row that is the only one of its tumour or organ leaves: it would fit itself."""
    keys = set()
    for covariate in (one for one in cohort.covariates if not one.is_number):
        texts = covariate_texts(cohort.rows, covariate)
        counted = Counter(texts)
        keys |= {row.key for row, text in zip(cohort.rows, texts, strict=True) if counted[text] == 1}
    return _less_rows(cohort, sorted(keys), LeftOut.RARE_LEVEL)


def without_small_batches(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Batches of fewer than ten rows leave with their rows."""
    counted = Counter(row.batch for row in cohort.rows)
    small = {batch: count for batch, count in counted.items() if count < FEWEST}
    batches = [
        Omission("batch", batch, LeftOut.SINGLE_ROW if count == 1 else LeftOut.TOO_FEW_ROWS)
        for batch, count in sorted(small.items())
    ]
    kept, rows = _less_rows(cohort, [row.key for row in cohort.rows if row.batch in small], LeftOut.ITS_BATCH)
    return kept, [*batches, *rows]


def without_constants(cohort: Cohort) -> tuple[Cohort, list[Omission]]:
    """Features that do not vary within some batch leave: a spread of zero cannot be scaled."""
    values, labels = cohort.values, np.array([row.batch for row in cohort.rows])
    if not cohort.rows:
        return cohort, []
    spreads = np.array([np.ptp(values[labels == batch], axis=0) for batch in cohort.batches])
    names = [name for name, is_flat in zip(cohort.features, (spreads == 0).any(axis=0), strict=True) if is_flat]
    return cohort.without_features(names), [Omission("feature", name, LeftOut.NO_SPREAD) for name in names]


def _less_rows(cohort: Cohort, keys: Collection[str], why: LeftOut) -> tuple[Cohort, list[Omission]]:
    return cohort.without_rows(set(keys)), [Omission("row", key, why) for key in keys]


SIEVES: tuple[Sieve, ...] = (
    without_shapes,
    without_unknown_batches,
    without_idle_covariates,
    without_unknown_covariates,
    without_small_batches,
    without_gaps,
    without_rare_levels,
    without_small_batches,
    without_constants,
)
