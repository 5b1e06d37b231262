"""The lane of events: one row a kind that is followed, bars for steroids, a card for everything."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitoring.charts.course import course_figure
from monitoring.charts.happenings import event_cards, events_lane
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.labs.seen import Event
from patients.labs.words import BiopsyResult, EventKind, EventOrgan
from tests.monitoring.charts.pictures import check_with_plotly, concluded

KNOWN, FINDINGS = concluded()
START = KNOWN.timepoints[0].first_on
AXIS = TimeAxis.of(KNOWN, AxisKind.DAYS)


def event(days: int, kind: EventKind, until: int | None = None, **more) -> Event:
    return Event(days + 1000, "", kind, START + timedelta(days), START + timedelta(until) if until else None, **more)


EVENTS = (
    event(0, EventKind.ECOG, grade=1),
    event(20, EventKind.STEROID, 40, value=60.0),
    event(41, EventKind.STEROID, value=20.0),
    event(19, EventKind.IRAE, 60, grade=3, detail=EventOrgan.COLON),
    event(50, EventKind.BIOPSY, detail=BiopsyResult.NO_TUMOUR, lesion_pk=KNOWN.tracks[0].lesion_pk, text="fibrosis"),
)


def test_rows_by_kind_and_bars_for_what_lasts():
    lane = events_lane(EVENTS, AXIS)
    assert lane is not None
    assert list(lane.rows.values()) == ["ECOG", "Steroid mg", "Immune", "Events"]
    bars = [(shape["x0"], shape["x1"]) for shape in lane.shapes]
    zero = AXIS.day(START)
    assert bars == [(zero + 20, zero + 40), (zero + 41, AXIS.day(AXIS.last_on)), (zero + 19, zero + 60)]
    assert [note["text"] for note in lane.notes] == ["1", "60", "20", "G3", "Biopsy"]


def test_nothing_within_the_axis_is_no_lane():
    assert events_lane([], AXIS) is None
    assert events_lane([event(-4000, EventKind.ECOG, grade=0)], AXIS) is None
    assert events_lane([event(4000, EventKind.DEATH)], AXIS) is None
    assert events_lane([event(-4000, EventKind.STEROID, value=5.0)], AXIS) is not None


def test_a_card_tells_day_kind_result_and_lesion():
    cards = event_cards(replace(KNOWN, events=EVENTS))
    assert f"Biopsy<br>No viable tumour<br>fibrosis<br>{KNOWN.tracks[0].tracking_id}" in cards["event-1050"]
    assert "Immune-related event, grade 3<br>Bowel (colitis)" in cards["event-1019"]
    assert "ECOG performance status 1" in cards["event-1000"]


@pytest.mark.parametrize("axis", list(AxisKind))
def test_plotly_accepts_it(axis):
    drawing = course_figure(replace(KNOWN, events=EVENTS), FINDINGS, (), axis)
    check_with_plotly(drawing)
    marks = [point for one in drawing.data if one["name"] == "Events" for point in one["customdata"]]
    assert {point["card"] for point in marks} == {f"event-{one.pk}" for one in EVENTS}
