"""A chart of lanes stacked over one time axis, and what a click on one of its points carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log10

from monitoring.charts import theme
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.timeline import LesionTrack, Observation

GAP_PX, HEADING_PX = 14, 20
LABEL_PX, LABEL_GAP_PX = 15, 4
# The name of notes that a narrow screen leaves out.
ROOMY = "roomy"


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A few words at the right end of a line."""

    y: float
    text: str
    colour: str

    @property
    def rows(self) -> int:
        """How many rows of letters it takes."""
        return self.text.count("<br>") + 1


@dataclass(frozen=True, slots=True)
class Lane:
    """One strip of the chart; its traces, shapes and notes have no vertical axis yet.

    `title` is the unit at the axis, `heading` stands over the lane, `rows` names rows where there is no scale.
    `ticks` are the places that a scale of powers names; such a lane is logarithmic, and all in it is over zero.
    `legend` says at the right of the heading what is shaded. `is_lettered`: it is words at dates, through which no
    line may run.
    """

    height_px: int
    title: str
    low: float
    high: float
    traces: Sequence[Json] = ()
    heading: str = ""
    shapes: Sequence[Json] = ()
    notes: Sequence[Json] = ()
    labels: Sequence[EndLabel] = ()
    rows: Mapping[int, str] = field(default_factory=dict)
    ticks: Sequence[float] = ()
    legend: str = ""
    is_lettered: bool = False

    def place(self, y: float) -> float:
        """Where a value stands on the scale, as ranges and notes say it: its power of ten where that is the scale."""
        return log10(y) if self.ticks else y

    def px(self, y: float) -> float:
        """How many pixels a value lies above the foot of the lane."""
        low, high = self.place(self.low), self.place(self.high)
        return (self.place(y) - low) / (high - low) * self.height_px


def point(track: LesionTrack, seen: Observation) -> Json:
    """What a click on one lesion at one visit carries: enough to find the pixels behind the number."""
    return {"timepoint": seen.timepoint_pk, "lesion": track.code, "segmentation": seen.segmentation_code}


def marks(x: Sequence[str | int], y: Sequence[float | None], name: str) -> Json:
    """A trace of points whose hover label is the card of their visit."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "cliponaxis": False,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def rule(x: Sequence[str | int], y: Sequence[float], colour: str, dash: str, name: str) -> Json:
    """A line that is read, not touched."""
    line = {"color": colour, "width": 1.5, "dash": dash}
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": list(y), "line": line, "hoverinfo": "skip"
    }  # fmt: skip


def on_surface(text: str, x: str | int, y: float, yshift: int, font: Json) -> Json:
    """Words at a point, on a plate of the page's colour: no line runs through them."""
    plate = {"bgcolor": theme.SURFACE, "borderpad": 1, "captureevents": False}
    return {"x": x, "y": y, "text": theme.plain_text(text), "yshift": yshift, "font": font, **plate}


def clear_shift(
    text: str,
    y_px: float,
    lane_px: float,
    bars: Sequence[tuple[float, float]] = (),
    runs: Sequence[tuple[float, float]] = (),
) -> int:
    """How far (px) above or below its point a word lies best: out of the way of other lines, inside its lane.

    `y_px` is the height of the point in its lane of `lane_px`. `bars` are the heights, from and to, that other
    lines take at the point; `runs` says of each line that leaves the point how far it goes across and up.

    >>> clear_shift("SD", 100, 250), clear_shift("SD", 100, 250, bars=[(115, 115)])
    (18, -18)
    >>> clear_shift("SD", 100, 250, runs=[(10, 90)]), clear_shift("SD", 100, 250, bars=[(118, 118), (82, 82)])
    (-18, 34)
    """
    half_px = 4 * len(text)
    lines = [(min(0, half_px * up / across), max(0, half_px * up / across)) for across, up in runs if across]

    def crossings(shift: int) -> int:
        low, high = shift - 9, shift + 9
        outside = 4 * (y_px + low < 0 or y_px + high > lane_px)
        crossed = sum(bottom - y_px < high and top - y_px > low for bottom, top in bars)
        return outside + crossed + sum(bottom < high and top > low for bottom, top in lines)

    return min((18, -18, 34, -34), key=crossings)


def stacked(lanes: Sequence[Lane], axis: TimeAxis) -> tuple[tuple[Json, ...], Json]:
    """Traces and layout of lanes over each other, the first on top, all over one time axis."""
    tops = _tops(lanes)
    height = tops[-1] + lanes[-1].height_px
    layout = theme.base_layout(0)
    layout["margin"]["t"] += HEADING_PX if lanes[0].heading else 0
    layout["height"] = height + layout["margin"]["t"] + layout["margin"]["b"]
    layout |= {"xaxis": axis.layout(_name(len(lanes), "y")), "shapes": [], "annotations": []}
    traces: list[Json] = []
    for number, (lane, top) in enumerate(zip(lanes, tops, strict=True), start=1):
        domain = (max(0.0, 1 - (top + lane.height_px) / height), 1 - top / height)
        _place(lane, number, domain, layout, traces)
    if axis.is_treated:
        layout["shapes"].append(_day_zero(axis))
    return tuple(traces), layout


