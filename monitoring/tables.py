"""Frozen timeline and findings to the rows of the tables: sizes, changes, verdict. No queries, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patients.feature_names import FeatureName
from patients.findings import PatientFindings, Response
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence


@dataclass(frozen=True, slots=True)
class Visit:
    """One column: a timepoint with its number, its day of therapy and what was called."""

    timepoint: Timepoint
    number: int
    days: int | None
    is_baseline: bool
    response: Response | None

    @property
    def on(self) -> date:
        """The date the visit stands under: the first scan's, or the one the call counts from."""
        return self.response.assessed_on if self.response else self.timepoint.first_on


@dataclass(frozen=True, slots=True)
class SizeCell:
    """A lesion at one visit: the size that counts for the sum (mm), or why there is none."""

    observation: Observation | None
    size_mm: float | None
    absence: Absence | None


@dataclass(frozen=True, slots=True)
class SizeChange:
    """A change of the size that counts: millimetres, and the fraction where there is something to divide by."""

    mm: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class LesionRow:
    """One lesion: its size at each visit, the latest sizes, and the latest change against three references."""

    track: LesionTrack
    cells: tuple[SizeCell, ...]
    latest: Observation | None
    against_baseline: SizeChange | None
    against_previous: SizeChange | None
    against_nadir: SizeChange | None
    volume_change_ratio: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the strip says first."""

    visit: Visit
    response: Response
    is_latest_visit: bool


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature of one lesion at each visit: a value, or the reason in words."""

    track: LesionTrack
    cells: tuple[tuple[float | None, str], ...]


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """One chosen feature of all lesions."""

    name: str
    label: str
    unit: str
    rows: tuple[FeatureRow, ...]


def visits_of(timeline: PatientTimeline, findings: PatientFindings) -> tuple[Visit, ...]:
    """Every visit in order, with the day of the current therapy it falls on."""
    course, baseline = timeline.current_course, timeline.baseline
    return tuple(
        Visit(
            timepoint,
            number,
            (timepoint.first_on - course.started_on).days if course else None,
            timepoint is baseline,
            findings.response_at(timepoint.pk),
        )
        for number, timepoint in enumerate(timeline.timepoints, start=1)
    )


def verdict_of(visits: Sequence[Visit]) -> Verdict | None:
    """The last visit that is concluded; None before the first."""
    concluded = [visit for visit in visits if visit.response is not None]
    if not concluded:
        return None
    last = concluded[-1]
    response = last.response
    return Verdict(last, response, last is visits[-1]) if response else None


def lesion_rows(timeline: PatientTimeline) -> tuple[LesionRow, ...]:
    """The lesion table: targets first, then by name."""
    rows = [lesion_row(timeline, track) for track in timeline.tracks]
    return tuple(sorted(rows, key=lambda row: (row.track.role.value != "TARGET", row.track.tracking_id)))


def lesion_row(timeline: PatientTimeline, track: LesionTrack) -> LesionRow:
    """One lesion's sizes and changes; nodes by short axis, everything else by longest diameter."""
    cells = tuple(_size_cell(track, track.at(visit.pk)) for visit in timeline.timepoints)
    sized = [place for place, cell in enumerate(cells) if cell.size_mm is not None]
    latest = sized[-1] if sized else None
    baseline = _baseline_place(timeline)
    since = [place for place in sized if baseline is not None and baseline <= place and place != latest]
    nadir = min(since, key=lambda place: cells[place].size_mm or 0.0, default=None)
    return LesionRow(
        track=track,
        cells=cells,
        latest=cells[latest].observation if latest is not None else None,
        against_baseline=_change(cells, baseline, latest),
        against_previous=_change(cells, sized[-2] if len(sized) > 1 else None, latest),
        against_nadir=_change(cells, nadir, latest),
        volume_change_ratio=_volume_change(cells, baseline, latest),
    )


def feature_tables(timeline: PatientTimeline, names: Sequence[str]) -> tuple[FeatureTable, ...]:
    """The chosen features as tables: the twin of their lanes in the chart."""
    units = {scan.pk: scan.unit for visit in timeline.timepoints for scan in visit.scans}
    return tuple(_feature_table(timeline, name, units) for name in names)


def _feature_table(timeline: PatientTimeline, name: str, units: dict[int, str]) -> FeatureTable:
    parsed = FeatureName.parse(name)
    used = {units[seen.scan_pk] for track in timeline.tracks for seen in track.observations if seen.features}
    found = sorted({parsed.unit(unit) for unit in used} - {""})
    rows = tuple(
        FeatureRow(track, tuple(feature_cell(track.at(visit.pk), name) for visit in timeline.timepoints))
        for track in timeline.tracks
    )
    return FeatureTable(name, parsed.label, " or ".join(found), rows)


def feature_cell(seen: Observation | None, name: str) -> tuple[float | None, str]:
    """A feature's value at one visit, or the reason in words."""
    if seen is None:
        return None, Absence.NOT_OUTLINED.label
    if seen.features is None:
        return None, (seen.absence or Absence.WAITING).label
    try:
        place = seen.features.names.index(name)
    except ValueError:
        return None, Absence.NOT_COMPUTED.label
    value, reason = seen.features.values[place], seen.features.reasons[place]
    return value, Absence(reason).label if reason else ""


def _size_cell(track: LesionTrack, seen: Observation | None) -> SizeCell:
    if seen is None:
        return SizeCell(None, None, Absence.NOT_OUTLINED)
    if seen.sizes is None or seen.sizes.absence:
        return SizeCell(seen, None, (seen.sizes and seen.sizes.absence) or seen.absence or Absence.WAITING)
    return SizeCell(seen, seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm, None)


def _baseline_place(timeline: PatientTimeline) -> int | None:
    return timeline.timepoints.index(timeline.baseline) if timeline.baseline else None


def _change(cells: Sequence[SizeCell], reference: int | None, latest: int | None) -> SizeChange | None:
    if reference is None or latest is None or reference >= latest:
        return None
    before, now = cells[reference].size_mm, cells[latest].size_mm
    if before is None or now is None:
        return None
    return SizeChange(now - before, (now - before) / before if before else None)


def _volume_change(cells: Sequence[SizeCell], reference: int | None, latest: int | None) -> float | None:
    if reference is None or latest is None or reference >= latest:
        return None
    before, now = cells[reference].observation, cells[latest].observation
    if not before or not before.sizes or not before.sizes.volume_ml or not now or not now.sizes:
        return None
    return now.sizes.volume_ml / before.sizes.volume_ml - 1
