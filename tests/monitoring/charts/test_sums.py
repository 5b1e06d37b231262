"""The target sum between its two lines."""

from decimal import Decimal
from typing import Any

from monitoring.charts.lanes import Lane
from monitoring.charts.sums import sum_lane
from monitoring.charts.time_axis import AxisKind, TimeAxis
from radiomics_tasks.analysis.conclude import conclude
from tests.monitoring.charts.pictures import iso
from tests.timelines import Size, followed, timeline


def lane(*series: list[Size]) -> Lane:
    known = followed(*series)
    return sum_lane(known, conclude(known), TimeAxis.of(known, AxisKind.CALENDAR))


def named(strip: Lane, name: str) -> dict[str, Any]:
    return next(trace for trace in strip.traces if trace["name"] == name)


def test_each_visit_has_its_sum_and_its_letters() -> None:
    strip = lane([100.0, 60.0, 66.0, 80.0])
    points = named(strip, "Target sum")
    assert points["y"] == [100.0, 60.0, 66.0, 80.0]
    assert [note["text"] for note in strip.notes] == ["baseline", "PR", "PR", "PD"]
    assert points["marker"]["symbol"] == ["square", "triangle-down", "triangle-down", "triangle-up"]
    assert points["customdata"] == [{"timepoint": number} for number in (1, 2, 3, 4)]


def test_the_progression_line_moves_after_each_visit_that_sets_a_nadir() -> None:
    line = named(lane([100.0, 60.0, 66.0, 20.0]), "Progression line")
    assert line["y"] == [120.0, 72.0, 72.0, 25.0, 25.0]
    assert line["line"]["shape"] == "hv"
    assert line["x"][0] == iso(0)


def test_the_response_line_lies_thirty_percent_under_the_baseline() -> None:
    strip = lane([99.0, 99.0])
    assert named(strip, "−30 % from baseline")["y"] == [69.3, 69.3]
    assert [label.text for label in strip.labels] == ["−30 % from baseline<br>69.3 mm", "progression line<br>118.8 mm"]


def test_a_visit_without_a_complete_sum_breaks_the_line() -> None:
    strip = lane([40.0, None, 30.0], [20.0, 15.0, 10.0])
    assert named(strip, "Target sum")["y"] == [60.0, None, 40.0]
    assert named(strip, "Target sum")["connectgaps"] is False
    partial = named(strip, "Partial sum")
    assert (partial["x"], partial["y"]) == ([iso(56)], [15.0])
    assert strip.notes[1]["text"] == "NE (partial)"


def test_every_height_is_inside_the_lane() -> None:
    strip = lane([50.0, 90.0])
    assert strip.high > max(value for trace in strip.traces for value in trace["y"])


def test_without_a_baseline_sum_there_are_no_lines() -> None:
    strip = lane([None, 30.0])
    assert [trace["name"] for trace in strip.traces] == ["Target sum", "Partial sum"]
    assert strip.labels == []


def test_without_targets_the_lane_is_empty() -> None:
    known = timeline(followed([1.0]).timepoints, [])
    strip = sum_lane(known, conclude(known), TimeAxis.of(known, AxisKind.CALENDAR))
    assert named(strip, "Target sum")["x"] == []
    assert strip.high > strip.low


def test_a_sum_of_nothing_still_has_a_scale() -> None:
    assert lane([0.0, 0.0]).high > 0
    assert Decimal("0.0") == conclude(followed([0.0])).responses[0].sum_mm


def test_no_letters_stand_on_a_limit() -> None:
    strip = lane([41.5, 16.2, 19.4, 26.4])
    limits = [
        strip.px(named(strip, "−30 % from baseline")["y"][0]),
        strip.px(named(strip, "Progression line")["y"][-1]),
    ]
    for note in strip.notes[2:]:
        middle = strip.px(note["y"]) + note["yshift"]
        assert all(abs(middle - limit) >= 9 for limit in limits)


def test_letters_keep_inside_the_lane() -> None:
    strip = lane([50.0, 0.0, 10.0])
    for note in strip.notes:
        assert 0 <= strip.px(note["y"]) + note["yshift"] <= strip.height_px
