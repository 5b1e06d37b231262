"""Lanes of blood: the band of normal, what lies outside by shape and colour, cards, what is shown by default."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitoring.charts.blood import default_labs, lab_cards, lab_lane, lab_series
from monitoring.charts.course import Wanted, called_figure, course_figure
from monitoring.charts.response.calls import course_calls
from monitoring.charts.theme import INK, SOFT, WORSE
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.labs.seen import Lab
from patients.labs.words import Analyte, Bound
from tests.monitoring.charts.pictures import check_with_plotly, concluded

KNOWN, FINDINGS = concluded()
START = KNOWN.timepoints[0].first_on
AXIS = TimeAxis.of(KNOWN, AxisKind.CALENDAR)


def lab(days: int, value: float, analyte: Analyte = Analyte.LDH, unit: str = "U/L", **more) -> Lab:
    known = {"low": 125.0, "high": 250.0} if analyte is Analyte.LDH else {}
    return Lab(days + 1, "", analyte, analyte.label, START + timedelta(days), value, unit, **{**known, **more})


def test_in_multiples_of_the_upper_limit_beside_the_band_of_normal():
    lane = lab_lane([lab(0, 100.0), lab(21, 250.0), lab(42, 475.0)], AXIS)
    assert lane is not None
    (trace,), (band,) = lane.traces, lane.shapes
    assert (trace["y"], band["y0"], band["y1"], lane.title) == ([0.4, 1.0, 1.9], 0.5, 1.0, "× ULN")
    assert trace["marker"]["symbol"] == ["triangle-down", "circle", "triangle-up"]
    assert trace["marker"]["color"] == [WORSE, INK, WORSE]


def test_in_its_own_unit_where_a_limit_is_missing():
    lane = lab_lane([lab(0, 100.0), lab(21, 250.0, high=None)], AXIS)
    assert lane is not None and (lane.title, lane.traces[0]["y"], lane.shapes) == ("U/L", [100.0, 250.0], [])
    undetected = lab_lane([lab(0, 1.0, Analyte.CTDNA, "copies/mL", bound=Bound.BELOW)], AXIS)
    assert undetected is not None
    marker = undetected.traces[0]["marker"]
    assert (marker["symbol"], marker["color"]) == (["triangle-down-open"], [SOFT])


def ctdna(days: int, value: float, bound: Bound = Bound.EXACT) -> Lab:
    return lab(days, value, Analyte.CTDNA, "copies/mL", bound=bound)


def test_ctdna_over_more_than_tenfold_stands_on_a_scale_of_powers():
    lane = lab_lane([ctdna(0, 1200.0), ctdna(21, 80.0), ctdna(42, 1.0, Bound.BELOW), ctdna(63, 12.0)], AXIS)
    assert lane is not None
    found, below = lane.traces
    assert (lane.title, lane.low, lane.high) == ("copies/mL, log", 0.5, 2400.0)
    assert lane.heading == "ctDNA, copies/mL, logarithmic scale"
    assert (found["y"], below["y"]) == ([1200.0, 80.0, None, 12.0], [0.5])
    assert below["marker"]["symbol"] == ["triangle-down-open"] and lane.notes[0]["text"] == "below detection"
    assert lane.ticks == (1.0, 10.0, 100.0, 1000.0) and lane.px(0.5) == 0.0 and lane.px(2400.0) == 110.0


def test_other_scales_stay_even():
    for labs in ([ctdna(0, 100.0), ctdna(21, 10.0)], [lab(0, 100.0), lab(21, 4000.0)]):
        lane = lab_lane(labs, AXIS)
        assert lane is not None and not lane.ticks and lane.low == 0.0
    ends = lab_lane([ctdna(0, 10.0), ctdna(21, 1.0, Bound.BELOW)], AXIS)
    assert ends is not None and not ends.notes and ends.labels[0].text == "below detection"


def test_plotly_accepts_a_scale_of_powers():
    known = replace(KNOWN, labs=(ctdna(0, 1200.0), ctdna(21, 0.0, Bound.BELOW), ctdna(42, 12.0)))
    drawing = course_figure(known, FINDINGS)
    check_with_plotly(drawing)
    axis = next(one for one in drawing.layout.values() if isinstance(one, dict) and one.get("type") == "log")
    words = next(note for note in drawing.layout["annotations"] if note["text"] == "below detection")
    assert axis["range"] == [pytest.approx(0.7782, abs=1e-4), pytest.approx(3.3802, abs=1e-4)]
    assert words["y"] == axis["range"][0] and axis["ticktext"] == ["10", "100", "1 000"]


def test_results_outside_the_axis_are_left_to_the_table():
    assert lab_lane([lab(-4000, 100.0)], AXIS) is None
    lane = lab_lane([lab(-4000, 100.0), lab(0, 100.0)], AXIS)
    assert lane is not None and len(lane.traces[0]["x"]) == 1


def test_those_that_matter_most_are_shown_first():
    labs = (
        lab(0, 3.0, Analyte.CRP, "mg/L"),
        lab(0, 2.0, Analyte.NLR, "ratio"),
        lab(0, 9.0, Analyte.CTDNA, "copies/mL"),
        lab(0, 2.0, Analyte.CTDNA, "% VAF"),
        lab(21, 1.0, Analyte.CTDNA, "% VAF"),
        lab(0, 250.0),
    )
    known = replace(KNOWN, labs=labs)
    assert default_labs(known) == ("LDH:LDH:U/L", "CTDNA:ctDNA:% VAF", "NLR:NLR:ratio")
    assert next(iter(lab_series(known))) == "LDH:LDH:U/L"
    assert default_labs(KNOWN) == ()


def test_a_card_tells_the_value_the_limit_and_what_was_typed():
    (card,) = lab_cards([lab(0, 475.0, entered="7.9 µkat/L")]).values()
    assert "475 U/L<br>1.90 × upper limit<br>above the reference range<br>entered as 7.9 µkat/L" in card


@pytest.mark.parametrize("axis", list(AxisKind))
def test_on_both_axes_only_lanes_with_data(axis):
    known = replace(KNOWN, labs=(lab(0, 250.0), lab(56, 300.0)))
    calls = course_calls(known, FINDINGS.responses, FINDINGS.summaries)
    drawing = called_figure(calls, Wanted(axis=axis))
    check_with_plotly(drawing)
    shown = next(trace for trace in drawing.data if trace["name"] == "LDH")
    assert all(point["card"] in drawing.cards for point in shown["customdata"])
    assert "LDH" not in {trace["name"] for trace in called_figure(calls, Wanted(axis=axis, labs=())).data}
    assert "LDH" not in {trace["name"] for trace in course_figure(KNOWN, FINDINGS, (), axis).data}


def test_blood_taken_long_after_the_last_scan_does_not_stretch_the_axis():
    last = KNOWN.timepoints[-1].last_on
    late = replace(lab(0, 250.0), taken_on=last + timedelta(2000))
    plain = course_figure(KNOWN, FINDINGS).layout["xaxis"]["range"]
    assert course_figure(replace(KNOWN, labs=(late,)), FINDINGS).layout["xaxis"]["range"] == plain
    near = replace(lab(0, 250.0), taken_on=last + timedelta(60))
    stretched = course_figure(replace(KNOWN, labs=(near,)), FINDINGS).layout["xaxis"]["range"]
    assert date.fromisoformat(stretched[1]) > last + timedelta(60)
