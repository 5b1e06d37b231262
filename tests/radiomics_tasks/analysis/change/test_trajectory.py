"""A course in a few numbers: each against a course whose numbers are known, and what is missing is never filled."""

import math

import numpy as np
import pytest

from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.trajectory import trajectory

CONTRAST = "original_glcm_Contrast"
MEAN = "original_firstorder_Mean"
MONTH = 30.4375
VISITS = [0, 56, 112, 168, 231]


def test_a_steady_growth_of_the_logarithm_has_its_rate_as_slope_and_half_of_its_end_as_area():
    found = trajectory(CONTRAST, VISITS, [5 * math.exp(0.1 * day / MONTH) for day in VISITS])
    assert found.slope_per_month.value == pytest.approx(0.1, rel=1e-12)
    assert found.mean_log_ratio.value == pytest.approx(0.1 * 231 / MONTH / 2, rel=1e-12)
    assert (found.turns.value, found.days_to_highest.value, found.days, found.visits) == (0, 231, 231, 5)


def test_a_signed_feature_has_a_slope_in_its_unit_and_no_ratio():
    found = trajectory(MEAN, VISITS, [40 - 3 * day / MONTH for day in VISITS])
    assert not found.is_log
    assert found.slope_per_month.value == pytest.approx(-3, rel=1e-12)
    assert found.mean_log_ratio.absence is found.variation.absence is Undefined.NO_RATIO
    assert (found.highest.value, found.days_to_highest.value) == (40, 0)


def test_slope_and_variation_are_those_of_numpy():
    values = [3.0, 4.5, 2.5, 6.0, 5.0]
    found = trajectory(CONTRAST, VISITS, values)
    slope = np.polyfit(np.array(VISITS) / MONTH, np.log(values), 1)[0]
    assert found.slope_per_month.value == pytest.approx(slope, rel=1e-10)
    assert found.variation.value == pytest.approx(np.std(values, ddof=1) / np.mean(values), rel=1e-12)
    assert found.turns.value == 3


def test_a_missing_visit_is_left_out_and_not_carried_on():
    gap = trajectory(CONTRAST, [0, 60, 120, 180], [1.0, 2.0, None, 4.0])
    without = trajectory(CONTRAST, [0, 60, 180], [1.0, 2.0, 4.0])
    carried = trajectory(CONTRAST, [0, 60, 120, 180], [1.0, 2.0, 2.0, 4.0])
    assert gap == without
    assert gap.mean_log_ratio.value == pytest.approx((60 * math.log(2) / 2 + 120 * math.log(2) * 1.5) / 180)
    assert gap.mean_log_ratio.value != carried.mean_log_ratio.value


def test_a_flat_stretch_is_no_turn_and_the_first_of_equal_heights_counts():
    found = trajectory(CONTRAST, VISITS, [1.0, 3.0, 3.0, 3.0, 2.0])
    assert (found.turns.value, found.days_to_highest.value) == (1, 56)


@pytest.mark.parametrize("values", [[None, 1.0, 2.0], [1.0, 2.0, None], [None] * 3])
def test_two_values_are_no_course(values):
    found = trajectory(CONTRAST, [0, 60, 120], values)
    assert found.slope_per_month.absence is found.highest.absence is Undefined.TOO_FEW_VISITS


def test_without_its_baseline_a_course_has_no_ratio_to_it():
    found = trajectory(CONTRAST, [0, 60, 120, 180], [None, 1.0, 2.0, 4.0])
    assert found.mean_log_ratio.absence is Undefined.NO_RATIO
    assert found.slope_per_month.value == pytest.approx(math.log(2) / 60 * MONTH)


def test_a_value_of_zero_has_no_logarithm():
    found = trajectory(CONTRAST, [0, 60, 120], [1.0, 0.0, 2.0])
    assert found.slope_per_month.absence is found.variation.absence is Undefined.NO_RATIO
    assert found.highest.value == 2.0


def test_two_scans_of_one_day_are_no_course():
    with pytest.raises(ValueError, match="must rise"):
        trajectory(CONTRAST, [0, 60, 60], [1.0, 2.0, 3.0])