def clear_spans(lanes: Sequence[Lane], layout: Json) -> list[tuple[float, float]]:
    """The heights of the figure, from and to, that a line through all lanes may take: around lanes of letters."""
    spans, top = [], 1.0
    for number, lane in enumerate(lanes, start=1):
        if lane.is_lettered:
            low, high = layout[_name(number, "yaxis")]["domain"]
            spans.append((high, top))
            top = low
    return [(low, high) for low, high in [*spans, (0.0, top)] if low < high]


def _tops(lanes: Sequence[Lane]) -> list[int]:
    """Where each lane begins, in pixels below the first: a heading needs room over its lane."""
    tops = [0]
    for above, lane in pairwise(lanes):
        tops.append(tops[-1] + above.height_px + GAP_PX + (HEADING_PX if lane.heading else 0))
    return tops


def _name(number: int, prefix: str) -> str:
    return prefix if number == 1 else f"{prefix}{number}"


def _place(lane: Lane, number: int, domain: tuple[float, float], layout: Json, traces: list[Json]) -> None:
    """Give one lane its vertical axis."""
    ref = _name(number, "y")
    axis = theme.value_axis(lane.title, lane.place(lane.low), lane.place(lane.high), domain)
    if lane.ticks:
        axis |= {"type": "log", "tickvals": list(lane.ticks), "ticktext": [theme.short(tick) for tick in lane.ticks]}
    if lane.rows:
        axis |= {"tickvals": list(lane.rows), "ticktext": list(lane.rows.values()), "showgrid": False, "ticks": ""}
    layout[_name(number, "yaxis")] = axis
    traces += [{**trace, "xaxis": "x", "yaxis": ref} for trace in lane.traces]
    layout["shapes"] += [{**shape, "xref": "x", "yref": ref} for shape in lane.shapes]
    notes = [{**note, "y": lane.place(note["y"])} for note in lane.notes]
    layout["annotations"] += [{**note, "xref": "x", "yref": ref, "showarrow": False} for note in notes]
    layout["annotations"] += _end_labels(lane, ref)
    if lane.heading:
        layout["annotations"].append(_heading(lane.heading, domain[1]))
    if lane.legend:
        layout["annotations"].append(_legend(lane.legend, domain[1]))


def _heading(text: str, top: float) -> Json:
    # From the edge of the figure, over the scale: the start of therapy never stands there.
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    place |= {"xshift": -64, "yshift": 8}
    look = {
        "showarrow": False,
        "bgcolor": theme.SURFACE,
        "font": {"size": theme.FONT_PX, "color": theme.INK, "weight": "bold"},
    }
    return {"text": theme.plain_text(text), **place, **look}


def _legend(text: str, top: float) -> Json:
    place = {"xref": "paper", "yref": "paper", "x": 1, "y": top, "xanchor": "right", "yanchor": "bottom"}
    look = {"showarrow": False, "bgcolor": theme.SURFACE, "font": {"size": 12, "color": theme.SOFT}}
    # To the edge of the figure, over the words at the ends of lines: in print it must leave the heading its room.
    return {"name": ROOMY, "text": theme.plain_text(text), **place, "xshift": 140, "yshift": 8, **look}


def _day_zero(axis: TimeAxis) -> Json:
    zero = axis.place(axis.zero_on)
    place = {"xref": "x", "yref": "paper", "x0": zero, "x1": zero, "y0": 0, "y1": 1}
    return {"type": "line", **place, "line": {"color": theme.SOFT, "width": 1, "dash": "dot"}, "layer": "below"}


def _end_labels(lane: Lane, ref: str) -> list[Json]:
    """The words at the right ends of the lines, moved apart where they would lie on each other."""
    shifts = spread([(lane.px(label.y), label.rows * LABEL_PX + LABEL_GAP_PX) for label in lane.labels])
    return [
        {
            "name": ROOMY,
            "xref": "paper",
            "yref": ref,
            "x": 1,
            "y": lane.place(label.y),
            "xanchor": "left",
            "yanchor": "middle",
            "align": "left",
            "xshift": 8,
            "yshift": round(shift),
            "text": label.text,
            "showarrow": False,
            "font": {"size": 12, "color": label.colour},
        }
        for label, shift in zip(lane.labels, shifts, strict=True)
    ]


def spread(places: Sequence[tuple[float, float]]) -> list[float]:
    """How far each label must move up or down (px) so that none lies on another; they keep their order.

    `places` are the heights of their middles and their sizes. Labels that touch form a block around the mean
    of where they want to be.

    >>> spread([(0, 10), (100, 10)]), spread([(50, 10), (50, 10)])
    ([0.0, 0.0], [-5.0, 5.0])
    """
    order = sorted(range(len(places)), key=lambda i: places[i][0])
    blocks: list[list[int]] = []
    for index in order:
        blocks.append([index])
        while len(blocks) > 1 and _bottom(blocks[-1], places) < _top(blocks[-2], places):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    shifts = [0.0] * len(places)
    for block in blocks:
        bottom = _bottom(block, places)
        for index in block:
            middle, size = places[index]
            shifts[index] = bottom + size / 2 - middle
            bottom += size
    return shifts


def _bottom(block: Sequence[int], places: Sequence[tuple[float, float]]) -> float:
    wanted = sum(places[index][0] for index in block) / len(block)
    return wanted - sum(places[index][1] for index in block) / 2


def _top(block: Sequence[int], places: Sequence[tuple[float, float]]) -> float:
    return _bottom(block, places) + sum(places[index][1] for index in block)
