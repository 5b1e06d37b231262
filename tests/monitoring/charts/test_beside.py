"""Blood and events as tables: what the lanes show and what lies beyond the chart, and nothing for blinded eyes."""

from dataclasses import replace
from datetime import timedelta

from monitoring.charts.beside import event_table, lab_tables, lanes_beside, shown_events
from monitoring.charts.course import Wanted, time_axis
from monitoring.charts.response.calls import CourseCalls, course_calls
from patients.labs.seen import Event, Lab
from patients.labs.words import Analyte, Bound, EventKind, Outcome
from tests.monitoring.charts.pictures import concluded

KNOWN, FINDINGS = concluded()
START = KNOWN.timepoints[0].first_on


def lab(days: int, value: float, analyte: Analyte = Analyte.LDH, unit: str = "U/L", **more) -> Lab:
    return Lab(days, "", analyte, analyte.label, START + timedelta(days), value, unit, **more)


LABS = (
    lab(-3000, 200.0, low=135.0, high=250.0, entered="200 U/L"),
    lab(0, 475.0, low=135.0, high=250.0, entered="7.9 µkat/L"),
    lab(1, 0.1, Analyte.CTDNA, "% VAF", bound=Bound.BELOW, entered="<0.1 % VAF"),
    lab(2, 4.0, Analyte.NLR, "ratio", sources=(1, 2)),
    lab(3, 12.0, Analyte.CRP, "mg/L"),
)
EVENTS = (
    Event(1, "", EventKind.STEROID, START + timedelta(20), value=60.0),
    Event(2, "", EventKind.ECOG, START, grade=1),
    Event(3, "", EventKind.DEATH, START + timedelta(4000)),
    Event(4, "", EventKind.ADJUDICATED_OUTCOME, START, detail=Outcome.TRUE_PD, readers=("A", "B")),
)


def calls_with(labs: tuple[Lab, ...] = LABS) -> CourseCalls:
    return course_calls(replace(KNOWN, labs=labs, events=EVENTS), FINDINGS.responses, FINDINGS.summaries)


def test_each_lane_of_blood_has_its_table():
    calls = calls_with()
    axis = time_axis(calls, Wanted())
    tables = lab_tables(calls, None, axis)
    assert [(table.name, table.unit) for table in tables] == [("LDH", "U/L"), ("ctDNA", "% VAF"), ("NLR", "ratio")]
    headings = [lane.heading.partition(",")[0] for lane in lanes_beside(calls, None, axis)]
    assert headings == [*(table.name for table in tables), ""]
    assert [table.name for table in lab_tables(calls, ("CRP:CRP:mg/L", "none"), axis)] == ["CRP"]
    assert lab_tables(calls, (), axis) == ()


def test_a_row_tells_all_that_the_card_tells():
    calls = calls_with()
    ldh, ctdna, ratio = (table.rows for table in lab_tables(calls, None, time_axis(calls, Wanted())))
    assert (ldh[1].value, ldh[1].limit_ratio, ldh[1].entered) == ("475 U/L", 1.9, "7.9 µkat/L")
    assert (ldh[1].standing, ldh[1].is_outside) == ("above the reference range", True)
    assert [row.is_drawn for row in ldh] == [False, True]
    assert (ctdna[0].value, ctdna[0].limit_ratio) == ("<0.1 % VAF", None)
    assert ratio[0].entered == "worked out from other results"


def test_events_stand_in_the_order_of_their_days():
    calls = calls_with()
    rows = event_table(calls, time_axis(calls, Wanted()))
    told = [(row.what.partition(",")[0], row.is_drawn) for row in rows]
    assert told == [
        ("ECOG performance status 1", True), ("Adjudicated outcome", True), ("Steroids", True), ("Death", False)
    ]  # fmt: skip
    assert rows[2].when.endswith(", goes on") and "60 mg prednisone" in rows[2].what
    assert rows[1].words == "True progression, A and B"


def test_a_blinded_reader_is_not_told_the_outcome():
    calls = calls_with()
    hidden = replace(calls, blinding=replace(calls.blinding, hidden=frozenset({KNOWN.timepoints[0].pk})))
    assert len(shown_events(hidden)) == len(EVENTS) - 1
    assert "Adjudicated" not in str(event_table(hidden, time_axis(hidden, Wanted())))
