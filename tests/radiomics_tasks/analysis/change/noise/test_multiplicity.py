"""q-values over all tests made, and the sentence of a panel for each kind of band."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.words.noise_words import NoBand, NoiseSource
from radiomics_tasks.analysis.change.noise.multiplicity import (
    expected_by_chance,
    panel_counts,
    q_values,
    with_q_values,
)
from radiomics_tasks.analysis.change.noise.verdicts import band_columns, judged
from tests.radiomics_tasks.analysis.change.noise.judging import MEAN, OF, judge

P_VALUES = st.lists(st.floats(0, 1), max_size=40)


@given(P_VALUES)
def test_q_by_its_definition(p_values):
    count, q = len(p_values), q_values(p_values)
    ranked = sorted(p_values)
    for p, found in zip(p_values, q, strict=True):
        later = [count * other / (rank + 1) for rank, other in enumerate(ranked) if other >= p]
        assert found == pytest.approx(min(1.0, *later) if later else 1.0)
        assert p <= found + 1e-12


@given(P_VALUES, st.floats(0.001, 0.2))
def test_calling_by_q_is_stepping_up(p_values, rate):
    ranked, count = sorted(p_values), len(p_values)
    called = max((rank for rank, p in enumerate(ranked, 1) if p <= rank * rate / count * (1 - 1e-9)), default=0)
    assert sum(q <= rate for q in q_values(p_values)) >= called


def test_hidden_tests_count():
    assert q_values([0.04]) == [0.04]
    assert q_values([0.04, 0.9, 0.9])[0] == pytest.approx(0.12)


def test_expected_of_a_visit():
    assert expected_by_chance(12 * 5 * 3) == 9


def test_q_runs_over_all_comparisons_of_a_visit():
    first, second = judge([6.0, None]), judge([0.1, 50.0], NoiseSource.PERTURBATION)
    both = with_q_values([first, judge([3.0, 0.0]), second])
    tests = [first.p[0], *judge([3.0, 0.0]).p]
    assert [both[0].q[0], *both[1].q] == pytest.approx(q_values(tests))
    assert (both[0].q[1], both[2].q) == (None, (None, None))


def counts(*noises):
    return panel_counts(noises, [range(len(noise.verdicts)) for noise in noises])


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (NoiseSource.SITE_PAIRS, "1 of 2 outside noise, about 0.1 expected by chance"),
        (
            NoiseSource.DERIVED,
            "1 of 2 outside the published noise, about 0.1 expected by chance; this site's own is unknown",
        ),
        (
            NoiseSource.PERTURBATION,
            "1 of 2 exceed the perturbation lower bound, 0.1 or more expected by chance; scan–rescan variation unknown",
        ),
    ],
)
def test_the_sentence_of_a_panel(source, sentence):
    (found,) = counts(judge([50.0, 0.1, None], source))
    assert (found.outside, found.made, found.sentence) == (1, 2, sentence)
    assert "real" not in found.sentence


def test_kinds_of_bands_are_counted_apart():
    own, outline = counts(judge([50.0, 0.1], NoiseSource.PERTURBATION), judge([0.0, 0.1, 50.0, 60.0]))
    assert (own.source, own.outside, own.made) == (NoiseSource.SITE_PAIRS, 2, 4)
    assert (outline.source, outline.outside, outline.made) == (NoiseSource.PERTURBATION, 1, 2)


def test_only_the_panel_is_counted_and_whole_numbers_read_so():
    noise = judge([50.0] * 60)
    (found,) = panel_counts([noise], [range(40)])
    assert (found.made, found.sentence) == (40, "40 of 40 outside noise, about 2 expected by chance")


def test_without_a_band_nothing_is_counted():
    columns = band_columns([MEAN], [NoBand.NOT_MEASURED])
    assert counts(judged(OF, np.array([3.0]), columns)) == ()
