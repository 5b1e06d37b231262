"""All outlined disease beside the targets: the volume of every outlined lesion, and the sum of new measured ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.charts import theme
from monitoring.charts.features import Apart, padded
from monitoring.charts.lanes import EndLabel, Lane, marks
from monitoring.charts.response.calls import CourseCalls
from monitoring.charts.response.lane import place_of
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.timeline import LesionTrack, PatientTimeline, Timepoint
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind, SizeState

HEADING = "Total tumour burden: volume of all outlined lesions"


@dataclass(frozen=True, slots=True)
class Burden:
    """The outlined disease of one visit: its volume (mL; None: nothing is outlined), of how many lesions.

    `missing` names the lesions that were outlined before and have no volume here. `is_apart`: some were measured on
    scans that are not comparable with those before.
    """

    timepoint: Timepoint
    volume_ml: float | None
    lesions: int
    missing: tuple[str, ...]
    is_apart: bool = False


def burdens(timeline: PatientTimeline, unlike: Apart = ()) -> tuple[Burden, ...]:
    """The outlined disease of every visit, targets or not; `unlike`: lesions with scans not comparable with before."""
    found = []
    known: set[int] = set()
    for visit in timeline.timepoints:
        seen = [(track, timeline.at(track, visit)) for track in timeline.tracks]
        sized = {t.lesion_pk: one.sizes.volume_ml for t, one in seen if one is not None and one.sizes is not None}
        missing = [t.tracking_id for t in timeline.tracks if t.lesion_pk in known and t.lesion_pk not in sized]
        known |= set(sized)
        is_apart = any(one is not None and (track.lesion_pk, one.scan_pk) in unlike for track, one in seen)
        found.append(Burden(visit, sum(sized.values()) if sized else None, len(sized), tuple(missing), is_apart))
    return tuple(found)


def burden_lane(timeline: PatientTimeline, axis: TimeAxis, unlike: Apart = ()) -> Lane:
    """The volume of all outlined lesions; hollow and off the line where a lesion seen before has no outline.

    The line breaks where scans are not comparable with those before: it would be a change.
    """
    rows = burdens(timeline, unlike)
    places = [axis.place(row.timepoint.last_on) for row in rows]
    points = [
        (axis.place(row.timepoint.last_on), volume_ml, {"timepoint": row.timepoint.pk})
        for row in rows
        for volume_ml in ([None] if row.is_apart else []) + [None if row.missing else row.volume_ml]
    ]
    trace = marks([across for across, _, _ in points], [value for _, value, _ in points], "Total volume")
    trace |= {
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"color": theme.INK, "width": 2, "dash": "dashdot"},
    }
    trace["marker"] = {"symbol": "hexagon", "size": 9, "color": theme.INK}
    trace["customdata"] = [told for _, _, told in points]
    partial = [(place, row) for place, row in zip(places, rows, strict=True) if row.missing and row.volume_ml]
    traces = [trace]
    if partial:
        hollow = marks([place for place, _ in partial], [row.volume_ml for _, row in partial], "Partial volume")
        hollow["marker"] = {"symbol": "line-ew-open", "size": 14, "color": theme.SOFT, "line": {"width": 2}}
        hollow["customdata"] = [{"timepoint": row.timepoint.pk} for _, row in partial]
        traces.append(hollow)
    values = [row.volume_ml for row in rows if row.volume_ml is not None]
    low, high = padded(values)
    return Lane(130, "mL", max(0.0, low) if values else low, high, traces, HEADING)


def new_sum(calls: CourseCalls, axis: TimeAxis) -> Iterator[tuple[Json, EndLabel]]:
    """The sum of the new measured lesions (iRECIST keeps it apart from the targets), where there are any."""
    tracks = [t for t in calls.timeline.tracks if t.role is LesionRole.NEW and t.new_kind is NewLesionKind.TARGET]
    points = [(visit, _new_mm(calls, visit, tracks)) for visit in calls.called_visits]
    valued = [(visit, mm) for visit, mm in points if mm is not None]
    if not valued:
        return
    trace = marks([place_of(calls, v, axis) for v, _ in valued], [mm for _, mm in valued], "New lesions")
    trace |= {"mode": "lines+markers", "line": {"color": theme.WORSE, "width": 1.5, "dash": "dashdot"}}
    trace["marker"] = {"symbol": "star-open", "size": 11, "color": theme.WORSE, "line": {"width": 1.5}}
    trace["customdata"] = [{"timepoint": visit.pk} for visit, _ in valued]
    yield trace, EndLabel(valued[-1][1], f"new lesions<br>{valued[-1][1]:.1f} mm", theme.WORSE)


def _new_mm(calls: CourseCalls, visit: Timepoint, tracks: list[LesionTrack]) -> float | None:
    """What the new measured lesions add up to; None before the first and where one of them has no size."""
    said = calls.judgements.get(visit.pk)
    sizes = [_size_mm(calls, visit, track) for track in tracks]
    known = [mm for mm in sizes if mm is not None]
    if said is None or said.new is NewDisease.NE or not known:
        return None
    return sum(known)


def _size_mm(calls: CourseCalls, visit: Timepoint, track: LesionTrack) -> float | None:
    judgement = calls.judgements.get(visit.pk)
    said = judgement.of(track.lesion_pk) if judgement else None
    if said and said.state is SizeState.MEASURED and said.diameter_mm is not None:
        return said.diameter_mm
    if said and said.state is not SizeState.MEASURED:
        return None
    seen = calls.timeline.at(track, visit)
    if seen is None or seen.sizes is None or seen.sizes.absence:
        return None
    return seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm
