"""One quantity of the target lesions as a lane of the course, around each baseline value the band of its noise."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitoring.charts import theme
from monitoring.charts.features import (
    NO_UNIT,
    Apart,
    Quantity,
    Reading,
    Readings,
    lesion_line,
    missing_marks,
    padded,
    texture_apart,
)
from monitoring.charts.lanes import EndLabel, Lane, rule
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.noise_beside import NoiseBeside
from patients.timeline import PatientTimeline
from patients.vocabulary import Reference

# Of a feature's name, a lesion, a visit and a feature set: the change from baseline beside its noise.
Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class NoiseSaid:
    """A change from baseline beside its noise, in words for a table."""

    words: str
    origin: str
    source: str
    is_greyed: bool
    is_without_volume: bool


@dataclass(frozen=True, slots=True)
class LaneNoise:
    """What is known of the noise of the values that a course shows; empty where nothing is."""

    known: Mapping[Key, NoiseBeside] = field(default_factory=dict)

    def beside(self, feature: str, row: Reading) -> NoiseBeside | None:
        """The change of one reading from baseline beside its noise."""
        if row.seen is None or row.seen.features is None:
            return None
        return self.known.get((feature, row.track.lesion_pk, row.timepoint.pk, row.seen.features.feature_set_pk))

    def said(self, feature: str, row: Reading, unit: str) -> NoiseSaid | None:
        """The same in words; None where there is no change to judge."""
        found = self.beside(feature, row)
        words = found.words("" if unit == NO_UNIT else unit) if found else ""
        if found is None or not words:
            return None
        source = found.source.label if found.source else ""
        return NoiseSaid(words, found.origin, source, found.is_greyed, found.is_without_volume)

    def legend(self, readings: Readings) -> str:
        """What the shaded band is and where it comes from; empty where none is drawn."""
        found = [self.beside(readings.quantity.name, row) for row in readings.rows]
        sources = {one.source.short_label: None for one in found if one and one.source and one.limit is not None}
        return f"shaded: within the MDC of baseline ({'; '.join(sources)})" if sources else ""


NO_NOISE = LaneNoise()


def feature_lane(
    timeline: PatientTimeline, quantity: Quantity, axis: TimeAxis, apart: Apart = (), noise: LaneNoise = NO_NOISE
) -> Lane:
    """One line a target lesion, in the quantity's own unit; where a value is missing a cross stands at the foot.

    Under each line lies what is within noise of the value at baseline; a change that is smaller than what can be
    measured, or one of many, is a hollow grey mark.
    """
    readings = Readings.of(timeline, quantity, timeline.targets)
    lines = [(index, track, readings.of_lesion(track)) for index, track in enumerate(timeline.targets)]
    limits = [limits_of(rows, quantity.name, noise) for _, _, rows in lines]
    drawn = [edge for stretches in limits for one in stretches for _, both in one for edge in both]
    low, high = padded([row.value for row in readings.rows if row.value is not None] + drawn)
    bands: list[Json] = []
    traces: list[Json] = []
    labels: list[EndLabel] = []
    for (index, track, rows), known in zip(lines, limits, strict=True):
        bands += band_of(known, rows, index, axis)
        beside = [(row, noise.beside(quantity.name, row)) for row in rows]
        greyed = {row.timepoint.pk for row, one in beside if one and one.is_greyed}
        traces.append(lesion_line(rows, index, axis, texture_apart(quantity, apart), greyed))
        last = next((row.value for row in reversed(rows) if row.value is not None), None)
        if last is not None:
            labels.append(EndLabel(last, theme.plain_text(track.tracking_id), theme.series_colour(index)))
    traces += missing_marks(readings, low, axis)
    legend = noise.legend(readings)
    return Lane(150, readings.unit, low, high, [*bands, *traces], readings.heading, labels=labels, legend=legend)


def value_limits(beside: NoiseBeside, value: float) -> tuple[float, float] | None:
    """Between which values a change from the reference is within noise; None: not known.

    The middle is the value at the reference; where what follows the volume was taken out of the change, it is what
    the volume leads to expect. So a value lies between the limits exactly where its change is within noise.

    Examples
    --------
    >>> from patients.words.noise_words import NoiseVerdict
    >>> value_limits(NoiseBeside(NoiseVerdict.INSIDE, change=4.0, limit=8.0), 54.0)
    (42.0, 58.0)
    >>> log = NoiseBeside(NoiseVerdict.INSIDE, is_log=True, change=math.log(2), limit=math.log(4))
    >>> [round(one, 9) for one in value_limits(log, 20.0)]
    [2.5, 40.0]
    """
    if beside.limit is None or beside.change is None:
        return None
    if beside.is_log:
        middle = value * math.exp(-beside.change)
        return middle * math.exp(-beside.limit), middle * math.exp(beside.limit)
    middle = value - beside.change
    return middle - beside.limit, middle + beside.limit


Limits = tuple[Reading, tuple[float, float]]
# How far a band reaches to both sides of a visit that stands alone.
ALONE = timedelta(4)


def limits_of(rows: Sequence[Reading], feature: str, noise: LaneNoise) -> list[list[Limits]]:
    """The band of one lesion at each visit where it is known, in stretches.

    A value without a known band between two visits, as where its scans may not be compared, ends a stretch.
    """
    found: list[list[Limits]] = [[]]
    for row in rows:
        beside = noise.beside(feature, row)
        limits = value_limits(beside, row.value) if beside and row.value is not None else None
        if limits:
            found[-1].append((row, limits))
        elif row.value is not None and found[-1]:
            found.append([])
    return [one for one in found if one]


def band_of(stretches: Sequence[Sequence[Limits]], rows: Sequence[Reading], index: int, axis: TimeAxis) -> list[Json]:
    """Faint areas in the lesion's colour, from its baseline on; none where no noise is known."""
    bands = []
    for limits in stretches:
        points = [(row.on, both) for row, both in limits]
        before = next((row for row in reversed(rows) if row.on < points[0][0] and row.value is not None), None)
        if limits is stretches[0] and before is not None:
            points.insert(0, (before.on, points[0][1]))
        if len(points) == 1:
            ((on, both),) = points
            points = [(on - ALONE, both), (on + ALONE, both)]
        bands.append(_area(points, limits[0][0], index, axis))
    return bands


def _area(points: Sequence[tuple[date, tuple[float, float]]], row: Reading, index: int, axis: TimeAxis) -> Json:
    across = [axis.place(on) for on, _ in points]
    heights = [up for _, (_, up) in points] + [down for _, (down, _) in reversed(points)]
    colour, name = theme.series_colour(index), theme.plain_text(row.track.tracking_id)
    trace = rule([*across, *reversed(across)], heights, colour, "dot", f"{name}: too small to be measured")
    return trace | {"fill": "toself", "fillcolor": colour, "opacity": 0.14, "line": {"width": 0}}


def card_lines(readings: Readings, timepoint_pk: int, noise: LaneNoise) -> Iterator[str]:
    """The lines of a visit's card that tell each change from baseline beside its noise, and its source."""
    for row in readings.rows:
        if row.timepoint.pk != timepoint_pk or row.value is None:
            continue
        said = noise.said(readings.quantity.name, row, readings.unit)
        if said is not None:
            origin = f"; {said.origin}" if said.origin else ""
            yield f"{row.track.tracking_id}, against {Reference.BASELINE.label}: {said.words}{origin}"
