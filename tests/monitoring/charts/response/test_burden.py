"""All outlined lesions beside the targets."""

from dataclasses import replace

import pytest

from monitoring.charts.comparability import PairMarks
from monitoring.charts.course import Wanted, called_figure
from monitoring.charts.response.burden import burden_lane, burdens, new_sum
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind
from radiomics_tasks.analysis.conclude import conclude
from tests.monitoring.charts.response.read_courses import called, read
from tests.progressions import UNSCALED, scanned


def test_a_lesion_without_an_outline_breaks_the_line() -> None:
    known = read([40.0, 40.0, 40.0], [20.0, None, 10.0])
    rows = burdens(known)
    assert [row.lesions for row in rows] == [2, 1, 2]
    assert [len(row.missing) for row in rows] == [0, 1, 0]
    lane = burden_lane(known, TimeAxis.of(known, AxisKind.CALENDAR))
    assert lane.traces[0]["y"][1] is None
    assert lane.traces[1]["y"] == [pytest.approx(40**3 / 1909.86)]


def test_scans_that_are_not_comparable_break_the_line() -> None:
    known = scanned(read([40.0, 40.0, 30.0]), {3: UNSCALED})
    unlike = PairMarks.of(known, conclude(known).comparisons).sizes_apart
    assert [row.is_apart for row in burdens(known, unlike)] == [False, False, True]
    lane = burden_lane(known, TimeAxis.of(known, AxisKind.CALENDAR), unlike)
    assert [value is None for value in lane.traces[0]["y"]] == [False, False, True, False]


def test_new_measured_lesions_have_a_sum_of_their_own() -> None:
    known = read([60.0, 55.0, 50.0], [None, 12.0, 18.0])
    target, new = known.tracks
    new = replace(new, role=LesionRole.NEW, new_kind=NewLesionKind.TARGET)
    judged = [replace(said, new=NewDisease.YES) for said in known.judgements[1:]]
    known = replace(known, tracks=(target, new), judgements=(known.judgements[0], *judged))
    calls = called(known)
    ((trace, label),) = new_sum(calls, TimeAxis.of(known, AxisKind.CALENDAR))
    assert (trace["y"], label.text) == ([12.0, 18.0], "new lesions<br>18.0 mm")
    assert list(new_sum(called(read([60.0, 50.0])), TimeAxis.of(known, AxisKind.CALENDAR))) == []


def test_without_targets_the_lane_is_that_of_the_new_lesions() -> None:
    known = read([None, 12.0, 18.0])
    (new,) = known.tracks
    new = replace(new, role=LesionRole.NEW, new_kind=NewLesionKind.TARGET)
    judged = [replace(said, new=NewDisease.YES) for said in known.judgements[1:]]
    known = replace(known, tracks=(new,), judgements=(known.judgements[0], *judged))
    drawing = called_figure(called(known), Wanted())
    words = str(drawing.layout)
    assert "New lesions (mm)" in words and "Target sum" not in words


def test_no_lane_of_sums_without_a_sum() -> None:
    drawing = called_figure(called(read([None, None])), Wanted())
    assert "Target sum" not in str(drawing.layout)
