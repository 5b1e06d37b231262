"""The change between two snapshots: each form, and each reason why it is not there."""

import math
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.findings import Change, Delta
from patients.vocabulary import Absence, Modality, Reference
from radiomics_tasks.analysis.change.delta import Snapshot, feature_delta
from tests.timelines import FIRST_ON, features, observation

MEAN, ENTROPY = "original_firstorder_Mean", "original_firstorder_Entropy"
ENERGY, UNIFORMITY = "original_firstorder_Energy", "original_firstorder_Uniformity"
FORMS = ("absolute", "relative_ratio", "log_ratio", "symmetric_ratio", "velocity_per_month")


def snapshot(on: date, *values: float | None, names: tuple[str, ...] = (ENTROPY,), **more: Any) -> Snapshot:
    return Snapshot(on, more.pop("modality", Modality.CT), features(1, values, names=names, **more))


def change(f0: float | None, ft: float | None, *, name: str = ENTROPY, days: int = 60) -> Delta:
    then, now = snapshot(FIRST_ON, f0, names=(name,)), snapshot(FIRST_ON + timedelta(days), ft, names=(name,))
    return feature_delta(1, 2, Reference.BASELINE, now, then)


def only(form: Change) -> tuple[float | None, str | None]:
    (value,), (reason,) = form.values, form.reasons
    return value, reason


def close(form: Change, expected: float, within: float = 1e-15) -> bool:
    value, reason = only(form)
    return reason is None and value is not None and abs(value - expected) <= within


def test_every_form_of_a_positive_feature() -> None:
    delta = change(4.0, 5.0)
    assert only(delta.absolute) == (1.0, None)
    assert only(delta.relative_ratio) == (0.25, None)
    assert close(delta.log_ratio, math.log(1.25))
    assert close(delta.symmetric_ratio, 2 / 9)
    assert close(delta.velocity_per_month, 30.4375 / 60)
    assert (delta.interval_days, delta.reference, delta.build_differs) == (60, Reference.BASELINE, False)


@pytest.mark.parametrize("name", [MEAN, ENERGY])
def test_forms_that_the_scale_forbids(name: str) -> None:
    delta = change(-1.0, 1.0, name=name)
    assert only(delta.absolute) == (2.0, None)
    for form in (delta.relative_ratio, delta.log_ratio, delta.symmetric_ratio):
        assert only(form) == (None, Absence.SCALE)
    assert delta.velocity_per_month.values[0] is not None


def test_a_reference_next_to_nothing() -> None:
    delta = change(1e-9, 0.5, name=UNIFORMITY)
    assert only(delta.relative_ratio) == (None, Absence.SMALL_DENOMINATOR)
    assert close(delta.symmetric_ratio, 2.0, within=1e-7)
    assert delta.log_ratio.values[0] is not None


def test_the_smallest_denominator_that_counts() -> None:
    assert close(change(1e-8, 2e-8).relative_ratio, 1.0)


def test_two_zeros_have_no_ratio() -> None:
    delta = change(0.0, 0.0)
    assert only(delta.absolute) == (0.0, None)
    assert only(delta.symmetric_ratio) == (None, Absence.SMALL_DENOMINATOR)
    assert only(delta.log_ratio) == (None, Absence.NOT_POSITIVE)


def test_what_is_missing_at_either_end() -> None:
    gone, new = change(4.0, None), change(None, 4.0)
    for form in FORMS:
        assert only(getattr(gone, form)) == (None, Absence.VALUE_MISSING)
        assert only(getattr(new, form)) == (None, Absence.REFERENCE_MISSING)


def test_a_result_beyond_all_numbers_is_not_defined() -> None:
    assert only(change(-1.7e308, 1.7e308, name=MEAN).absolute) == (None, Absence.NONFINITE)


@pytest.mark.parametrize(("days", "reason"), [(27, Absence.INTERVAL_TOO_SHORT), (28, None)])
def test_velocity_needs_28_days(days: int, reason: Absence | None) -> None:
    assert only(change(4.0, 5.0, days=days).velocity_per_month)[1] == reason


def test_scans_of_one_day_are_test_and_retest() -> None:
    delta = change(4.0, 5.0, days=0)
    assert {only(getattr(delta, form)) for form in FORMS} == {(None, Absence.SAME_DAY)}


@pytest.mark.parametrize("other", [{"profile": "ct-full"}, {"modality": Modality.MR}])
def test_nothing_is_compared_across_profiles_or_modalities(other: dict[str, Any]) -> None:
    then, now = snapshot(FIRST_ON, 4.0, **other), snapshot(FIRST_ON + timedelta(60), 5.0)
    delta = feature_delta(1, 2, Reference.PREVIOUS, now, then)
    assert {only(getattr(delta, form)) for form in FORMS} == {(None, Absence.PROFILE_DIFFERS)}


def test_another_build_of_the_engine_is_compared_and_flagged() -> None:
    then, now = snapshot(FIRST_ON, 4.0, build="older"), snapshot(FIRST_ON + timedelta(60), 5.0)
    delta = feature_delta(1, 2, Reference.PREVIOUS, now, then)
    assert delta.build_differs
    assert delta.absolute.values == (1.0,)


def test_another_order_of_features_is_met_by_name() -> None:
    then = snapshot(FIRST_ON, 1.0, 4.0, names=(MEAN, ENTROPY))
    now = snapshot(FIRST_ON + timedelta(60), 5.0, 7.0, names=(ENTROPY, UNIFORMITY))
    delta = feature_delta(1, 2, Reference.PREVIOUS, now, then)
    assert delta.absolute == Change((1.0, None), (None, Absence.REFERENCE_MISSING))


def test_an_observation_without_features_is_no_snapshot() -> None:
    assert Snapshot.of(observation(1, FIRST_ON)) is None


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(numbers, numbers, st.sampled_from([MEAN, ENTROPY, ENERGY, UNIFORMITY]), st.integers(0, 400))
def test_a_value_or_a_reason_never_both_never_neither(f0: float | None, ft: float | None, name: str, days: int) -> None:
    delta = change(f0, ft, name=name, days=days)
    for form in FORMS:
        value, reason = only(getattr(delta, form))
        assert (value is None) != (reason is None)
        assert value is None or math.isfinite(value)
