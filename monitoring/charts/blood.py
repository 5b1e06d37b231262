"""Laboratory results over time: one series a lane on its normal band; shape and colour tell what lies outside."""

from collections.abc import Mapping, Sequence

from monitoring.charts import theme
from monitoring.charts.lanes import EndLabel, Lane, marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.labs.seen import Lab, Series
from patients.labs.words import Analyte, Standing
from patients.timeline import PatientTimeline
from patients.written_dates import day

MOST_LABS = 3
DEFAULT = (Analyte.LDH, Analyte.CTDNA, Analyte.NLR)
LIMITS = "× upper limit"
_LOOKS = {
    Standing.HIGH: ("triangle-up", theme.WORSE),
    Standing.LOW: ("triangle-down", theme.WORSE),
    Standing.NORMAL: ("circle", theme.INK),
    Standing.UNKNOWN: ("circle", theme.SOFT),
}


def series_key(series: Series) -> str:
    """A series as it stands in an address."""
    return ":".join(series)


def lab_series(timeline: PatientTimeline) -> Mapping[str, tuple[Lab, ...]]:
    """The results of each series in the order of days, by its key; those of the vocabulary first."""
    found: dict[Series, list[Lab]] = {}
    for lab in timeline.labs:
        found.setdefault(lab.series, []).append(lab)
    order = list(Analyte)
    ranked = sorted(found, key=lambda series: (order.index(series[0]), series[1], series[2]))
    return {series_key(series): tuple(found[series]) for series in ranked}


def default_labs(timeline: PatientTimeline) -> tuple[str, ...]:
    """LDH, ctDNA and the ratio of neutrophils to lymphocytes, where they are there; of each the longest series."""
    known = lab_series(timeline)
    chosen = []
    for analyte in DEFAULT:
        of_it = [key for key, labs in known.items() if labs[0].analyte is analyte]
        chosen += [max(of_it, key=lambda key: len(known[key]))] if of_it else []
    return tuple(chosen)


def series_label(labs: Sequence[Lab]) -> str:
    """A series for people; its unit is added where the analyte is told in several."""
    return f"{labs[0].name} ({labs[0].unit})" if labs[0].analyte in (Analyte.CTDNA, Analyte.OTHER) else labs[0].name


def lab_lane(labs: Sequence[Lab], axis: TimeAxis) -> Lane | None:
    """One series on the time axis: multiples of the upper limit of normal where every result has one, else its unit.

    None where no result lies within the axis.
    """
    shown = [lab for lab in labs if axis.first_on <= lab.taken_on <= axis.last_on]
    if not shown:
        return None
    is_relative = all(lab.limit_ratio is not None for lab in shown)
    heights = [(lab.limit_ratio or 0.0) if is_relative else lab.value for lab in shown]
    shapes, top = _band(shown, axis, is_relative=is_relative)
    trace = marks([axis.place(lab.taken_on) for lab in shown], heights, theme.plain_text(shown[0].name))
    trace |= {"mode": "lines+markers", "line": {"color": theme.SOFT, "width": 1.5}}
    looks = [_look(lab) for lab in shown]
    trace["marker"] = {"symbol": [symbol for symbol, _ in looks], "color": [ink for _, ink in looks], "size": 10}
    trace["customdata"] = [{"card": card_key(lab)} for lab in shown]
    unit = LIMITS if is_relative else shown[0].unit
    last = EndLabel(heights[-1], f"{theme.short(heights[-1])} {'× ULN' if is_relative else ''}".strip(), looks[-1][1])
    heading = f"{shown[0].name}, {unit}"
    return Lane(
        110, "× ULN" if is_relative else unit, 0.0, max([*heights, top]) * 1.2 or 1.0, [trace], heading, shapes,
        labels=[last],
    )  # fmt: skip


def _look(lab: Lab) -> tuple[str, str]:
    symbol, ink = _LOOKS[lab.standing]
    return (f"{symbol}-open", ink) if lab.is_undetectable or lab.standing is Standing.UNKNOWN else (symbol, ink)


def _band(labs: Sequence[Lab], axis: TimeAxis, *, is_relative: bool) -> tuple[list[Json], float]:
    """The normal range as a grey band, and its top; in a unit of its own only where all have the same range."""
    highs, lows = {lab.high for lab in labs}, {lab.low for lab in labs}
    if is_relative:
        lowest = min(lab.low / lab.high if lab.low and lab.high else 0.0 for lab in labs)
        low, high = lowest, 1.0
    elif len(highs) == len(lows) == 1 and (highs | lows) != {None}:
        low, high = lows.pop() or 0.0, highs.pop() or 0.0
    else:
        return [], 0.0
    place = {"x0": axis.place(axis.first_on), "x1": axis.place(axis.last_on), "y0": low, "y1": high}
    return [{"type": "rect", **place, "fillcolor": theme.GRID, "line": {"width": 0}, "layer": "below"}], high


def card_key(lab: Lab) -> str:
    """Under which the hover card of a result is kept."""
    return f"lab-{lab.pk or '-'.join(map(str, lab.sources))}"


def lab_cards(labs: Sequence[Lab]) -> dict[str, str]:
    """The hover card of each result."""
    return {card_key(lab): "<br>".join(theme.plain_text(line) for line in lab_lines(lab)) for lab in labs}


def lab_lines(lab: Lab) -> list[str]:
    """What there is to say of a result, line by line."""
    value = "not detected" if lab.is_undetectable and not lab.value else f"{lab.value:.6g} {lab.unit}"
    bound = lab.bound.value if lab.bound.value != "=" and lab.value else ""
    ratio = [f"{lab.limit_ratio:.2f} × upper limit"] if lab.limit_ratio is not None else []
    entered = [f"entered as {lab.entered}"] if lab.entered and lab.unit not in lab.entered else []
    return [f"{lab.name}, {day(lab.taken_on)}", f"{bound}{value}", *ratio, lab.standing.label, *entered]
