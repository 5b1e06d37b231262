"""Aggregates for whole feature sets: the numbers of the one-by-one definitions, and their absences."""

import math

import numpy as np
import pytest

from patients.concluded.trusted import AggregateColumns
from patients.vocabulary import Reference
from tests.radiomics_tasks.analysis.change.changing import beside, changing


def at(found, visit: int = 2) -> AggregateColumns:
    return next(one for one in found.aggregates if (one.timepoint_pk, one.reference) == (visit, Reference.BASELINE))


def test_every_aggregate_of_two_lesions_by_hand():
    found = at(beside(changing([(10.0, 1.0, 4.0), (10.0, 3.0, 8.0)], [(20.0, 1.0, 4.0), (20.0, 0.0, 4.0)])))
    logs, changes = np.array([math.log(2), 0.0]), np.array([2.0, -1.0])
    assert found.is_log == (True, False, True)
    assert found.mean[1:] == pytest.approx((changes.mean(), logs.mean()))
    # A sphere twice as wide weighs eight times as much.
    assert found.volume_weighted_mean[1:] == pytest.approx(((2 - 8) / 9, math.log(2) / 9))
    assert found.largest[1:] == (-1.0, 0.0)
    assert found.largest_absolute[1:] == pytest.approx((2.0, math.log(2)))
    assert found.deviation[1:] == pytest.approx((changes.std(ddof=1), logs.std(ddof=1)))
    assert found.spread[1:] == pytest.approx((3.0, math.log(2)))
    assert (found.lesions, found.without_change, found.largest_lesion_pk) == ((2, 2, 2), (0, 0, 0), 2)


def test_a_lesion_without_the_value_counts_as_without_and_one_alone_has_no_spread():
    found = at(beside(changing([(10.0, None, 4.0), (10.0, 3.0, 8.0)], [(20.0, 1.0, 4.0), (20.0, 0.0, 4.0)])))
    assert (found.lesions, found.without_change) == ((2, 1, 2), (0, 1, 0))
    assert (found.mean[1], found.deviation[1], found.spread[1]) == (-1.0, None, None)


def test_without_a_volume_at_baseline_there_is_no_weighted_mean():
    seen = changing([(None, None, None), (10.0, 1.0, 4.0), (10.0, 3.0, 8.0)], [(20.0, 1.0, 4.0)] * 3)
    found = next(
        one for one in beside(seen).aggregates if one.timepoint_pk == 3 and one.reference is Reference.PREVIOUS
    )
    assert (found.is_weighted, found.largest_lesion_pk) == (False, None)
    assert found.volume_weighted_mean == found.largest == (None, None, None)
    assert found.mean[1] == 1.0
