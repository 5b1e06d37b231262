"""Lanes over one axis, and labels that do not lie on each other."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitoring.charts.lanes import EndLabel, Lane, marks, spread, stacked
from monitoring.charts.time_axis import AxisKind, TimeAxis
from tests.timelines import followed, timeline

UNTREATED = timeline(followed([1.0, 1.0]).timepoints, [], [])
AXIS = TimeAxis.of(UNTREATED, AxisKind.CALENDAR)


def lane(**more: object) -> Lane:
    return Lane(100, "mm", 0.0, 10.0, [marks(["2024-01-01"], [1.0], "x")], **more)  # type: ignore[arg-type]  # any field


def test_lanes_stand_over_each_other_without_touching() -> None:
    data, layout = stacked([lane(), lane(heading="Two"), lane()], AXIS)
    domains = [layout[name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert domains[0][1] == 1 and domains[2][0] == 0
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1]
    assert [trace["yaxis"] for trace in data] == ["y", "y2", "y3"]
    assert {trace["xaxis"] for trace in data} == {"x"}
    assert layout["xaxis"]["anchor"] == "y3"


def test_a_lane_is_as_high_as_it_asks_for() -> None:
    _, layout = stacked([lane(), lane(heading="Two")], AXIS)
    inside = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    low, high = layout["yaxis2"]["domain"]
    assert round((high - low) * inside) == 100


def test_day_zero_is_drawn_for_treated_patients_only() -> None:
    treated = TimeAxis.of(followed([1.0, 1.0]), AxisKind.CALENDAR)
    assert stacked([lane()], AXIS)[1]["shapes"] == []
    assert [shape["type"] for shape in stacked([lane()], treated)[1]["shapes"]] == ["line"]


def test_rows_have_names_instead_of_a_scale() -> None:
    _, layout = stacked([lane(rows={0: "CT", -1: "MR"})], AXIS)
    assert (layout["yaxis"]["tickvals"], layout["yaxis"]["ticktext"]) == ([0, -1], ["CT", "MR"])


def test_labels_at_one_height_are_moved_apart() -> None:
    labels = [EndLabel(5.0, "one", "@ink"), EndLabel(5.0, "two<br>rows", "@ink")]
    _, layout = stacked([lane(labels=labels)], AXIS)
    shifts = [note["yshift"] for note in layout["annotations"]]
    assert shifts[1] - shifts[0] >= 22


places = st.lists(st.tuples(st.floats(0, 300), st.sampled_from([15.0, 30.0])), max_size=8)


@given(places)
def test_labels_never_overlap_and_keep_their_order(wanted: list[tuple[float, float]]) -> None:
    moved = [(middle + shift, size) for (middle, size), shift in zip(wanted, spread(wanted), strict=True)]
    order = sorted(range(len(wanted)), key=lambda i: wanted[i][0])
    for below, above in pairwise(order):
        assert moved[above][0] - moved[below][0] >= (moved[above][1] + moved[below][1]) / 2 - 1e-6
