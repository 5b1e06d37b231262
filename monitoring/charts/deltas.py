"""One feature of one lesion: its values over time, above the change against each reference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Protocol

from monitoring.charts import theme
from monitoring.charts.features import (
    NO_UNIT,
    Apart,
    Quantity,
    Reading,
    Readings,
    is_apart,
    lesion_line,
    missing_marks,
    padded,
    texture_apart,
)
from monitoring.charts.lanes import EndLabel, Lane, clear_shift, marks, on_surface, rule, stacked
from monitoring.charts.noise_band import band_limits, band_trace
from monitoring.charts.spark import sparkline
from monitoring.charts.theme import Drawing, Json
from monitoring.charts.time_axis import AxisKind, TimeAxis
from patients.noise_beside import NoiseBeside
from patients.timeline import LesionTrack, PatientTimeline
from patients.vocabulary import Reference
from patients.written_dates import day

Form = tuple[float | None, str | None]
Limits = list[tuple[date, tuple[float, float]]]
Noises = Mapping[tuple[int, Reference], NoiseBeside]

# A band is drawn so many times as far as the largest change.
REACH = 3.0

REFERENCE_LOOKS = {
    Reference.BASELINE: ("@series0", "solid", "circle"),
    Reference.PREVIOUS: ("@series1", "dash", "square"),
    Reference.NADIR: ("@series2", "dot", "diamond"),
}


class FeatureChanged(Protocol):
    """One feature at one visit against one reference: each form as value and reason code."""

    @property
    def timepoint_pk(self) -> int: ...
    @property
    def reference(self) -> Reference: ...
    @property
    def absolute(self) -> Form: ...
    @property
    def relative_ratio(self) -> Form: ...
    @property
    def build_differs(self) -> bool: ...


def feature_figure(
    timeline: PatientTimeline,
    track: LesionTrack,
    feature: str,
    changes: Sequence[FeatureChanged] = (),
    axis: str = AxisKind.CALENDAR,
    noises: Noises = MappingProxyType({}),
    apart: Apart = (),
) -> Drawing:
    """One feature of one lesion by date, with the baseline and the volume nadir marked, over its changes.

    Changes are drawn in per cent where the feature's scale allows it, else in the feature's own unit. `noises`:
    each change by visit and reference beside its noise; the band of changes against baseline is drawn. `apart`: where
    texture may not be compared with the scan before, no line leads.

    Raises ValueError for a patient without visits, and for another axis than `calendar` and `days`.
    """
    time = TimeAxis.of(timeline, AxisKind(axis))
    readings = Readings.of(timeline, Quantity(feature), [track])
    lanes = [_values_lane(timeline, readings, time, texture_apart(readings.quantity, apart))]
    if any(change.absolute[0] is not None for change in changes):
        lanes.append(_changes_lane(timeline, readings, changes, noises, time))
    data, layout = stacked(lanes, time)
    told = "; ".join(f"{day(row.on)} {theme.short(row.value)}" for row in readings.rows if row.value is not None)
    label = f"{readings.heading} of {track.tracking_id}, {readings.unit}: {told or 'no values'}"
    cards = {str(row.timepoint.pk): "<br>".join(_card(row, readings, changes, noises)) for row in readings.rows}
    return Drawing(data, layout, f"{label}. The same numbers stand in the table.", cards)


def readings_spark(readings: Readings, apart: Apart = ()) -> theme.Markup:
    """The values of one lesion as a sparkline, broken where texture may not be compared with the scan before."""
    seen = [row for row in readings.rows if row.seen is not None]
    broken = texture_apart(readings.quantity, apart)
    places = [place for place, row in enumerate(seen) if is_apart(row, broken)]
    return sparkline([(row.on, row.value) for row in seen], apart=places)


def _values_lane(timeline: PatientTimeline, readings: Readings, time: TimeAxis, apart: Apart) -> Lane:
    values = [row.value for row in readings.rows if row.value is not None]
    low, high = padded(values)
    traces = [lesion_line(readings.rows, 0, time, apart), *missing_marks(readings, low, time)]
    lane = Lane(210, readings.unit, low, high, traces, readings.heading)
    return replace(lane, notes=[_note(row, words, readings, lane, time) for row, words in _marked(timeline, readings)])


def _note(row: Reading, words: str, readings: Readings, lane: Lane, time: TimeAxis) -> Json:
    """A word at a point, where the line does not run."""
    at = readings.rows.index(row)
    y = lane.low if row.value is None else row.value
    beside = [readings.rows[near] for near in (at - 1, at + 1) if 0 <= near < len(readings.rows)]
    runs = [
        (time.across_px(near.on, row.on), lane.px(near.value) - lane.px(y))
        for near in beside
        if near.value is not None and row.value is not None
    ]
    shift = clear_shift(words, lane.px(y), lane.height_px, runs=runs)
    return on_surface(words, time.place(row.on), y, shift, {"size": 12, "color": theme.SOFT})


def _marked(timeline: PatientTimeline, readings: Readings) -> Iterator[tuple[Reading, str]]:
    """The visits that changes refer to: the baseline, and the smallest volume so far before the last visit."""
    baseline = timeline.baseline
    volumes = [
        (row.seen.sizes.volume_ml, row)
        for row in readings.rows
        if row.seen and row.seen.sizes and baseline and row.timepoint.first_on >= baseline.first_on
    ]
    before = [(volume_ml, row) for volume_ml, row in volumes if row is not readings.rows[-1] and volume_ml > 0]
    lowest = min(before, key=lambda item: item[0], default=(0.0, None))[1]
    for row in readings.rows:
        words = ["baseline"] * (row.timepoint is baseline) + ["volume nadir"] * (row is lowest)
        if words:
            yield row, ", ".join(words)


def _changes_lane(
    timeline: PatientTimeline, readings: Readings, changes: Sequence[FeatureChanged], noises: Noises, time: TimeAxis
) -> Lane:
    in_percent = any(change.relative_ratio[0] is not None for change in changes)
    traces: list[Json] = []
    labels: list[EndLabel] = []
    values: list[float] = [0.0]
    for reference, (colour, dash, symbol) in REFERENCE_LOOKS.items():
        points = _points(readings, changes, reference, in_percent=in_percent)
        if not points:
            continue
        heights = [value for _, value in points]
        trace = marks([time.place(row.on) for row, _ in points], heights, f"against {reference.label}")
        trace |= {"mode": "lines+markers", "line": {"color": colour, "width": 1.5, "dash": dash}}
        trace["marker"] = {"symbol": symbol, "size": 9, "color": colour}
        trace["customdata"] = [_clicked(row) for row, _ in points]
        traces.append(trace)
        labels.append(EndLabel(heights[-1], f"against {reference.label}", colour))
        values += heights
    limits = _limits(readings, changes, noises, in_percent=in_percent)
    limits = _within_reach(limits, REACH * max(map(abs, values)))
    values += [value for _, both in limits for value in both]
    begins_on = timeline.baseline.last_on if timeline.baseline else time.first_on
    band = band_trace(limits, begins_on, time)
    zero = rule([time.place(time.first_on), time.place(time.last_on)], [0, 0], theme.SOFT, "solid", "no change")
    low, high = padded(values)
    unit = "%" if in_percent else readings.unit
    return Lane(170, unit, low, high, [*([band] if band else []), zero, *traces], "Change", labels=labels)


def _within_reach(limits: Limits, reach: float) -> Limits:
    """The band cut off far beyond every change: a wide one would press them into a line. The table has its numbers."""
    if not reach:
        return limits
    return [(on, (max(down, -reach), min(up, reach))) for on, (down, up) in limits]


def _limits(readings: Readings, changes: Sequence[FeatureChanged], noises: Noises, *, in_percent: bool) -> Limits:
    """What is within noise against baseline, at each visit where that is known."""
    ratios = {one.timepoint_pk: one.relative_ratio[0] for one in changes if one.reference is Reference.BASELINE}
    found = []
    for row in readings.rows:
        beside = noises.get((row.timepoint.pk, Reference.BASELINE))
        if beside is not None and row.timepoint.pk in ratios:
            limits = band_limits(beside, ratios[row.timepoint.pk], in_percent=in_percent)
            found += [(row.on, limits)] if limits else []
    return found


def _points(
    readings: Readings, changes: Sequence[FeatureChanged], reference: Reference, *, in_percent: bool
) -> list[tuple[Reading, float]]:
    """The visits that have a change against one reference, in order."""
    forms = {
        change.timepoint_pk: change.relative_ratio[0] if in_percent else change.absolute[0]
        for change in changes
        if change.reference is reference
    }
    found = [(row, forms.get(row.timepoint.pk)) for row in readings.rows]
    return [(row, value * (100 if in_percent else 1)) for row, value in found if value is not None]


def _clicked(row: Reading) -> Json:
    code = row.seen.segmentation_code if row.seen else ""
    return {"timepoint": row.timepoint.pk, "lesion": row.track.code, "segmentation": code}


def _card(row: Reading, readings: Readings, changes: Sequence[FeatureChanged], noises: Noises) -> Iterator[str]:
    unit = "" if readings.unit == NO_UNIT else f" {theme.plain_text(readings.unit)}"
    yield day(row.on)
    yield f"{theme.short(row.value)}{unit}" if row.value is not None else theme.plain_text(row.absence)
    for change in changes:
        value, ratio = change.absolute[0], change.relative_ratio[0]
        if change.timepoint_pk == row.timepoint.pk and value is not None:
            percent = f" ({theme.signed(ratio * 100)} %)" if ratio is not None else ""
            sign = "+" if value > 0 else ""
            yield f"against {change.reference.label}: {sign}{theme.short(value)}{unit}{percent}"
            if change.build_differs:
                yield "another build of the engine than at the reference"
            beside = noises.get((row.timepoint.pk, change.reference))
            if beside is not None and (words := beside.words("" if readings.unit == NO_UNIT else readings.unit)):
                yield theme.plain_text(words)
