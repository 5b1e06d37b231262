"""The letters of both criteria, the stars of new lesions and the windows for confirming scans."""

from dataclasses import replace

from monitoring.charts import theme
from monitoring.charts.course import Wanted, called_figure
from monitoring.charts.response.lane import CONFIRM, NEW, calls_lane, letters_of, words_of
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease
from tests.monitoring.charts.pictures import check_with_plotly
from tests.monitoring.charts.response.read_courses import called, read, unconfirmed
from tests.timelines import followed


def lane(calls, bookings=None):
    until = max((block.confirm_until for block in calls.blocks), default=None)
    axis = TimeAxis.of(calls.timeline, AxisKind.CALENDAR, until)
    return calls_lane(calls, axis, bookings or {}), axis


def test_recist_stands_above_irecist() -> None:
    strip, _ = lane(unconfirmed())
    assert [trace["text"] for trace in strip.traces] == [["PD", "SD"], ["iUPD", "iSD"]]
    assert list(strip.rows.values()) == ["RECIST 1.1", "iRECIST", CONFIRM]
    assert strip.traces[0]["x"] == strip.traces[1]["x"]


def test_the_window_is_a_bar_from_four_to_eight_weeks() -> None:
    calls = called(read([60.0, 75.0]))
    (block,) = calls.blocks
    strip, axis = lane(calls, {block.opened_on: "not booked"})
    (bar,) = strip.shapes
    assert (bar["x0"], bar["x1"]) == (block.confirm_from.isoformat(), block.confirm_until.isoformat())
    assert axis.last_on > block.confirm_until
    assert words_of(block, {block.opened_on: "booked 12 Apr"}).endswith(", booked 12 Apr")
    assert words_of(replace(block, outcome="CONFIRMED"), {}).endswith(": confirmed")


def test_new_lesions_are_stars_hollow_where_equivocal() -> None:
    known = read([60.0, 55.0, 50.0])
    baseline, second, third = known.judgements
    judged = (baseline, replace(second, new=NewDisease.EQUIVOCAL), replace(third, new=NewDisease.YES))
    strip, _ = lane(called(replace(known, judgements=judged)))
    star = next(trace for trace in strip.traces if trace["name"] == NEW)
    assert star["marker"]["symbol"] == ["star-open", "star"]


def test_nothing_without_an_assessment() -> None:
    assert lane(called(followed([60.0, 75.0])))[0] is None


def test_a_revised_call_tells_both() -> None:
    response = next(iter(unconfirmed().overall.values()))
    assert letters_of(replace(response, category=ResponseCategory.SD, revised=ResponseCategory.PD)) == "SD → PD"


def test_the_whole_figure_is_plotlys_and_bands_the_window() -> None:
    drawing = called_figure(unconfirmed(), Wanted(has_burden=True))
    check_with_plotly(drawing)
    assert sum(shape.get("opacity", 1) < 1 for shape in drawing.layout["shapes"]) == 1
    assert "RECIST 1.1 PD, iRECIST iUPD" in drawing.label
    assert any("iRECIST: iUPD" in card for card in drawing.cards.values())


def test_a_response_after_progression_is_not_green() -> None:
    strip, _ = lane(called(read([60.0, 30.0, 75.0, 30.0])))
    recist, immune = strip.traces[:2]
    assert recist["text"] == ["PR", "PD", "PR"]
    assert recist["textfont"]["color"] == [theme.BETTER, theme.WORSE, theme.SOFT]
    assert immune["textfont"]["color"][-1] == theme.BETTER
