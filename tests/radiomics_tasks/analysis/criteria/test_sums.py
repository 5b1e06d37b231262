"""Sums, nadir and the target response: what the written cases do not say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import has_progressed, has_responded, target_results
from radiomics_tasks.analysis.criteria.visits import Target
from tests.written_courses import LESION, NODES, at, course

TWO = [["T1", "liver", False, 40], ["T2", "brain", False, 20]]


def results(targets, *visits, **settings):
    return target_results(course(targets, *visits), Protocol().with_settings(settings))


@pytest.mark.parametrize(("sum_mm", "nadir_mm"), [("30", "25"), ("5", "0"), ("120", "100"), ("8.2", "3.2")])
def test_progression_is_inclusive_at_both_limits(sum_mm: str, nadir_mm: str) -> None:
    assert has_progressed(Decimal(sum_mm), Decimal(nadir_mm))


@pytest.mark.parametrize(("sum_mm", "nadir_mm"), [("24", "20"), ("31", "26"), ("4.9", "0"), ("119.9999999999", "100")])
def test_progression_needs_both_limits(sum_mm: str, nadir_mm: str) -> None:
    assert not has_progressed(Decimal(sum_mm), Decimal(nadir_mm))


def test_limits_are_the_protocol_s() -> None:
    protocol = Protocol().with_settings({"progression_percent": 25, "progression_mm": 4, "response_percent": 50})
    assert not has_progressed(Decimal(120), Decimal(100), protocol)
    assert has_progressed(Decimal(15), Decimal(11), protocol)
    assert not has_responded(Decimal(60), Decimal(100), protocol)


def test_a_response_shows_its_numbers_and_where_the_rule_is_published() -> None:
    _, last = results(LESION, 50, 70)
    assert (last.rule, last.nadir_mm, last.nadir.on, last.missing) == ("PD_NADIR_20_5", 50, date(2024, 2, 26), ())
    assert (last.percent_over_nadir, last.percent_from_baseline) == (40, -30)
    assert last.source.startswith("Eisenhauer 2009")


def test_percentages_are_not_there_where_there_is_nothing_to_divide_by() -> None:
    gone, back = results(LESION, "ABSENT", 3)
    assert gone.percent_over_nadir == -100
    assert back.percent_over_nadir is None
    (missing,) = results(LESION, None)
    assert (missing.percent_from_baseline, missing.missing) == (None, ("T1",))


def test_a_target_without_an_entry_is_not_evaluable_and_a_stranger_is_ignored() -> None:
    (result,) = results(LESION, {"targets": {"T9": 300}})
    assert (result.category, result.rule, result.sum_mm, result.partial_mm) == ("NE", "TARGET_MISSING", None, 0)


def test_without_a_baseline_size_nothing_can_be_compared() -> None:
    measured = course([["T1", "liver", False, 40], ["T2", "lung", False, 20]], [80, 40])
    first, second = measured.targets
    unmeasured = replace(measured, targets=(first, Target(second.key, second.organ, is_node=False, baseline_mm=None)))
    (result,) = target_results(unmeasured)
    assert (result.category, result.rule, result.nadir_mm) == ("NE", "BASELINE_SUM_MISSING", None)
    assert result.sum_mm == 120


def test_without_targets_there_is_no_target_response() -> None:
    (result,) = results([], {"nt": "NCNP"})
    assert (result.category, result.rule, result.sum_mm) == ("NA", "NO_TARGETS", None)


def test_the_nadir_never_rises_and_missing_visits_do_not_move_it() -> None:
    found = results(TWO, [30, 10], [5, None], [30, 9], [40, 15])
    assert [result.nadir_mm for result in found] == [60, 40, 40, 39]


def test_the_nadir_is_dated_to_the_last_scan_of_its_sum() -> None:
    scans = {"targets": {"T1": "2024-03-03", "T2": "2024-03-06"}}
    _, after = results(TWO, at([20, 10], TWO, date="2024-03-03", scan_dates=scans), [20, 10])
    assert after.nadir.on == date(2024, 3, 6)


def test_partial_progression_is_dated_to_the_first_scan_that_shows_it() -> None:
    scans = {"targets": {"T1": "2024-03-03", "T2": "2024-03-06"}}
    (result,) = results(TWO, at([75, None], TWO, date="2024-03-03", scan_dates=scans))
    assert (result.rule, result.assessed_on) == ("PD_PARTIAL_20_5", date(2024, 3, 3))


def test_a_merged_pair_that_is_not_gone_needs_no_reader() -> None:
    (result,) = results(NODES, {"targets": {"T1": 30, "T2": {"merged_into": "T1"}}})
    assert (result.category, result.flags) == ("SD", ())


def test_a_merged_pair_under_10_mm_can_still_be_progression_by_numbers() -> None:
    _, result = results(NODES, [1, 1], {"targets": {"T1": 9, "T2": {"merged_into": "T1"}}})
    assert (result.category, result.flags) == ("PD", ("MERGED_NEEDS_READER",))


def test_a_node_too_small_to_measure_is_gone_a_lesion_is_not() -> None:
    (node,) = results(NODES, ["TSTM", 9.9])
    (lesion,) = results(LESION, "TSTM")
    assert (node.category, node.sum_mm, lesion.category) == ("CR", Decimal("14.9"), "PR")


def test_the_order_of_targets_does_not_matter() -> None:
    forward = results(TWO, [30, 10], [45, None])
    backward = results(TWO[::-1], {"targets": {"T2": 10, "T1": 30}}, {"targets": {"T1": 45}})
    assert [(r.category, r.sum_mm, r.nadir_mm) for r in forward] == [
        (r.category, r.sum_mm, r.nadir_mm) for r in backward
    ]
