"""The course chart as a table: one visit a row, one feature a table, and each visit as a hover card."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from monitoring.charts import theme
from monitoring.charts.feature_lane import NO_NOISE, LaneNoise, NoiseSaid
from monitoring.charts.features import NO_UNIT, SIZE, Quantity, Reading, Readings
from monitoring.charts.time_axis import day_zero
from patients.findings import PatientFindings, Response
from patients.timeline import LesionTrack, PatientTimeline, ScanSeen, Timepoint
from patients.vocabulary import Absence, Modality, ResponseCategory
from patients.written_dates import day, days


@dataclass(frozen=True, slots=True)
class TargetCell:
    """The size of one target at one visit (mm; nodes: short axis), or the reason in words."""

    lesion_code: str
    tracking_id: str
    segmentation_code: str
    size_mm: float | None
    absence: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One visit: what was scanned, how large the targets are, and what was called.

    `number` counts from 1, `when` says the dates of its scans, `on` is the first of them. `day` counts from the
    start of therapy, or from the baseline where no course is known. Changes are fractions (0.2 is 20 %) against
    the baseline sum and against the nadir before this visit.
    """

    timepoint_pk: int
    number: int
    is_baseline: bool
    on: date
    when: str
    day: int
    scans: tuple[ScanSeen, ...]
    sizes: tuple[TargetCell, ...]
    sum_mm: Decimal | None
    partial_sum_mm: Decimal | None
    from_baseline_ratio: Decimal | None
    from_nadir_ratio: Decimal | None
    from_nadir_mm: Decimal | None
    category: ResponseCategory | None
    reasons: tuple[str, ...]

    @property
    def spans_days(self) -> bool:
        """Whether its scans are of several days: each then needs its own date."""
        return len({scan.acquired_on for scan in self.scans}) > 1


@dataclass(frozen=True, slots=True)
class FeatureCell:
    """One feature of one lesion at one visit: a value, or the reason in words.

    `modality` and `unit` are given where a table mixes several of them. `noise`: its change from baseline beside
    what can be measured.
    """

    value: float | None
    absence: str
    modality: Modality | None = None
    unit: str = ""
    noise: NoiseSaid | None = None


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """One feature of all lesions, each with its cells in the order of the visits; `unit` where all have the same.

    `note` says what of it the chart leaves out.
    """

    name: str
    label: str
    unit: str
    rows: tuple[tuple[LesionTrack, tuple[FeatureCell, ...]], ...]
    note: str = ""

    @property
    def has_noise(self) -> bool:
        """Whether any change from baseline is told beside its noise."""
        return any(cell.noise for _, cells in self.rows for cell in cells)


def course_table(timeline: PatientTimeline, findings: PatientFindings) -> tuple[CourseRow, ...]:
    """The course as rows in the order of the visits; the same numbers that the chart draws."""
    return tuple(
        _row(timeline, visit, number, findings.response_at(visit.pk))
        for number, visit in enumerate(timeline.timepoints, start=1)
    )


def latest_concluded(rows: Sequence[CourseRow]) -> CourseRow | None:
    """The last visit that has a response; None before the first."""
    return next((row for row in reversed(rows) if row.category is not None), None)


def _row(timeline: PatientTimeline, visit: Timepoint, number: int, response: Response | None) -> CourseRow:
    total = response.sum_mm if response else None
    baseline = response.baseline_sum_mm if response else None
    nadir = response.nadir_sum_mm if response else None
    is_later = response is not None and response.category is not ResponseCategory.BASELINE
    return CourseRow(
        timepoint_pk=visit.pk,
        number=number,
        is_baseline=visit is timeline.baseline,
        on=visit.first_on,
        when=days(visit.first_on, visit.last_on),
        day=(visit.first_on - day_zero(timeline)[0]).days,
        scans=visit.scans,
        sizes=tuple(_size(timeline, visit)),
        sum_mm=total,
        partial_sum_mm=response.partial_sum_mm if response else None,
        from_baseline_ratio=_ratio(total, baseline) if is_later else None,
        from_nadir_ratio=_ratio(total, nadir),
        from_nadir_mm=None if total is None or nadir is None else total - nadir,
        category=response.category if response else None,
        reasons=response.reasons if response else (),
    )


