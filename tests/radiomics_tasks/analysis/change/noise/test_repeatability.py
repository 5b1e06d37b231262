"""Repeatability from repeats: the golden pairs, missing values, limits of wSD and of change."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patients.noise_beside import ratio_limits
from radiomics_tasks.analysis.change.noise.repeatability import (
    MDC_FACTOR,
    root_mean_square_cv,
    standard_error,
    upper_sd,
    velocity_mdc,
    within_cv,
    within_sd_of_ln,
    within_sds,
)

PAIRS = [(100, 108), (50, 46), (20, 21), (75, 75), (33, 30)]
NUMBERS = st.floats(-1e4, 1e4)


def columns(*lesions):
    return [np.array(lesion, dtype=float)[:, None] for lesion in lesions]


def test_golden_pairs():
    within, freedom, lesions = within_sds(columns(*PAIRS))
    assert (within[0], freedom[0], lesions[0]) == (pytest.approx(3.0, abs=1e-12), 5, 5)
    assert MDC_FACTOR * within[0] == pytest.approx(8.3156, abs=5e-5)
    logs = within_sds([np.log(pair) for pair in columns(*PAIRS)])[0][0]
    assert logs == pytest.approx(0.0493356, abs=5e-8)
    assert [100 * one for one in ratio_limits(MDC_FACTOR * logs)] == pytest.approx([-12.781, 14.654], abs=5e-4)
    assert 100 * root_mean_square_cv(PAIRS) == pytest.approx(4.931, abs=5e-4)


def test_more_than_two_repeats_are_a_pooled_variance():
    within, freedom, lesions = within_sds(columns([1, 2, 6], [10, 14], [7]))
    assert within[0] == pytest.approx(math.sqrt((14 + 8) / 3))
    assert (freedom[0], lesions[0]) == (3, 2)


def test_values_that_are_missing():
    values = [np.array([[1.0, np.nan], [3.0, 5.0]]), np.array([[2.0, np.nan], [np.inf, np.nan]])]
    within, freedom, lesions = within_sds(values)
    assert within[0] == pytest.approx(math.sqrt(2))
    assert math.isnan(within[1])
    assert (freedom.tolist(), lesions.tolist()) == ([1, 0], [1, 0])
    assert within_sds([])[0].size == 0


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_of_pairs_it_is_half_the_mean_square_difference(pairs):
    expected = math.sqrt(sum((a - b) ** 2 for a, b in pairs) / (2 * len(pairs)))
    assert within_sds(columns(*pairs))[0][0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_far_from_zero_no_digit_is_lost():
    near, far = within_sds(columns(*PAIRS))[0][0], within_sds([one + 1e9 for one in columns(*PAIRS)])[0][0]
    assert far == pytest.approx(near, rel=1e-9)


@given(st.integers(1, 500))
def test_upper_limit_falls_towards_the_estimate(degrees):
    assert upper_sd(1.0, degrees) > upper_sd(1.0, degrees + 1) > 1.0
    assert upper_sd(2.5, degrees) == pytest.approx(2.5 * upper_sd(1.0, degrees))


def test_upper_limit_covers_the_truth_in_95_of_100():
    generator = np.random.default_rng(4)
    estimates = np.sqrt(generator.chisquare(12, 20_000) / 12)
    covered = np.mean(estimates * upper_sd(1.0, 12) >= 1.0)
    low, high = stats.binomtest(int(covered * 20_000), 20_000).proportion_ci(0.999)
    assert low <= 0.95 <= high


def test_smaller_numbers():
    assert standard_error(3.0, 18) == 0.5
    assert velocity_mdc(8.0, 60) == pytest.approx(8 * 30.4375 / 60)
    assert 100 * within_cv(0.0493356) == pytest.approx(4.9366, abs=5e-5)
    assert [round(100 * math.sqrt(2) * 1.96 * cv) for cv in (0.141, 0.105, 0.087)] == [39, 29, 24]


@given(st.floats(1e-4, 2))
def test_coefficient_of_variation_and_back(within):
    assert within_sd_of_ln(within_cv(within)) == pytest.approx(within, rel=1e-6)
