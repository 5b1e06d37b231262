"""Therapy bars and scans."""

from datetime import timedelta

from monitoring.charts.events import scans_lane, therapy_lane
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.timeline import PatientTimeline, ScanSeen, Timepoint
from patients.vocabulary import Modality
from tests.monitoring.charts.pictures import iso, patient
from tests.timelines import FIRST_ON, course, followed, timeline, visit


def calendar(known: PatientTimeline) -> TimeAxis:
    return TimeAxis.of(known, AxisKind.CALENDAR)


def test_one_bar_a_course_with_its_name_inside() -> None:
    known = patient()
    lane = therapy_lane(known, calendar(known))
    assert lane is not None
    assert [(bar["x0"], bar["x1"]) for bar in lane.shapes] == [(iso(-100), iso(-20)), (iso(7), iso(312))]
    assert [note["text"] for note in lane.notes] == ["first &lt;line&gt;", "nivolumab →"]


def test_a_course_from_long_ago_says_since_when() -> None:
    known = timeline(followed([1.0]).timepoints, [], [course(FIRST_ON - timedelta(1000))])
    lane = therapy_lane(known, calendar(known))
    assert lane is not None
    assert lane.notes[0]["text"] == "nivolumab, since 6 Apr 2021 →"


def test_without_a_course_there_is_no_lane() -> None:
    known = timeline(followed([1.0]).timepoints, [], [])
    assert therapy_lane(known, calendar(known)) is None


def test_a_course_that_ended_before_the_picture_begins_is_left_out() -> None:
    old = course(FIRST_ON - timedelta(1000), stopped_on=FIRST_ON - timedelta(900))
    known = timeline(followed([1.0]).timepoints, [], [old])
    assert therapy_lane(known, calendar(known)) is None


def test_scans_differ_by_row_and_by_shape() -> None:
    scans = [ScanSeen(n, f"s{n}", kind, FIRST_ON, "") for n, kind in enumerate((Modality.PT, Modality.CT))]
    known = timeline([Timepoint(1, tuple(scans))], [])
    lane = scans_lane(known, calendar(known))
    assert list(lane.rows.values()) == ["CT", "PET"]
    assert [trace["marker"]["symbol"] for trace in lane.traces] == ["square", "hexagon"]
    assert lane.traces[1]["customdata"] == [{"timepoint": 1, "scan": "s0"}]


def test_visits_that_were_measured_elsewhere_have_a_row_of_their_own() -> None:
    elsewhere = Timepoint(2, (), FIRST_ON + timedelta(56))
    known = timeline([visit(1, FIRST_ON), elsewhere], [])
    lane = scans_lane(known, calendar(known))
    assert list(lane.rows.values()) == ["CT", "No scan here"]
    assert (lane.traces[1]["x"], lane.traces[1]["customdata"]) == ([iso(56)], [{"timepoint": 2}])
    alone = timeline([elsewhere], [])
    lane = scans_lane(alone, calendar(alone))
    assert (lane.height_px, lane.low < lane.high, list(lane.rows)) == (28, True, [0])


def gaps(*days: int) -> list[str]:
    visits = [visit(n, FIRST_ON + timedelta(day)) for n, day in enumerate(days, start=1)]
    known = timeline(visits, [])
    return [note["text"] for note in scans_lane(known, calendar(known)).notes]


def test_long_gaps_are_named() -> None:
    assert gaps(0, 60, 120, 300) == ["gap of 180 days"]
    assert gaps(0, 200) == ["gap of 200 days"]


def test_a_steady_rhythm_has_no_gaps() -> None:
    assert gaps(0, 120, 240, 360) == []
    assert gaps(0, 56) == []
    assert gaps(0) == []