def _ratio(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return (now - then) / then if now is not None and then else None


def _size(timeline: PatientTimeline, visit: Timepoint) -> Iterator[TargetCell]:
    for track in timeline.targets:
        seen = timeline.at(track, visit)
        value, absence = Quantity(SIZE).of(seen, track) if seen else (None, Absence.NOT_OUTLINED.label)
        yield TargetCell(track.code, track.tracking_id, seen.segmentation_code if seen else "", value, absence)


def feature_table(timeline: PatientTimeline, name: str, noise: LaneNoise = NO_NOISE) -> FeatureTable:
    """One feature of every lesion at every visit, also of kinds of scan that the chart does not join."""
    quantity = Quantity(name)
    units = {scan.pk: quantity.unit(scan.unit) for visit in timeline.timepoints for scan in visit.scans}
    rows = tuple(
        (track, tuple(_feature_cell(timeline, quantity, track, visit, units, noise) for visit in timeline.timepoints))
        for track in timeline.tracks
    )
    valued = [cell for _, cells in rows for cell in cells if cell.value is not None]
    used = {cell.unit for cell in valued}
    drawn = Readings.of(timeline, quantity, timeline.targets).heading
    if len({cell.modality for cell in valued}) > 1 or len(used) > 1:
        note = f"the chart draws {drawn.removeprefix(f'{quantity.label}, ')}" if drawn != quantity.label else ""
        return FeatureTable(name, quantity.label, "", rows, note)
    plain = tuple((track, tuple(replace(cell, modality=None, unit="") for cell in cells)) for track, cells in rows)
    return FeatureTable(name, quantity.label, "".join(used), plain)


def _feature_cell(
    timeline: PatientTimeline,
    quantity: Quantity,
    track: LesionTrack,
    visit: Timepoint,
    units: dict[int, str],
    noise: LaneNoise,
) -> FeatureCell:
    seen = timeline.at(track, visit)
    if seen is None:
        return FeatureCell(None, Absence.NOT_OUTLINED.label)
    value, absence = quantity.of(seen, track)
    unit = units.get(seen.scan_pk, NO_UNIT)
    said = noise.said(quantity.name, Reading(track, visit, seen, value), unit)
    return FeatureCell(value, absence, seen.modality, "" if unit == NO_UNIT else unit, said)


def cards(rows: Sequence[CourseRow], lanes: Sequence[Readings]) -> dict[str, str]:
    """For each visit, by its key, everything the chart shows of it, as one hover card."""
    return {str(row.timepoint_pk): "<br>".join(_card(row, lanes)) for row in rows}


def _card(row: CourseRow, lanes: Sequence[Readings]) -> Iterator[str]:
    yield f"{row.when} · day {row.day}".replace("-", "−")
    for scan in row.scans:
        words = f"{scan.modality.label}, {day(scan.acquired_on)}"
        yield f"{words}: {theme.plain_text(scan.description)}" if scan.description else words
    if row.category is not None:
        yield _sum(row)
    for cell in row.sizes:
        shown = cell.absence if cell.size_mm is None else f"{cell.size_mm:.1f} mm"
        yield f"{theme.plain_text(cell.tracking_id)}: {shown}"
    for lane in lanes:
        if lane.quantity.name == SIZE:
            continue  # the sizes stand above
        here = [
            reading for reading in lane.rows if reading.timepoint.pk == row.timepoint_pk and reading.value is not None
        ]
        if here:
            unit = f" {theme.plain_text(lane.unit)}" if lane.unit != NO_UNIT else ""
            values = ", ".join(f"{theme.plain_text(r.track.tracking_id)} {theme.short(r.value or 0.0)}" for r in here)
            yield f"{theme.plain_text(lane.heading)}: {values}{unit}"


def _sum(row: CourseRow) -> str:
    """The sum of a visit with its changes and what was called."""
    label = row.category.label if row.category else ""
    if row.sum_mm is None:
        partial = f" (measured targets: {row.partial_sum_mm:.1f} mm)" if row.partial_sum_mm else ""
        return f"{label}{partial}"
    parts = [f"Sum {row.sum_mm:.1f} mm"]
    if row.from_baseline_ratio is not None:
        parts.append(f"{theme.signed(float(row.from_baseline_ratio * 100))} % from baseline")
    if row.from_nadir_mm is not None:
        parts.append(f"{theme.signed(float(row.from_nadir_mm))} mm against nadir")
    return f"{', '.join(parts)}: {label}"
