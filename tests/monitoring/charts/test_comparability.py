"""Hollow scans, dashed lines at changes of the acquisition, and the words that accept them, on the course."""

from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest

from monitoring.charts.comparability import ACCEPTED, CHANGED, PairMarks, change_lines, pair_cards, pairs_lane
from monitoring.charts.events import scans_lane
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.concluded.trust_findings import PairComparability, RuleHit
from patients.concluded.trusted import LesionComparison, PairAccepted
from patients.timeline import PatientTimeline, ScanSeen, Timepoint
from patients.vocabulary import Modality, Reference
from patients.words.trust_words import Comparability

DAYS = MappingProxyType({1: date(2024, 1, 8), 2: date(2024, 3, 4), 3: date(2024, 4, 29)})
KERNEL = RuleHit(
    "KERNEL",
    Comparability.BLOCK_TEXTURE,
    "ConvolutionKernel class",
    "(0018,1210)",
    "soft",
    "sharp",
    "differs",
    "Another <kernel>.",
)
SILENT = RuleHit(
    "KVP", Comparability.WARN, "KVP", "(0018,0060)", None, None, "", "Tube voltage: not recorded.", is_silent=True
)
OUTLINED = RuleHit("SEGMENTATION", Comparability.WARN, "tool", "internal", "a", "b", "", "Outlined by another tool.")
WORD = PairAccepted(9, 1, 3, "", ("KERNEL",), "anna", "Looked at <both>.", datetime(2024, 5, 3, tzinfo=UTC))


def compared(visit, reference, *hits, accepted=None, then=1):
    level = max((hit.level for hit in hits), key=lambda one: one.severity, default=Comparability.OK)
    found = PairComparability(level, hits, ("breath hold",), "rules", "1", "d")
    return LesionComparison(7, visit, reference, then, then, visit, 56, found, accepted)


@pytest.fixture
def timeline():
    visits = tuple(Timepoint(pk, (ScanSeen(pk, str(pk), Modality.CT, on, "HU"),)) for pk, on in DAYS.items())
    return PatientTimeline(1, "P-1", (), visits, ())


@pytest.fixture
def axis(timeline):
    return TimeAxis.of(timeline, AxisKind.CALENDAR)


def test_a_scan_that_is_not_comparable_with_baseline_is_hollow(timeline, axis):
    found = PairMarks.of(timeline, [compared(2, Reference.BASELINE), compared(3, Reference.BASELINE, KERNEL)])
    (trace,) = scans_lane(timeline, axis, found.unlike).traces
    assert trace["marker"]["symbol"] == ["square", "square", "square-open"]
    assert found.by_visit[2] == "against baseline: no difference found"
    assert found.by_visit[3] == "against baseline: texture not comparable: Another <kernel>."


def test_a_patient_without_such_scans_is_drawn_as_ever(timeline, axis):
    found = PairMarks.of(timeline, [compared(2, Reference.BASELINE, SILENT)])
    (trace,) = scans_lane(timeline, axis, found.unlike).traces
    assert trace["marker"]["symbol"] == "square"
    assert pairs_lane(found, axis) is None and change_lines(found, axis) == [] and pair_cards(found) == {}


def test_a_change_since_the_visit_before_is_a_dashed_line_with_its_card(timeline, axis):
    hits = (KERNEL, SILENT, OUTLINED)
    found = PairMarks.of(
        timeline, [compared(3, Reference.PREVIOUS, *hits, then=2), compared(2, Reference.PREVIOUS, SILENT)]
    )
    (line,) = change_lines(found, axis)
    assert (line["x0"], line["x1"], line["line"]["dash"], line["yref"]) == ("2024-04-29", "2024-04-29", "dash", "paper")
    lane = pairs_lane(found, axis)
    assert lane is not None and dict(lane.rows) == {0: CHANGED}
    (key,) = {point["card"] for point in lane.traces[0]["customdata"]}
    assert pair_cards(found)[key] == "29 Apr 2024, against 4 Mar 2024<br>Another &lt;kernel&gt;."


def test_what_differs_in_the_outline_alone_is_no_change_of_the_scan(timeline):
    assert PairMarks.of(timeline, [compared(3, Reference.PREVIOUS, OUTLINED, then=2)]).changes == ()


def test_a_word_in_force_stands_on_the_chart_with_name_reason_and_date(timeline, axis):
    pairs = [compared(3, reference, KERNEL, accepted=WORD) for reference in (Reference.BASELINE, Reference.NADIR)]
    found = PairMarks.of(timeline, pairs)
    lane = pairs_lane(found, axis)
    assert lane is not None and dict(lane.rows) == {0: ACCEPTED}
    assert [note["text"] for note in lane.notes] == ["anna"]
    (card,) = pair_cards(found).values()
    assert card == (
        "29 Apr 2024, against 8 Jan 2024<br>Texture accepted by anna on 3 May 2024<br>Looked at &lt;both&gt;."
    )


def test_comparisons_with_another_baseline_make_no_scan_hollow(timeline):
    found = PairMarks.of(timeline, [compared(3, Reference.BASELINE, KERNEL, then=2)])
    assert (found.unlike, dict(found.by_visit)) == (frozenset(), {})
