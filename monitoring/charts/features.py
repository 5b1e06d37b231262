"""Sizes and radiomic features of the target lesions over time: each value, or the reason why not, and its line."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import marks, point
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.feature_names import FeatureName
from patients.timeline import Features, LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Modality

SIZE, VOLUME = "size_mm", "volume_ml"
_MEASURED = {SIZE: ("Size", "mm"), VOLUME: ("Volume", "mL")}
NO_UNIT = "no unit"
# Lesions with the scans at which texture may not be compared with the scan before: (lesion, scan).
Apart = Collection[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One quantity of one lesion at one visit: a value, or the reason why not."""

    track: LesionTrack
    timepoint: Timepoint
    seen: Observation | None
    value: float | None
    absence: str = ""

    @property
    def on(self) -> date:
        """Date of the scan it was read from, else of the visit."""
        return self.seen.observed_on if self.seen else self.timepoint.first_on


@dataclass(frozen=True, slots=True)
class Quantity:
    """A size (`size_mm`, `volume_ml`) or a radiomic feature by its full name."""

    name: str

    @property
    def label(self) -> str:
        """Its name for people."""
        if self.name in _MEASURED:
            return _MEASURED[self.name][0]
        try:
            return FeatureName.parse(self.name).label
        except ValueError:
            return self.name

    def unit(self, voxel_unit: str) -> str:
        """Its unit, given the unit of the voxels it was computed from."""
        if self.name in _MEASURED:
            return _MEASURED[self.name][1]
        try:
            return FeatureName.parse(self.name).unit(voxel_unit) or NO_UNIT
        except ValueError:
            return NO_UNIT

    def of(self, seen: Observation, track: LesionTrack) -> tuple[float | None, str]:
        """The value of one observation, or the reason in words."""
        if self.name in _MEASURED:
            return self._measured(seen, track)
        if seen.features is None:
            return None, _words(seen.absence or Absence.WAITING)
        place = feature_place(seen.features, self.name)
        if place is None:
            return None, _words(Absence.NOT_COMPUTED)
        value = seen.features.values[place]
        return value, "" if value is not None else _words(seen.features.reasons[place] or Absence.NOT_COMPUTED)

    def _measured(self, seen: Observation, track: LesionTrack) -> tuple[float | None, str]:
        if seen.sizes is None:
            return None, _words(seen.absence or Absence.NOT_OUTLINED)
        if self.name == VOLUME:
            return seen.sizes.volume_ml, ""
        if seen.sizes.absence:
            return None, _words(seen.sizes.absence)
        return (seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm), ""


def feature_place(features: Features, name: str) -> int | None:
    """Where a feature stands in a snapshot."""
    return features.names.index(name) if name in features.names else None


def _words(reason: str) -> str:
    return Absence(reason).label if reason in list(Absence) else reason


@dataclass(frozen=True, slots=True)
class Readings:
    """One quantity of some lesions at all visits, of one kind of scan only: values of another are never joined."""

    quantity: Quantity
    rows: tuple[Reading, ...]
    unit: str
    heading: str

    @classmethod
    def of(cls, timeline: PatientTimeline, quantity: Quantity, tracks: Sequence[LesionTrack]) -> "Readings":
        """Read one quantity of some lesions at the baseline, at all later visits, and wherever else it has a value."""
        since = {visit.pk for visit in timeline.since_baseline()}
        rows = [_reading(timeline, quantity, track, visit) for track in tracks for visit in timeline.timepoints]
        kinds = Counter(_kind(row.seen) for row in rows if row.seen and row.value is not None)
        usual = max(kinds, key=lambda kind: kinds[kind], default=None)
        if len(kinds) > 1 and quantity.name not in _MEASURED:
            rows = [row if row.seen is None or _kind(row.seen) == usual else _other(row) for row in rows]
        kept = tuple(row for row in rows if row.value is not None or row.timepoint.pk in since)
        units = {scan.pk: scan.unit for visit in timeline.timepoints for scan in visit.scans}
        voxels = next((units.get(row.seen.scan_pk, "") for row in kept if row.seen and row.value is not None), "")
        only = f", {usual[0].label} only" if usual and len(kinds) > 1 and quantity.name not in _MEASURED else ""
        return cls(quantity, kept, quantity.unit(voxels), f"{quantity.label}{only}")

    def of_lesion(self, track: LesionTrack) -> tuple[Reading, ...]:
        """The readings of one lesion."""
        return tuple(row for row in self.rows if row.track is track)


def _reading(timeline: PatientTimeline, quantity: Quantity, track: LesionTrack, visit: Timepoint) -> Reading:
    seen = timeline.at(track, visit)
    if seen is None:
        return Reading(track, visit, None, None, Absence.NOT_OUTLINED.label)
    return Reading(track, visit, seen, *quantity.of(seen, track))


def _kind(seen: Observation) -> tuple[Modality, str]:
    return seen.modality, seen.features.profile_digest if seen.features else ""


def _other(row: Reading) -> Reading:
    """A reading of another kind of scan, left out of the line."""
    return Reading(row.track, row.timepoint, row.seen, None, row.absence or Absence.PROFILE_DIFFERS.label)


def texture_apart(quantity: Quantity, apart: Apart) -> Apart:
    """Where the line of a quantity breaks between scans: sizes may be compared where texture may not."""
    return () if quantity.name in _MEASURED else apart


def is_apart(row: Reading, apart: Apart) -> bool:
    """Whether no line may lead to a reading from the one before it."""
    return row.seen is not None and (row.track.lesion_pk, row.seen.scan_pk) in apart


def lesion_line(
    rows: Sequence[Reading], index: int, axis: TimeAxis, apart: Apart = (), greyed: Collection[int] = ()
) -> Json:
    """The values of one lesion in its own colour, dash and marker; hollow and grey at the visits of `greyed`.

    A missing one breaks the line, and so does a pair of scans that may not be compared: a line would be its change.
    """
    style, colour = index % len(theme.SYMBOLS), theme.series_colour(index)
    name = theme.plain_text(rows[0].track.tracking_id) if rows else ""
    points = [(row, value) for row in rows for value in ([None] if is_apart(row, apart) else []) + [row.value]]
    trace = marks([axis.place(row.on) for row, _ in points], [value for _, value in points], name)
    trace |= {"mode": "lines+markers", "connectgaps": False}
    trace["line"] = {"color": colour, "width": 2, "dash": theme.DASHES[style]}
    trace["marker"] = {"symbol": theme.SYMBOLS[style], "size": 9, "color": colour}
    if greyed:
        is_grey = [row.timepoint.pk in greyed for row, _ in points]
        symbol = theme.SYMBOLS[style]
        trace["marker"]["symbol"] = [f"{symbol}-open" if grey else symbol for grey in is_grey]
        trace["marker"]["color"] = [theme.SOFT if grey else colour for grey in is_grey]
    trace["customdata"] = [_point(row) for row, _ in points]
    return trace


def missing_marks(readings: Readings, low: float, axis: TimeAxis) -> Iterator[Json]:
    """A small cross at the foot of the lane at each visit where a lesion has no value."""
    missing = sorted({(row.on, row.timepoint.pk) for row in readings.rows if row.value is None})
    if missing:
        trace = marks([axis.place(on) for on, _ in missing], [low] * len(missing), "No value")
        trace["marker"] = {"symbol": "x-thin-open", "size": 8, "color": theme.SOFT, "line": {"width": 1.5}}
        trace["customdata"] = [{"timepoint": pk} for _, pk in missing]
        yield trace


def _point(row: Reading) -> Json:
    return point(row.track, row.seen) if row.seen else {"timepoint": row.timepoint.pk}


def padded(values: Sequence[float]) -> tuple[float, float]:
    """A range with air around the values; one value, or none, still makes a range.

    >>> padded([0.0, 10.0]), padded([5.0]), padded([])
    ((-1.5, 11.5), (4.25, 5.75), (0.0, 1.0))
    """
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    air = 0.15 * ((high - low) or abs(high) or 1.0)
    return low - air, high + air
