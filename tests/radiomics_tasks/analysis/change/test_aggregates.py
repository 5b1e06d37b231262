"""Aggregates over a patient's lesions: each number by its name, each absence by its reason."""

import math
import statistics
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.concluded.change_findings import Derived, DissociatedResponse
from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.aggregates import (
    DiameterPair,
    LesionChange,
    Worse,
    dissociated_response,
    inter_lesion_heterogeneity,
    patient_aggregates,
)

CHANGES = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 500)), min_size=1, max_size=8)
NUMBERS = ("volume_weighted_mean", "mean", "largest", "largest_absolute", "worst", "deviation", "spread")


def lesions(*changes: tuple[float | None, float | None]) -> list[LesionChange]:
    return [LesionChange(pk, change, volume) for pk, (change, volume) in enumerate(changes, 1)]


def test_every_aggregate_of_three_lesions():
    found = patient_aggregates(
        [*lesions((0.2, 10), (-0.6, 30), (0.1, 60)), LesionChange(9, None, None, True)], Worse.UP
    )
    assert found.volume_weighted_mean.value == pytest.approx((2 - 18 + 6) / 100)
    assert found.mean.value == pytest.approx(-0.1)
    assert (found.largest, found.largest_absolute, found.worst) == (Derived(0.1), Derived(-0.6), Derived(0.2))
    assert (found.largest_pk, found.largest_absolute_pk, found.worst_pk) == (3, 2, 1)
    assert found.deviation.value == pytest.approx(statistics.stdev([0.2, -0.6, 0.1]))
    assert found.spread.value == pytest.approx(0.8)
    assert (found.lesions, found.without_change, found.new) == (3, 0, 1)


def test_without_any_change_every_number_has_its_reason():
    found = patient_aggregates([*lesions((None, 10)), LesionChange(2, None, None, True)], Worse.UP)
    assert {getattr(found, name) for name in NUMBERS} == {Derived(None, Undefined.NO_LESIONS)}
    assert (found.lesions, found.without_change, found.new) == (0, 1, 1)
    assert (found.largest_pk, found.largest_absolute_pk, found.worst_pk) == (None, None, None)


def test_one_lesion_has_no_spread():
    found = patient_aggregates(lesions((0.2, 10)), Worse.DOWN)
    assert (found.mean, found.worst) == (Derived(0.2), Derived(0.2))
    assert found.deviation == found.spread == Derived(None, Undefined.TOO_FEW_LESIONS)


@pytest.mark.parametrize("volumes", [(None, 10), (0.0, 0.0)])
def test_without_weights_no_weighted_mean(volumes):
    found = patient_aggregates(lesions((0.2, volumes[0]), (0.4, volumes[1])), Worse.UP)
    assert found.volume_weighted_mean == Derived(None, Undefined.WEIGHT_MISSING)
    assert found.mean.value == pytest.approx(0.3)


def test_the_largest_lesion_is_unknown_while_a_volume_is():
    found = patient_aggregates(lesions((0.2, None), (0.4, 10)), Worse.UP)
    assert (found.largest, found.largest_pk) == (Derived(None, Undefined.WEIGHT_MISSING), None)


def test_worse_is_down_up_or_unknown():
    both = lesions((0.2, 10), (-0.6, 30))
    assert patient_aggregates(both, Worse.DOWN).worst == Derived(-0.6)
    unknown = patient_aggregates(both, Worse.UNKNOWN)
    assert (unknown.worst, unknown.worst_pk) == (Derived(None, Undefined.NO_WORSE_DIRECTION), None)


@given(CHANGES, st.floats(0.1, 10))
def test_means_lie_between_the_changes_and_weights_have_no_unit(changes, factor):
    found = patient_aggregates(lesions(*changes), Worse.UP)
    scaled = patient_aggregates(lesions(*((change, factor * volume) for change, volume in changes)), Worse.UP)
    only = [change for change, _ in changes]
    for mean in (found.mean.value, found.volume_weighted_mean.value):
        assert min(only) - 1e-9 <= mean <= max(only) + 1e-9
    assert scaled.volume_weighted_mean.value == pytest.approx(found.volume_weighted_mean.value, abs=1e-9)
    assert (found.worst.value, abs(found.largest_absolute.value)) == (max(only), max(map(abs, only)))


def test_heterogeneity_between_lesions():
    assert inter_lesion_heterogeneity([(10, 20), (5, 10), (1, 2)]).value == pytest.approx(0, abs=1e-15)
    expected = statistics.stdev([math.log(2), -math.log(2), 0])
    assert inter_lesion_heterogeneity([(10, 20), (10, 5), (3, 3), (None, 4), (2, 0)]).value == pytest.approx(expected)
    assert inter_lesion_heterogeneity([(10, 20), (None, 4)]) == Derived(None, Undefined.TOO_FEW_LESIONS)


def pairs(*sizes: tuple[str | None, str | None]) -> list[DiameterPair]:
    def mm(size: str | None) -> Decimal | None:
        return None if size is None else Decimal(size)

    return [DiameterPair(pk, mm(then), mm(now)) for pk, (then, now) in enumerate(sizes, 1)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((("30", "21"), ("25", "30")), True),
        ((("30", "21.0001"), ("25", "30")), False),
        ((("30", "21"), ("25", "29.99")), False),
        ((("30", "21"), ("20", "24.9")), False),
        ((("30", "21"), ("40", "47.9")), False),
        ((("30", "0"), ("0", "5")), True),
        ((("0", "0"), ("25", "30")), False),
    ],
)
def test_opposite_responses_at_their_limits(sizes, expected):
    assert dissociated_response(pairs(*sizes)).is_present is expected


def test_a_new_lesion_beside_one_that_shrank():
    new = DiameterPair(7, None, Decimal(9), is_new=True)
    assert dissociated_response([*pairs(("30", "21")), new]) == DissociatedResponse(True, None, (1,), (), (7,))
    assert dissociated_response([*pairs(("30", "29")), new]).is_present is False


def test_one_lesion_cannot_answer_in_two_ways():
    for few in (pairs(("30", "21")), pairs(("30", "21"), (None, "30"), ("25", None)), []):
        assert dissociated_response(few) == DissociatedResponse(None, Undefined.TOO_FEW_LESIONS)
