"""The calibration chart: groups with their intervals beside the diagonal, and nothing where nothing can be said."""

from monitoring.charts.calibration import calibration_figure
from patients.concluded.trust_findings import CalibrationGroup, Figure, Scoreboard

EMPTY = Scoreboard(0, 0, 0, 0, 0, (), 0, ("nothing",))
GROUPS = (
    CalibrationGroup(10, 1, 0.1, Figure(0.1, 0.02, 0.4, 10)),
    CalibrationGroup(12, 6, 0.3, Figure(0.5, 0.25, 0.75, 12)),
)
BOARD = Scoreboard(22, 7, 22, 0, 0, (), 0, ("few",), groups=GROUPS)


def test_no_groups_no_chart():
    assert calibration_figure(EMPTY) is None


def test_points_and_their_intervals_in_per_cent():
    drawing = calibration_figure(BOARD)
    assert drawing is not None
    points = drawing.data[1]
    assert (points["x"], points["y"]) == ([10.0, 30.0], [10.0, 50.0])
    assert [round(one) for one in points["error_y"]["array"]] == [30, 25]
    assert [round(one) for one in points["error_y"]["arrayminus"]] == [8, 25]


def test_both_axes_are_equal_and_hold_every_interval():
    layout = calibration_figure(BOARD).layout
    assert layout["xaxis"]["range"] == layout["yaxis"]["range"]
    assert 75 <= layout["yaxis"]["range"][1] <= 100


def test_it_is_told_in_words():
    label = calibration_figure(BOARD).label
    assert "said 30 % on average, seen 50 % (25 to 75 %): 6 of 12" in label
