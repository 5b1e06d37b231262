"""Growth rates: the golden figures, symmetry, and each refusal."""

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.concluded.change_findings import Derived
from patients.timeline import Sizes
from patients.vocabulary import Absence
from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.growth import (
    doubling_days,
    doubling_days_of_diameter,
    ellipsoid_ml,
    growth_per_month,
    growth_per_month_of_diameters,
    growth_ratio,
    is_hyperprogression_pattern,
    specific_growth_per_day,
    sphere_volume_ratio,
    sum_growth_mm_per_month,
)
from radiomics_tasks.analysis.change.summed import growth_before
from tests.timelines import course, observation, timeline, track, visit

RATES = (specific_growth_per_day, doubling_days, doubling_days_of_diameter, growth_per_month)
SIZES, DAYS = st.floats(0.01, 1e4), st.integers(14, 4000)


def test_golden_figures():
    assert 100 * growth_per_month_of_diameters(100, 120, 60).value == pytest.approx(31.979, abs=5e-4)
    assert 100 * growth_per_month_of_diameters(100, 70, 56).value == pytest.approx(-44.099, abs=5e-4)
    assert growth_per_month(3, 6, 30.4375).value == 1.0
    assert doubling_days(200, 450, 30).value == pytest.approx(25.643, abs=5e-4)
    assert 100 * specific_growth_per_day(200, 450, 30).value == pytest.approx(2.7031, abs=5e-5)
    assert doubling_days(1000, 500, 60).value == pytest.approx(-60, abs=1e-12)
    assert doubling_days_of_diameter(10, 13, 90).value == pytest.approx(79.258, abs=5e-4)
    assert 1000 * ellipsoid_ml(30, 20, 10) == pytest.approx(3141.593, abs=5e-4)
    assert [100 * sphere_volume_ratio(one) for one in (-0.3, 0.2)] == pytest.approx([-65.7, 72.8], abs=5e-2)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("then", "now", "days", "reason"),
    [
        (0, 5, 30, Undefined.ZERO_VOLUME),
        (5, 0, 30, Undefined.ZERO_VOLUME),
        (5, 6, 0, Undefined.SAME_DAY),
        (1e-300, 1e300, 30, Undefined.NONFINITE),
        (1e300, 1e-300, 30, Undefined.NONFINITE),
    ],
)
def test_each_rate_says_why_it_is_not_there(rate, then, now, days, reason):
    assert rate(then, now, days) == Derived(None, reason)


@pytest.mark.parametrize("rate", [growth_per_month, growth_per_month_of_diameters])
def test_rates_a_month_need_fourteen_days(rate):
    assert rate(5, 6, 13) == Derived(None, Undefined.INTERVAL_TOO_SHORT)
    assert rate(5, 6, 14).value > 0


def test_rates_too_large_to_state():
    assert growth_per_month(1e-150, 1e150, 14) == Derived(None, Undefined.NONFINITE)
    assert growth_ratio(Derived(1e300), Derived(1e-300)) == Derived(None, Undefined.NONFINITE)


@pytest.mark.parametrize(("then", "now", "days"), [(-1, 5, 30), (5, math.nan, 30), (math.inf, 5, 30), (5, 6, -1)])
def test_what_no_lesion_has_is_a_defect(then, now, days):
    with pytest.raises(ValueError, match=r"finite number|comes second"):
        specific_growth_per_day(then, now, days)


@given(SIZES, DAYS)
def test_without_change_growth_is_zero_and_nothing_doubles(size, days):
    assert specific_growth_per_day(size, size, days) == Derived(0.0)
    assert growth_per_month(size, size, days) == Derived(0.0)
    assert doubling_days(size, size, days) == Derived(None, Undefined.NO_CHANGE)


@given(SIZES, SIZES, DAYS)
def test_growth_and_shrinkage_are_symmetric(then, now, days):
    there, back = specific_growth_per_day(then, now, days), specific_growth_per_day(now, then, days)
    assert there.value == pytest.approx(-back.value, abs=1e-15)


@given(SIZES, SIZES, DAYS)
def test_doubling_times_agree_with_the_rate(then, now, days):
    doubling, rate = doubling_days(then, now, days), specific_growth_per_day(then, now, days)
    if doubling.value is not None and abs(rate.value) > 1e-9:
        assert doubling.value * rate.value == pytest.approx(math.log(2))
        assert then * 2 ** (days / doubling.value) == pytest.approx(now, rel=1e-6)


@given(SIZES, SIZES, DAYS)
def test_diameters_grow_as_their_volumes_do(then, now, days):
    of_volumes = growth_per_month(then**3, now**3, days)
    assert growth_per_month_of_diameters(then, now, days).value == pytest.approx(of_volumes.value, rel=1e-6, abs=1e-9)


def test_growth_of_a_sum_leaves_new_lesions_out():
    assert sum_growth_mm_per_month({1: 50, 2: 50}, {1: 60, 2: 60, 3: 9}, 60).value == pytest.approx(20 * 30.4375 / 60)
    assert sum_growth_mm_per_month({1: 50, 2: 50}, {1: 60}, 60).absence is Undefined.SIZE_MISSING
    assert sum_growth_mm_per_month({}, {1: 60}, 60).absence is Undefined.NO_REFERENCE
    assert sum_growth_mm_per_month({1: 50}, {1: 60}, 13).absence is Undefined.INTERVAL_TOO_SHORT
    assert sum_growth_mm_per_month({1: 50}, {1: 0}, 14).value < 0


@pytest.mark.parametrize("before", [0.0, -0.1])
def test_a_pace_needs_growth_before_treatment(before):
    assert growth_ratio(Derived(0.5), Derived(before)) == Derived(None, Undefined.NOT_GROWING_BEFORE)


def test_a_pace_passes_on_why_a_rate_is_missing():
    short, gone = Derived(None, Undefined.INTERVAL_TOO_SHORT), Derived(None, Undefined.ZERO_VOLUME)
    assert growth_ratio(Derived(0.5), short) == short
    assert growth_ratio(gone, Derived(0.5)) == gone
    assert growth_ratio(gone, short) == short


@pytest.mark.parametrize(
    ("ratio", "is_progression", "expected"),
    [(2.0, True, True), (1.999, True, False), (9.0, False, False), (None, True, None), (None, False, False)],
)
def test_hyperprogression_pattern(ratio, is_progression, expected):
    assert is_hyperprogression_pattern(Derived(ratio), is_progression=is_progression) is expected


def before_treatment(then: Sizes, now: Sizes, *, is_node: bool) -> Derived:
    """One target on two scans 60 days apart, treatment beginning on the second day."""
    days = (date(2024, 1, 1), date(2024, 3, 1))
    seen = [replace(observation(pk, on), sizes=size) for pk, on, size in zip((1, 2), days, (then, now), strict=True)]
    visits = [visit(pk, on) for pk, on in enumerate(days, start=1)]
    return growth_before(timeline(visits, [track(1, seen, is_node=is_node)], [course(days[1])]))


def test_the_pace_before_treatment_is_of_what_enters_the_sum():
    then, now = Sizes(40.0, 20.0, 5.0), Sizes(40.0, 24.0, 7.0)
    assert before_treatment(then, now, is_node=False).value == 0.0
    assert before_treatment(then, now, is_node=True).value == pytest.approx(1.2 ** (3 * 30.4375 / 60) - 1)
    in_parts = replace(now, absence=Absence.SEVERAL_PARTS)
    assert before_treatment(then, in_parts, is_node=True).absence is Undefined.NO_REFERENCE
