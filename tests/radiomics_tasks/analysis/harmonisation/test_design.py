"""A covariate that only repeats the scanner is refused by name; one that hardly overlaps is warned of."""

import math
from dataclasses import replace

import pytest

from patients.words.harmonisation_words import Covariate
from radiomics_tasks.analysis.harmonisation.design import overlap_warnings, seen_in
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.errors import Refusal
from tests.harmonising import made_up


def with_covariate(cohort, covariate, value_of):
    rows = tuple(
        replace(row, covariates={**row.covariates, covariate: value_of(at, row)}) for at, row in enumerate(cohort.rows)
    )
    return replace(cohort, rows=rows)


def test_an_organ_seen_by_one_scanner_each_is_confounded():
    cohort = with_covariate(made_up(), Covariate.ORGAN, lambda _, row: "LIVER" if row.batch == "A" else "LUNG")
    with pytest.raises(Refusal, match="E_CONFOUNDED: The organ cannot be told from the scanner"):
        fit(cohort, {})


@pytest.mark.parametrize("jitter", [0.0, 1e-12])
def test_a_volume_that_only_repeats_the_scanner_is_confounded(jitter):
    cohort = with_covariate(
        made_up(), Covariate.VOLUME, lambda at, row: (2.0 if row.batch == "A" else 5.0) * (1 + jitter * (at % 3))
    )
    with pytest.raises(Refusal, match=r"E_CONFOUNDED: The volume \(logarithm of mL\)"):
        fit(cohort, {})


def test_tumour_that_repeats_the_organ_is_confounded():
    cohort = with_covariate(
        made_up(covariates=tuple(Covariate)), Covariate.TUMOUR, lambda _, row: row.covariates[Covariate.ORGAN] + "!"
    )
    with pytest.raises(Refusal, match="E_CONFOUNDED: The organ"):
        fit(cohort, {})


def test_a_level_of_one_scanner_and_ranges_apart_are_warned_of():
    cohort = with_covariate(
        made_up(), Covariate.ORGAN, lambda at, row: "BONE" if row.batch == "A" and at < 4 else ("LIVER", "LUNG")[at % 2]
    )
    apart = with_covariate(
        cohort, Covariate.VOLUME, lambda at, row: math.exp(at % 7 / 10 + (3 if row.batch == "B" else 0))
    )
    assert overlap_warnings(apart, seen_in(apart)) == [
        "Organ BONE was seen by one scanner only, A.",
        "The volume (logarithm of mL) does not overlap between A and B.",
    ]
    assert fit(apart, {}).warnings[-2:] == tuple(overlap_warnings(apart, seen_in(apart)))
