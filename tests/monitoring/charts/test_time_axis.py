"""The shared axis: dates, or days since therapy started, with everything on it and air at both ends."""

from datetime import timedelta

import pytest

from monitoring.charts.time_axis import AxisKind, TimeAxis, day_zero
from tests.timelines import FIRST_ON, course, followed, timeline


def axis(kind: AxisKind = AxisKind.CALENDAR, *, starts: int = 7, stops: int | None = None) -> TimeAxis:
    stopped = None if stops is None else FIRST_ON + timedelta(stops)
    courses = [course(FIRST_ON + timedelta(starts), stopped_on=stopped)]
    return TimeAxis.of(timeline(followed([1.0, 1.0]).timepoints, [], courses), kind)


def test_dates_lie_where_they_are() -> None:
    assert axis().place(FIRST_ON) == "2024-01-01"
    assert axis().layout("y")["type"] == "date"


def test_days_count_from_the_start_of_therapy() -> None:
    days = axis(AxisKind.DAYS)
    assert (days.place(FIRST_ON), days.place(FIRST_ON + timedelta(7))) == (-7, 0)
    assert days.layout("y2")["title"]["text"] == "Days since start of nivolumab"
    assert days.layout("y2")["anchor"] == "y2"


def test_both_ends_have_air() -> None:
    here = axis()
    assert here.first_on == FIRST_ON - timedelta(10)
    assert here.last_on == FIRST_ON + timedelta(66)


def test_a_course_that_ends_later_lies_on_the_axis() -> None:
    assert axis(stops=200).last_on == FIRST_ON + timedelta(210)


def test_a_course_that_began_long_ago_is_cut_off() -> None:
    here = axis(starts=-1000)
    assert here.first_on == FIRST_ON - timedelta(10)
    assert here.clipped(FIRST_ON - timedelta(1000)) == here.first_on
    assert here.clipped(FIRST_ON + timedelta(1000)) == here.last_on


def test_without_a_course_days_count_from_the_first_visit() -> None:
    untreated = timeline(followed([1.0]).timepoints, [], [])
    assert day_zero(untreated) == (FIRST_ON, "first visit")
    assert not TimeAxis.of(untreated, AxisKind.DAYS).is_treated


def test_nobody_seen_has_no_axis() -> None:
    with pytest.raises(ValueError, match="without visits"):
        TimeAxis.of(timeline([], [], [course(FIRST_ON)]), AxisKind.DAYS)
    with pytest.raises(ValueError, match="no day zero"):
        day_zero(timeline([], [], []))
