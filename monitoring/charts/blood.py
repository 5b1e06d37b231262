"""Laboratory results over time: one series a lane on its normal band; shape and colour tell what lies outside."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import ceil, floor, log10

from monitoring.charts import theme
from monitoring.charts.lanes import ROOMY, EndLabel, Lane, marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.labs.derived import RATIO
from patients.labs.seen import Lab, Series
from patients.labs.words import Analyte, Bound, Standing
from patients.timeline import PatientTimeline
from patients.written_dates import day

MOST_LABS = 3
DEFAULT = (Analyte.LDH, Analyte.CTDNA, Analyte.NLR)
LIMITS = "× upper limit"
# Beyond this many times the least, equal steps would hide all but the greatest values.
LOG_SPAN = 10.0
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
    """The results in force of each series in the order of days, by its key; those of the vocabulary first."""
    return by_series(timeline.labs)


def by_series(labs: Iterable[Lab]) -> Mapping[str, tuple[Lab, ...]]:
    """Results by the key of their series, each in the order given; those of the vocabulary first."""
    found: dict[Series, list[Lab]] = {}
    for lab in labs:
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

    ctDNA that spans more than tenfold stands on a logarithmic scale. None where no result lies within the axis.
    """
    shown = [lab for lab in labs if axis.first_on <= lab.taken_on <= axis.last_on]
    if not shown:
        return None
    is_relative = all(lab.limit_ratio is not None for lab in shown)
    unit = LIMITS if is_relative else shown[0].unit
    heights = [(lab.limit_ratio or 0.0) if is_relative else lab.value for lab in shown]
    band = _normal(shown, is_relative=is_relative)
    positive = [height for height in heights if height > 0]
    is_log = shown[0].analyte is Analyte.CTDNA and bool(positive) and max(positive) > LOG_SPAN * min(positive)
    top = max([*heights, band[1] if band else 0.0])
    low, high = (min(positive) / 2, top * 2) if is_log else (0.0, top * 1.2 or 1.0)
    last, ink = shown[-1], _look(shown[-1])[1]
    told = Bound.BELOW.label if last.is_undetectable else theme.short(heights[-1]) + (" × ULN" if is_relative else "")
    label = EndLabel(low if last.is_undetectable else heights[-1], told, ink)
    return Lane(
        110,
        "× ULN" if is_relative else f"{unit}, log" if is_log else unit,
        low,
        high,
        _traces(shown, heights, low, axis),
        f"{shown[0].name}, {unit}{', logarithmic scale' if is_log else ''}",
        _band(band, low, axis) if band else [],
        notes=_words_below(shown, low, axis),
        labels=[label],
        ticks=_powers(low, high) if is_log else (),
    )


def _look(lab: Lab) -> tuple[str, str]:
    symbol, ink = _LOOKS[lab.standing]
    if lab.is_undetectable:
        return "triangle-down-open", ink
    return (f"{symbol}-open", ink) if lab.standing is Standing.UNKNOWN else (symbol, ink)


def _traces(shown: Sequence[Lab], heights: Sequence[float], foot: float, axis: TimeAxis) -> list[Json]:
    """What was measured as a line, and what lies below detection as marks on the floor: no line leads there."""
    name = theme.plain_text(shown[0].name)
    below = [lab for lab in shown if lab.is_undetectable]
    traces = []
    if len(below) < len(shown):
        measured = [None if lab.is_undetectable else height for lab, height in zip(shown, heights, strict=True)]
        line = {"mode": "lines+markers", "line": {"color": theme.SOFT, "width": 1.5}, "connectgaps": False}
        traces.append(_marked(shown, measured, name, axis) | line)
    if below:
        traces.append(_marked(below, [foot] * len(below), f"{name}, {Bound.BELOW.label}", axis))
    return traces


