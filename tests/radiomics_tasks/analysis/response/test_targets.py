"""The target response: every golden case, and what the golden cases do not say."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from patients.findings import Response
from patients.timeline import LesionTrack, Observation, PatientTimeline, Sizes
from patients.vocabulary import Absence, Criterion, LesionRole, Modality, Organ, ResponseCategory
from radiomics_tasks.analysis.criteria.sums import has_progressed, has_responded
from radiomics_tasks.analysis.response.targets import target_responses
from tests.timelines import FIRST_ON, course, followed, observation, timeline, track, visit

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "recist_target.json").read_text(encoding="utf-8"))


def golden_size(written: Any) -> float | None:
    """The millimetres of a golden entry: gone is 0, too small to measure is 5, parts are added."""
    match written:
        case "ABSENT" | {"merged_into": _}:
            return 0.0
        case "TSTM":
            return 5.0
        case {"parts": parts}:
            return float(sum(parts))
        case None:
            return None
    return float(written)


def golden_timeline(case: dict[str, Any]) -> PatientTimeline:
    baseline = {"date": case["baseline"]["date"], "targets": {t[0]: t[3] for t in case["baseline"]["targets"]}}
    rows = [baseline, *case["visits"]]
    visits = []
    for pk, row in enumerate(rows, start=1):
        days = sorted({row["date"], *row.get("scan_dates", {}).values()})
        visits.append(visit(pk, *map(date.fromisoformat, days)))
    tracks = []
    for pk, (name, _, is_node, _) in enumerate(case["baseline"]["targets"], start=1):
        seen = []
        for number, row in enumerate(rows, start=1):
            on = date.fromisoformat(row.get("scan_dates", {}).get(name, row["date"]))
            seen.append(observation(number, on, golden_size(row["targets"].get(name))))
        tracks.append(track(pk, seen, is_node=is_node))
    return timeline(visits, tracks)


def decimals(values: list[float | None]) -> list[Decimal | None]:
    return [None if value is None else Decimal(repr(value)) for value in values]


@pytest.mark.parametrize("case", GOLDEN, ids=[case["id"] for case in GOLDEN])
def test_golden_case(case: dict[str, Any]) -> None:
    baseline, *responses = target_responses(golden_timeline(case))
    expect = case["expect"]
    assert baseline.category is (ResponseCategory.BASELINE if case["baseline"]["targets"] else ResponseCategory.NA)
    if "target" in expect:
        assert [r.category for r in responses] == expect["target"]
    if "sum" in expect:
        assert [r.sum_mm for r in responses] == decimals(expect["sum"])
    if "nadir" in expect:
        assert [r.nadir_sum_mm for r in responses] == decimals(expect["nadir"])
    if "assessed_on" in expect:
        assert [r.assessed_on.isoformat() for r in responses] == expect["assessed_on"]
    if "progressed_on" in expect:
        first = next(r for r in responses if r.category is ResponseCategory.PD)
        assert first.assessed_on.isoformat() == expect["progressed_on"]


def test_golden_cases_are_all_there() -> None:
    assert len(GOLDEN) == 47


def last(*series: Any, nodes: tuple[int, ...] = ()) -> Response:
    return target_responses(followed(*series, nodes=nodes))[-1]


@pytest.mark.parametrize(("sum_mm", "nadir_mm"), [("30", "25"), ("5", "0"), ("120", "100")])
def test_progression_is_inclusive_at_both_limits(sum_mm: str, nadir_mm: str) -> None:
    assert has_progressed(Decimal(sum_mm), Decimal(nadir_mm))


@pytest.mark.parametrize(("sum_mm", "nadir_mm"), [("24", "20"), ("31", "26"), ("4.9", "0")])
def test_progression_needs_both_limits(sum_mm: str, nadir_mm: str) -> None:
    assert not has_progressed(Decimal(sum_mm), Decimal(nadir_mm))


def test_response_is_inclusive_at_thirty_percent() -> None:
    assert has_responded(Decimal("70"), Decimal("100"))
    assert not has_responded(Decimal("70.000000000000001"), Decimal("100"))


def test_reasons_of_progression_carry_numbers_units_and_the_nadir() -> None:
    response = last([35.79, 44.62], [24.04, 29.42])
    assert (response.category, response.rule) == ("PD", "PD_NADIR_20_5")
    assert response.reasons == (
        "Sum 74.0 mm: +23.8 % and +14.2 mm over the nadir of 59.8 mm (1 Jan 2024)",
        "progression needs at least +20 % and at least +5 mm over the nadir",
        "+23.8 % from the baseline of 59.8 mm (1 Jan 2024)",
    )
    assert response.criterion is Criterion.RECIST_1_1_TARGET


def test_reasons_of_a_partial_response() -> None:
    response = last([50.0, 30.0])
    assert response.rule == "PR_BASELINE_30"
    assert response.reasons[0] == "Sum 30.0 mm: −40.0 % from the baseline of 50.0 mm (1 Jan 2024)"
    assert response.reasons[1] == "partial response needs at least −30 % from baseline"


def test_reasons_of_stable_disease_do_not_round_over_a_limit() -> None:
    response = last([100.0, 119.97])
    assert response.rule == "SD_NEITHER"
    assert "+19.97 % and +20.0 mm over the nadir" in response.reasons[0]


def test_complete_response_says_what_gone_means() -> None:
    response = last([20.0, 0.0], [18.0, 8.0], nodes=(2,))
    assert (response.category, response.rule) == ("CR", "CR_ALL_GONE")
    assert "nodes have a short axis under 10 mm" in response.reasons[1]


def test_sums_are_exact_decimals_of_the_stored_doubles() -> None:
    response = last([0.1, 0.1], [0.2, 0.2])
    assert response.sum_mm == Decimal("0.3")


def test_nodes_count_by_their_short_axis() -> None:
    seen = Observation(1, 1, FIRST_ON, Modality.CT, sizes=Sizes(24.54, 14.06, 1.0))
    node = LesionTrack(1, "n", "node 1", Organ.LYMPH_NODE, True, LesionRole.TARGET, (seen,))
    (response,) = target_responses(timeline([visit(1, FIRST_ON)], [node]))
    (contribution,) = response.contributions
    assert (contribution.size_mm, contribution.measure) == (Decimal("14.06"), "short axis")


def test_a_missing_target_makes_the_visit_not_evaluable_and_is_named() -> None:
    response = last([20.0, 18.0], [15.0, None])
    assert (response.category, response.rule, response.sum_mm) == ("NE", "TARGET_MISSING", None)
    assert response.partial_sum_mm == Decimal("18.0")
    assert response.reasons == ("liver 2 not outlined on this visit", "the other 1 target: 18.0 mm")
    assert response.contributions[1].absence == Absence.NOT_OUTLINED


def test_no_measured_target_at_all() -> None:
    response = last([20.0, None])
    assert response.category is ResponseCategory.NE
    assert response.reasons[-1] == "no target has a size"


def test_an_outline_in_several_parts_is_missing_with_its_question() -> None:
    response = last([20.0, Absence.SEVERAL_PARTS])
    assert response.category is ResponseCategory.NE
    assert response.reasons[0].startswith("liver 1: the outline has separate parts")


def test_measured_targets_that_already_progress_are_enough() -> None:
    response = last([20.0, 50.0], [15.0, None])
    assert (response.category, response.rule) == ("PD", "PD_PARTIAL_20_5")
    assert response.reasons[0].startswith("The measured targets alone have a sum of 50.0 mm: +42.9 % and +15.0 mm")
    assert "liver 2 not outlined on this visit" in response.reasons


def test_a_target_without_a_size_at_baseline_leaves_nothing_to_compare_with() -> None:
    first, second, third = target_responses(followed([20.0, 21.0, 90.0], [None, 12.0, None]))
    assert first.category is ResponseCategory.BASELINE
    assert "liver 2 not outlined on this visit" in first.reasons
    assert (second.category, second.rule) == ("NE", "BASELINE_SUM_MISSING")
    assert second.reasons == ("liver 2 has no size at baseline",)
    assert (second.sum_mm, second.baseline_sum_mm, second.nadir_sum_mm) == (Decimal("33.0"), None, None)
    assert third.category is ResponseCategory.NE
    assert "liver 2 not outlined on this visit" in third.reasons


def test_a_nadir_of_nothing_has_no_percentage() -> None:
    response = last([20.0, 0.0, 6.0])
    assert response.category is ResponseCategory.PD
    assert response.reasons[0] == "Sum 6.0 mm: +6.0 mm over the nadir of 0.0 mm (26 Feb 2024)"


def test_a_baseline_of_nothing_has_no_percentage() -> None:
    response = last([0.0, 3.0])
    assert response.category is ResponseCategory.SD
    assert response.reasons[0].startswith("Sum 3.0 mm: +3.0 mm from the baseline of 0.0 mm")


def test_without_targets_there_is_no_call() -> None:
    (response,) = target_responses(timeline([visit(1, FIRST_ON)], []))
    assert (response.category, response.rule, response.sum_mm) == ("NA", "NO_TARGETS", None)


def test_without_visits_there_is_nothing() -> None:
    assert target_responses(timeline([], [])) == ()


def test_visits_before_the_baseline_get_no_response() -> None:
    known = followed([30.0, 25.0, 26.0])
    later = timeline(known.timepoints, known.tracks, [course(known.timepoints[1].first_on)])
    assert [(r.timepoint_pk, r.category) for r in target_responses(later)] == [(2, "BASELINE"), (3, "SD")]


def test_an_assumed_baseline_is_said() -> None:
    known = followed([30.0, 25.0])
    without = target_responses(timeline(known.timepoints, known.tracks, []))
    assert without[-1].reasons[-1] == "First visit taken as baseline: no treatment course is recorded"
    early = [course(FIRST_ON - timedelta(7))]
    before = target_responses(timeline(known.timepoints, known.tracks, early))
    assert before[-1].reasons[-1].endswith("no scan on or before the start of nivolumab (25 Dec 2023)")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "1 outline of this visit waits to be linked"),
        (2, "2 outlines of this visit wait to be linked"),
    ],
)
def test_outlines_that_wait_are_said_at_their_visit(number: int, sentence: str) -> None:
    known = followed([30.0, 25.0])
    first, second = target_responses(timeline(known.timepoints, known.tracks, waiting={2: number}))
    assert sentence in second.reasons
    assert sentence not in first.reasons


def test_another_kind_of_scan_than_at_baseline_is_said() -> None:
    later = FIRST_ON + timedelta(56)
    seen = [observation(1, FIRST_ON, modality=Modality.MR), observation(2, later)]
    visits = [visit(1, FIRST_ON), visit(2, later)]
    response = target_responses(timeline(visits, [track(1, seen)]))[-1]
    assert response.reasons[-1] == "liver 1 was measured on MR at baseline and on CT on this visit"


def test_not_evaluable_counts_from_the_last_scan_of_the_visit() -> None:
    days = [FIRST_ON + timedelta(56), FIRST_ON + timedelta(59)]
    visits = [visit(1, FIRST_ON), visit(2, *days)]
    seen = [observation(1, FIRST_ON), observation(2, days[0], None)]
    assert target_responses(timeline(visits, [track(1, seen)]))[-1].assessed_on == days[1]
