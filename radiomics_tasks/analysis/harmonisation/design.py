"""Batches and covariates as columns of numbers, and the guard against a covariate that only repeats the scanner."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from patients.words.harmonisation_words import Covariate, NotHarmonised
from radiomics_tasks.analysis.harmonisation.cohort import (
    Cohort,
    CovariateValue,
    Floats,
    covariate_numbers,
    covariate_texts,
)
from radiomics_tasks.errors import Refusal

# Columns of unit length this close to lying in the others' space say nothing of their own.
_RANK_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class CovariateSeen:
    """One covariate as a model saw it: the levels of a kind (the first is the reference), or a number's range.

    Numbers enter as natural logarithms; `low` and `high` are logarithms too.
    """

    covariate: Covariate
    levels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return 1 if self.covariate.is_number else len(self.levels) - 1

    def columns(self, value: CovariateValue) -> tuple[float, ...] | NotHarmonised:
        """The columns of one row, or why there are none.

        Examples
        --------
        >>> organ = CovariateSeen(Covariate.ORGAN, ("LIVER", "LUNG", "NODE"))
        >>> organ.columns("LUNG"), organ.columns("LIVER"), organ.columns("BONE").label
        ((1.0, 0.0), (0.0, 0.0), 'tumour or organ not in the model')
        """
        if self.covariate.is_number:
            if not isinstance(value, float | int) or not value > 0 or not math.isfinite(value):
                return NotHarmonised.COVARIATE_UNKNOWN
            return (float(np.log(value)),)
        if not value:
            return NotHarmonised.COVARIATE_UNKNOWN
        if value not in self.levels:
            return NotHarmonised.COVARIATE_NOT_IN_MODEL
        return tuple(float(value == level) for level in self.levels[1:])


def seen_in(cohort: Cohort) -> tuple[CovariateSeen, ...]:
    """The covariates of a cohort without gaps."""
    seen = []
    for covariate in cohort.covariates:
        if covariate.is_number:
            numbers = covariate_numbers(cohort.rows, covariate)
            seen.append(CovariateSeen(covariate, low=float(numbers.min()), high=float(numbers.max())))
        else:
            seen.append(CovariateSeen(covariate, tuple(sorted(set(covariate_texts(cohort.rows, covariate))))))
    return tuple(seen)


def row_columns(
    seen: tuple[CovariateSeen, ...], covariates: Mapping[Covariate, CovariateValue]
) -> tuple[float, ...] | NotHarmonised:
    """All covariate columns of one row, or the first reason why there are none."""
    columns: tuple[float, ...] = ()
    for one in seen:
        found = one.columns(covariates.get(one.covariate))
        if isinstance(found, NotHarmonised):
            return found
        columns += found
    return columns


def covariate_matrix(cohort: Cohort, seen: tuple[CovariateSeen, ...]) -> Floats:
    """Rows by covariate columns of a cohort without gaps."""
    rows = [row_columns(seen, row.covariates) for row in cohort.rows]
    table = [row for row in rows if not isinstance(row, NotHarmonised)]
    return np.array(table, dtype=np.float64).reshape(len(cohort.rows), sum(one.width for one in seen))


def batch_positions(cohort: Cohort) -> npt.NDArray[np.int64]:
    """For each row the position of its batch in the cohort's batches."""
    at = {batch: position for position, batch in enumerate(cohort.batches)}
    return np.array([at[row.batch] for row in cohort.rows], dtype=np.int64)


def one_hot(at_batch: npt.NDArray[np.int64]) -> Floats:
    """Rows by batches: one where the row belongs."""
    return np.eye(int(at_batch.max()) + 1)[at_batch]


def refuse_confounded(cohort: Cohort, seen: tuple[CovariateSeen, ...]) -> None:
    """Raise E_CONFOUNDED, naming the covariate, where one can be told from the scanner and the covariates before it."""
    design = one_hot(batch_positions(cohort))
    for one in seen:
        wider = np.column_stack([design, _from_batch_means(cohort, covariate_matrix(cohort, (one,)))])
        if _rank(wider) < wider.shape[1]:
            sentence = (
                f"The {one.covariate.label} cannot be told from the scanner in this cohort, so nothing separates "
                "their effects. Leave the covariate out only if it does not differ between the scanners; else collect "
                "lesions that break the tie."
            )
            raise Refusal("E_CONFOUNDED", sentence)
        design = wider


def _from_batch_means(cohort: Cohort, columns: Floats) -> Floats:
    # Within a batch a large common offset would hide how little a column varies.
    at_batch = batch_positions(cohort)
    means = np.array([columns[at_batch == batch].mean(axis=0) for batch in range(len(cohort.batches))])
    within = columns - means[at_batch]
    is_idle = np.abs(within).max(axis=0) <= _RANK_TOLERANCE * np.maximum(np.abs(columns).max(axis=0), 1)
    return np.where(is_idle, 0.0, within)


def _rank(columns: Floats) -> int:
    lengths = np.linalg.norm(columns, axis=0)
    return int(np.linalg.matrix_rank(columns / np.where(lengths > 0, lengths, 1), tol=_RANK_TOLERANCE))


def overlap_warnings(cohort: Cohort, seen: tuple[CovariateSeen, ...]) -> list[str]:
    """Sentences on covariates that do not overlap between batches: what they say there is extrapolated."""
    return [sentence for one in seen for sentence in _apart(cohort, one)]


def _apart(cohort: Cohort, one: CovariateSeen) -> list[str]:
    if one.covariate.is_number:
        numbers = covariate_numbers(cohort.rows, one.covariate)
        at_batch = batch_positions(cohort)
        spans = [(batch, numbers[at_batch == place]) for place, batch in enumerate(cohort.batches)]
        return [
            f"The {one.covariate.label} does not overlap between {left} and {right}."
            for (left, low), (right, high) in combinations(spans, 2)
            if low.max() < high.min() or high.max() < low.min()
        ]
    texts = covariate_texts(cohort.rows, one.covariate)
    homes = {
        level: {row.batch for row, text in zip(cohort.rows, texts, strict=True) if text == level}
        for level in one.levels
    }
    return [
        f"{one.covariate.label.capitalize()} {level} was seen by one scanner only, {next(iter(batches))}."
        for level, batches in homes.items()
        if len(batches) == 1
    ]
