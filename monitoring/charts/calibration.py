"""Calibration: what was expected of groups of scores against what was seen, with intervals, beside the diagonal."""

from monitoring.charts import theme
from monitoring.charts.theme import Drawing, Json
from patients.concluded.trust_findings import CalibrationGroup, Scoreboard

HEIGHT_PX = 340
LEAST_TOP = 40.0


def calibration_figure(board: Scoreboard) -> Drawing | None:
    """One point a group with Wilson's 95 % interval; None where there are no groups. Axes in per cent from 0."""
    groups = board.groups
    if not groups:
        return None
    top = max(LEAST_TOP, 100 * max(max(one.observed.high, one.expected) for one in groups))
    top = min(100.0, top * 1.05)
    layout = theme.base_layout(HEIGHT_PX) | {
        "xaxis": theme.value_axis("Said (%)", 0.0, top, (0.0, 1.0)),
        "yaxis": theme.value_axis("Seen (%)", 0.0, top, (0.0, 1.0)),
        "annotations": [_on_diagonal(top)],
    }
    return Drawing((_diagonal(top), _points(groups)), layout, _label(groups))


def _diagonal(top: float) -> Json:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0.0, top],
        "y": [0.0, top],
        "line": {"color": theme.SOFT, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _on_diagonal(top: float) -> Json:
    font = {"size": theme.FONT_PX - 1, "color": theme.SOFT}
    return {"x": top, "y": top, "text": "as said", "showarrow": False, "xanchor": "left", "xshift": 6, "font": font}


def _points(groups: tuple[CalibrationGroup, ...]) -> Json:
    seen = [100 * one.observed.value for one in groups]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [100 * one.expected for one in groups],
        "y": seen,
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * one.observed.high - value for one, value in zip(groups, seen, strict=True)],
            "arrayminus": [value - 100 * one.observed.low for one, value in zip(groups, seen, strict=True)],
            "color": theme.INK,
            "thickness": 1.5,
        },
        "marker": {"color": theme.series_colour(0), "size": 9, "symbol": "circle"},
        "text": [f"n {one.n}" for one in groups],
        "textposition": "middle right",
        "textfont": {"size": theme.FONT_PX - 1, "color": theme.SOFT},
        "hovertext": [_told(one) for one in groups],
        "hoverinfo": "text",
    }


def _told(one: CalibrationGroup) -> str:
    seen = f"{100 * one.observed.value:.0f} % ({100 * one.observed.low:.0f} to {100 * one.observed.high:.0f} %)"
    return f"said {100 * one.expected:.0f} % on average, seen {seen}: {one.events} of {one.n}"


def _label(groups: tuple[CalibrationGroup, ...]) -> str:
    return "Calibration: " + "; ".join(map(_told, groups)) + "."
