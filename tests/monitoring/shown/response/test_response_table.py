"""Lesions by dates as they were read."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from monitoring.shown.response.response_table import response_table
from patients.judged import LesionJudged
from patients.vocabulary import LesionRole
from patients.words.reading_words import LocalTherapy, NewDisease, NonTarget, SizeState
from tests.monitoring.charts.response.read_courses import called, read, unconfirmed

SAID = [
    (LesionJudged(1, SizeState.TOO_SMALL), (5.0, "too small to measure (5 mm)", True)),
    (LesionJudged(1, SizeState.ABSENT), (0.0, "gone", False)),
    (LesionJudged(1, SizeState.NOT_EVALUABLE, why="motion"), (None, "NE: motion", False)),
    (LesionJudged(1, SizeState.MERGED, merged_into_pk=2), (0.0, "merged into liver 2", False)),
    (LesionJudged(1, SizeState.SPLIT, parts_mm=(11.0, 9.5)), (20.5, "split: 11.0 + 9.5", False)),
    (LesionJudged(1, SizeState.MEASURED), (30.0, "", False)),
]


@pytest.mark.parametrize("judged, shown", SAID)
def test_each_state_has_its_words(judged, shown) -> None:
    table = response_table(called(read([40.0, 30.0], [20.0, 20.0], lesions={2: [judged]})))
    cell = table.rows[0].cells[1]
    assert (cell.size_mm, cell.words, cell.is_open) == shown


def test_a_typed_size_stands_beside_the_outlines() -> None:
    typed = LesionJudged(1, SizeState.MEASURED, 33.0, "vessel left out")
    cell = response_table(called(read([40.0, 30.0], lesions={2: [typed]}))).rows[0].cells[1]
    assert (cell.size_mm, cell.outline_mm, cell.why, cell.reader) == (33.0, 30.0, "vessel left out", "anna")


def test_a_treated_lesion_is_said_to_be() -> None:
    known = read([40.0, 30.0])
    on = known.timepoints[1].last_on
    treated = replace(known.tracks[0], local_therapy=LocalTherapy.ABLATION, local_therapy_on=on)
    cell = response_table(called(replace(known, tracks=(treated,)))).rows[0].cells[1]
    assert (cell.size_mm, cell.words) == (None, "after ablation")


def test_sums_and_their_changes() -> None:
    baseline, second, third = response_table(unconfirmed()).visits
    assert (baseline.from_baseline_ratio, baseline.over_nadir_mm) == (None, None)
    assert (second.from_baseline_ratio, second.over_nadir_mm) == (Decimal("0.25"), Decimal(15))
    assert third.over_nadir_mm == Decimal(-10)
    assert (third.reader, third.new_lesions, third.non_target) == ("anna", "No new lesion", "None at baseline")


def test_a_missing_target_leaves_a_partial_sum() -> None:
    last = response_table(called(read([40.0, None], [20.0, 15.0]))).visits[-1]
    assert (last.has_partial_sum, last.sums.partial_sum_mm, last.from_baseline_ratio) == (True, Decimal(15), None)


def test_an_earlier_equivocal_finding_is_told() -> None:
    known = read([60.0, 50.0])
    settled = replace(known.judgements[1], equivocal_resolved=True, new=NewDisease.NO)
    table = response_table(called(replace(known, judgements=(known.judgements[0], settled))))
    assert table.visits[1].new_lesions == "No new lesion; the earlier equivocal finding is resolved"


def test_what_is_not_outlined_is_present_where_the_baseline_reading_says_so() -> None:
    known = read([60.0, 50.0], [20.0, 20.0], non_target=NonTarget.NCNP)
    target, ascites = known.tracks
    known = replace(known, tracks=(target, replace(ascites, role=LesionRole.NON_TARGET, observations=())))
    words = [cell.words for cell in response_table(called(known)).rows[1].cells]
    assert words == ["present", "–"]
    silent = replace(known, judgements=tuple(replace(one, non_target=NonTarget.NA) for one in known.judgements))
    assert response_table(called(silent)).rows[1].cells[0].words == "–"


def test_a_call_after_progression_is_said_to_be() -> None:
    calls = called(read([60.0, 75.0, 30.0]))
    days = [visit.after_progression for visit in response_table(calls).visits]
    assert days == [None, None, calls.timeline.timepoints[1].last_on]


def test_a_progression_that_is_dated_back_says_from_when_it_counts() -> None:
    calls = called(read([60.0, 60.0, 75.0]))
    assert [visit.counts_from for visit in response_table(calls).visits] == [None, None, None]
    sighting = calls.summary.immune_progressed_on - timedelta(56)
    earlier = replace(calls, summary=replace(calls.summary, immune_progressed_on=sighting))
    assert [visit.counts_from for visit in response_table(earlier).visits] == [None, None, sighting]
