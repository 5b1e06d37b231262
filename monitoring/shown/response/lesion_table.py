"""The lesion table: each lesion's size at each visit, and its latest change. No queries, no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitoring.shown.trust.sizes_apart import SizesApart
from patients.concluded.trusted import LesionComparison
from patients.noise_beside import NoiseBeside
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence

COMPARABLE = SizesApart()


@dataclass(frozen=True, slots=True)
class SizeCell:
    """A lesion at one visit: the size that counts for the sum (mm), or why there is none.

    `shares_visit`: the visit holds scans of several days or kinds, so it must be said which one was measured.
    """

    observation: Observation | None
    size_mm: float | None
    absence: Absence | None
    shares_visit: bool = False


@dataclass(frozen=True, slots=True)
class SizeChange:
    """A change of the size that counts: millimetres, and the fraction where there is something to divide by.

    `noise`: the change beside what can be measured, where that is known. `withheld`: why there is no change although
    there are two sizes: their scans are not comparable.
    """

    mm: float | None
    ratio: float | None
    noise: NoiseBeside | None = None
    withheld: str = ""


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
    volume_noise: NoiseBeside | None = None
    volume_withheld: str = ""


def lesion_rows(timeline: PatientTimeline, comparisons: Iterable[LesionComparison] = ()) -> tuple[LesionRow, ...]:
    """The lesion table: targets first, then by name; `comparisons` know which scans are not comparable."""
    unlike = SizesApart(comparisons)
    rows = [lesion_row(timeline, track, unlike) for track in timeline.tracks]
    return tuple(sorted(rows, key=lambda row: (row.track.role.value != "TARGET", row.track.tracking_id)))


def lesion_row(timeline: PatientTimeline, track: LesionTrack, unlike: SizesApart = COMPARABLE) -> LesionRow:
    """One lesion's sizes and changes; nodes by short axis, everything else by longest diameter."""
    cells = tuple(_size_cell(timeline, track, visit) for visit in timeline.timepoints)
    sized = [place for place, cell in enumerate(cells) if cell.size_mm is not None]
    latest = sized[-1] if sized else None
    baseline = _baseline_place(timeline)
    since = [place for place in sized if baseline is not None and baseline <= place and place != latest]
    nadir = min(since, key=lambda place: cells[place].size_mm or 0.0, default=None)

    def why(reference: int | None) -> str:
        sides = [cells[place].observation for place in (reference, latest) if place is not None]
        known = [seen.scan_pk for seen in sides if seen is not None]
        return unlike.why(track.lesion_pk, *known) if len(known) == 2 else ""

    def change(reference: int | None) -> SizeChange | None:
        found = _change(cells, reference, latest)
        return SizeChange(None, None, withheld=said) if found is not None and (said := why(reference)) else found

    volume, volume_withheld = _volume_change(cells, baseline, latest), why(baseline)
    return LesionRow(
        track=track,
        cells=cells,
        latest=cells[latest].observation if latest is not None else None,
        against_baseline=change(baseline),
        against_previous=change(sized[-2] if len(sized) > 1 else None),
        against_nadir=change(nadir),
        volume_change_ratio=None if volume_withheld else volume,
        volume_withheld=volume_withheld if volume is not None else "",
    )


def _size_cell(timeline: PatientTimeline, track: LesionTrack, visit: Timepoint) -> SizeCell:
    seen = timeline.at(track, visit)
    if seen is None:
        return SizeCell(None, None, Absence.NOT_OUTLINED)
    if seen.sizes is None or seen.sizes.absence:
        return SizeCell(seen, None, (seen.sizes and seen.sizes.absence) or seen.absence or Absence.WAITING)
    size_mm = seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm
    return SizeCell(seen, size_mm, None, len({(scan.modality, scan.acquired_on) for scan in visit.scans}) > 1)


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
