"""Bars of therapy with their pauses, treatment beyond progression, and single lesions treated."""

from dataclasses import replace
from datetime import timedelta

from monitoring.charts import theme
from monitoring.charts.events import therapy_lane
from monitoring.charts.response.therapy import LOCAL, given
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.words.reading_words import LocalTherapy
from tests.timelines import FIRST_ON, course, followed


def patient():
    known = followed([60.0, 55.0, 50.0])
    return replace(known, courses=(course(FIRST_ON),))


def test_a_pause_is_a_gap_and_an_open_one_ends_the_bar() -> None:
    line, end = course(FIRST_ON), FIRST_ON + timedelta(100)
    assert given(line, end) == [(FIRST_ON, end)]
    pause = replace(line, holds=((FIRST_ON + timedelta(20), None),))
    assert given(pause, end) == [(FIRST_ON, FIRST_ON + timedelta(20))]


def test_after_progression_the_bar_is_hollow() -> None:
    known = patient()
    axis = TimeAxis.of(known, AxisKind.CALENDAR)
    turn = known.timepoints[1].last_on
    lane = therapy_lane(known, axis, {1: turn})
    assert [shape["fillcolor"] for shape in lane.shapes] == [theme.THERAPY, theme.NOTHING]
    assert lane.shapes[1]["x0"] == turn.isoformat()


def test_a_treated_lesion_has_a_cross_in_a_row_of_its_own() -> None:
    known = patient()
    on = known.timepoints[1].last_on
    treated = replace(known.tracks[0], local_therapy=LocalTherapy.SURGERY, local_therapy_on=on)
    known = replace(known, tracks=(treated,))
    lane = therapy_lane(known, TimeAxis.of(known, AxisKind.CALENDAR))
    assert list(lane.rows.values()) == ["Therapy", LOCAL]
    assert "Surgery of" in lane.traces[0]["hovertext"][0]