def _words_below(shown: Sequence[Lab], foot: float, axis: TimeAxis) -> list[Json]:
    """Said once for several in a row, and not where the end of the lane says it."""
    runs = [list(run) for is_below, run in groupby(shown, lambda lab: lab.is_undetectable) if is_below]
    look: Json = {"name": ROOMY, "text": Bound.BELOW.label, "font": {"color": theme.SOFT, "size": 11}}
    look |= {"xanchor": "left", "yanchor": "bottom", "xshift": -6, "yshift": 7}
    said = [run[0] for run in runs if run[-1] is not shown[-1]]
    return [{"x": axis.place(lab.taken_on), "y": foot, **look} for lab in said]


def _marked(labs: Sequence[Lab], heights: Sequence[float | None], name: str, axis: TimeAxis) -> Json:
    trace = marks([axis.place(lab.taken_on) for lab in labs], heights, name)
    looks = [_look(lab) for lab in labs]
    trace["marker"] = {"symbol": [symbol for symbol, _ in looks], "color": [ink for _, ink in looks], "size": 10}
    trace["customdata"] = [{"card": card_key(lab)} for lab in labs]
    return trace


def _normal(labs: Sequence[Lab], *, is_relative: bool) -> tuple[float, float] | None:
    """The normal range; in a unit of its own only where all results have the same."""
    highs, lows = {lab.high for lab in labs}, {lab.low for lab in labs}
    if is_relative:
        return min(lab.low / lab.high if lab.low and lab.high else 0.0 for lab in labs), 1.0
    if len(highs) == len(lows) == 1 and (highs | lows) != {None}:
        return lows.pop() or 0.0, highs.pop() or 0.0
    return None


def _band(band: tuple[float, float], foot: float, axis: TimeAxis) -> list[Json]:
    """The normal range in grey."""
    place = {"x0": axis.place(axis.first_on), "x1": axis.place(axis.last_on), "y0": max(foot, band[0]), "y1": band[1]}
    return [{"type": "rect", **place, "fillcolor": theme.GRID, "line": {"width": 0}, "layer": "below"}]


def _powers(low: float, high: float) -> tuple[float, ...]:
    """What a scale of powers names between two values: powers of ten, every second of many; of few, halves too.

    Examples
    --------
    >>> _powers(0.5, 4000.0), _powers(4.0, 90.0)
    ((1.0, 10.0, 100.0, 1000.0), (5.0, 10.0, 20.0, 50.0))
    """
    tens = range(floor(log10(low)), ceil(log10(high)) + 1)
    steps = (1.0, 2.0, 5.0) if log10(high / low) < 2 else (1.0,)
    every = 2 if log10(high / low) > 5 else 1
    places = [step * 10.0**ten for ten in tens if ten % every == 0 for step in steps]
    return tuple(place for place in places if low <= place <= high)


def card_key(lab: Lab) -> str:
    """Under which the hover card of a result is kept."""
    return f"lab-{lab.pk or '-'.join(map(str, lab.sources))}"


def lab_cards(labs: Sequence[Lab]) -> dict[str, str]:
    """The hover card of each result."""
    return {card_key(lab): "<br>".join(theme.plain_text(line) for line in lab_lines(lab)) for lab in labs}


def lab_lines(lab: Lab) -> list[str]:
    """What there is to say of a result, line by line."""
    ratio = [f"{lab.limit_ratio:.2f} × upper limit"] if lab.limit_ratio is not None else []
    entered = [f"entered as {lab.entered}"] if lab.entered and lab.unit not in lab.entered else []
    return [f"{lab.name}, {day(lab.taken_on)}", value_words(lab), *ratio, lab.standing.label, *entered]


def value_words(lab: Lab) -> str:
    """A result with its unit, and with the sign of a limit that it did not reach or ran over."""
    if lab.is_undetectable and not lab.value:
        return "not detected"
    # What is worked out has more digits than were measured.
    number = f"{lab.value:.4g}" if lab.sources else f"{lab.value:.6g}"
    bound = "" if lab.bound is Bound.EXACT else lab.bound.value
    return f"{bound}{number}" if lab.unit == RATIO else f"{bound}{number} {lab.unit}"
