"""Intraclass and concordance correlations: published figures, their limits, and tables they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.words.noise_words import Reliability
from radiomics_tasks.analysis.change.noise.agreement import Icc, concordance, icc_1_1, icc_2_1, icc_3_1

JUDGED = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
PAIRS = [(100, 108), (50, 46), (20, 21), (75, 75), (33, 30)]
FORMS = (icc_1_1, icc_2_1, icc_3_1)
TABLES = st.lists(st.lists(st.integers(-1000, 1000), min_size=3, max_size=3), min_size=3, max_size=9)


@pytest.mark.parametrize(
    ("form", "low", "value", "high"),
    [(icc_1_1, -0.133, 0.1657, 0.723), (icc_2_1, 0.019, 0.2898, 0.761), (icc_3_1, 0.342, 0.7148, 0.946)],
)
def test_shrout_and_fleiss_with_limits(form, low, value, high):
    found = form(JUDGED)
    assert found.value == pytest.approx(value, abs=5e-5)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))
    assert found.reliability is Reliability.EXCLUDED


@pytest.mark.parametrize(("form", "value"), [(icc_1_1, 0.992186), (icc_2_1, 0.992179), (icc_3_1, 0.990329)])
def test_of_pairs(form, value):
    assert form(PAIRS).value == pytest.approx(value, abs=5e-7)
    assert form(PAIRS).low < value < form(PAIRS).high


def test_concordance_of_pairs():
    assert concordance(*zip(*PAIRS, strict=True)) == pytest.approx(0.990243, abs=5e-7)
    assert concordance([5, 5, 5], [5, 5, 5]) is None
    assert concordance([0.1, 0.1, 0.1], [0.2, 0.2, 0.2]) == 0


@pytest.mark.parametrize("form", FORMS)
def test_perfect_agreement_and_none_at_all(form):
    assert form([[1, 1], [2, 2], [3, 3]]) == Icc(1.0, 1.0, 1.0)
    assert form([[0.1, 0.1], [0.1, 0.1]]) == Icc(None)
    assert form([[0.1, 0.1], [0.1, 0.1]]).reliability is None


def test_a_constant_offset_counts_against_agreement_only():
    offset = [[1, 3], [2, 4], [5, 7]]
    assert icc_3_1(offset).value == 1.0
    assert icc_2_1(offset).value < 0.8
    assert icc_2_1(offset).low is None


@pytest.mark.parametrize("table", [[[1, 2]], [[1], [2]], [1, 2], [[1, float("nan")], [2, 3]]])
def test_tables_it_refuses(table):
    with pytest.raises(ValueError, match="agreement needs"):
        icc_1_1(table)


def test_sides_of_a_concordance_are_as_long():
    with pytest.raises(ValueError, match="as many"):
        concordance([1, 2, 3], [1, 2])


@given(TABLES, st.floats(0.1, 10), st.integers(-10_000, 10_000))
def test_unit_and_zero_of_a_feature_do_not_matter(table, factor, offset):
    moved = [[factor * value + offset for value in row] for row in table]
    for form in FORMS:
        before, after = form(table), form(moved)
        if before.value is not None and before.low is not None and after.value is not None:
            assert after.value == pytest.approx(before.value, abs=1e-6)


@given(TABLES)
def test_limits_hold_the_value(table):
    for form in FORMS:
        found = form(table)
        if found.value is not None and found.low is not None:
            assert found.low - 1e-9 <= found.value <= found.high + 1e-9
            assert found.value <= 1 + 1e-12


def test_limits_that_do_not_hold_the_value_are_none():
    found = icc_2_1([[0, 0, -190], [0, 0, -209], [0, -191, 0], [0, -185, 0]])
    assert found.value == pytest.approx(-0.4977, abs=1e-4)
    assert (found.low, found.high) == (None, None)
