"""What was done when: therapy bars, and the scans of each visit."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from monitoring.charts import theme
from monitoring.charts.lanes import ROOMY, Lane, marks
from monitoring.charts.response.therapy import LOCAL, bars, beyond_note, local_marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.timeline import Course, PatientTimeline, Timepoint
from patients.vocabulary import Modality
from patients.written_dates import day


def therapy_lane(
    timeline: PatientTimeline, axis: TimeAxis, progressed: Mapping[int, date] | None = None
) -> Lane | None:
    """One row a course, its name inside; a course that goes on reaches the right edge and has an arrow.

    `progressed`: by course, the day of progression, after which its bar is hollow. Treatment of single lesions
    has a row of its own.
    """
    courses = [c for c in timeline.courses if c.stopped_on is None or c.stopped_on >= axis.first_on]
    local = local_marks(timeline, -len(courses), axis)
    if not courses and local is None:
        return None
    shapes: list[Json] = []
    notes: list[Json] = []
    for row, course in enumerate(sorted(courses, key=lambda c: (c.started_on, c.pk))):
        progressed_on = (progressed or {}).get(course.pk)
        shapes += bars(course, -row, axis, progressed_on)
        beyond = list(beyond_note(course, -row, axis, progressed_on))
        notes += [_name(course, -row, axis, goes_on=course.stopped_on is None and not beyond), *beyond]
    rows = {0: "Therapy"} if courses else {}
    rows |= {-len(courses): LOCAL} if local else {}
    count = len(courses) + bool(local)
    return Lane(26 * count, "", 0.5 - count, 0.5, [local] if local else [], shapes=shapes, notes=notes, rows=rows)


def _name(course: Course, row: int, axis: TimeAxis, *, goes_on: bool) -> Json:
    """The name of a course at the start of its bar."""
    left = axis.clipped(course.started_on)
    before = f", since {day(course.started_on)}" if left > course.started_on else ""
    text = f"{theme.plain_text(course.name)}{before}{' →' if goes_on else ''}"
    look = {"xanchor": "left", "xshift": 6, "font": {"color": theme.ON_THERAPY, "size": 12}}
    return {"x": axis.place(left), "y": row, "text": text, **look}


def scans_lane(timeline: PatientTimeline, axis: TimeAxis, unlike: Collection[int] = ()) -> Lane:
    """One marker a scan, its row and its shape the modality; long times without any are named.

    `unlike`: the scans that are not comparable with baseline in texture are hollow.
    Visits that were measured elsewhere have no scan here: they stand in a row of their own.
    """
    present = {scan.modality for visit in timeline.timepoints for scan in visit.scans}
    modalities = [modality for modality in Modality if modality in present]
    traces = []
    for row, modality in enumerate(modalities):
        shown = [(visit, s) for visit in timeline.timepoints for s in visit.scans if s.modality is modality]
        trace = marks([axis.place(s.acquired_on) for _, s in shown], [-row] * len(shown), f"{modality.label} scans")
        symbol = theme.MODALITY_SYMBOLS[modality]
        trace["marker"] = {"symbol": symbol, "size": 11, "color": theme.INK}
        if unlike:
            symbols = [f"{symbol}-open" if s.pk in unlike else symbol for _, s in shown]
            trace["marker"] |= {"symbol": symbols, "line": {"width": 2}}
        trace["customdata"] = [{"timepoint": visit.pk, "scan": s.code} for visit, s in shown]
        traces.append(trace)
    labels = [modality.label for modality in modalities]
    elsewhere = [visit for visit in timeline.timepoints if not visit.scans]
    if elsewhere:
        traces.append(_elsewhere(elsewhere, -len(labels), axis))
        labels.append("No scan here")
    rows = {-row: label for row, label in enumerate(labels)}
    height = 28 * len(labels)
    return Lane(height, "", 0.5 - len(rows), 0.5, traces, notes=list(_gaps(timeline, axis)), rows=rows)


def _elsewhere(visits: Sequence[Timepoint], y: int, axis: TimeAxis) -> Json:
    """A hollow circle for each visit whose scans were measured elsewhere."""
    trace = marks([axis.place(visit.first_on) for visit in visits], [y] * len(visits), "Measured elsewhere")
    trace["marker"] = {"symbol": "circle-open", "size": 11, "color": theme.INK, "line": {"width": 2}}
    trace["customdata"] = [{"timepoint": visit.pk} for visit in visits]
    return trace


def _gaps(timeline: PatientTimeline, axis: TimeAxis) -> Iterator[Json]:
    """Words into each stretch without a scan that is much longer than this patient's others, or than four months."""
    pairs = list(pairwise(timeline.timepoints))
    lengths = [(later.first_on - earlier.last_on).days for earlier, later in pairs]
    usual = sorted(lengths)[len(lengths) // 2] if len(lengths) > 2 else 120
    for (earlier, _), days in zip(pairs, lengths, strict=True):
        if days >= max(100, 1.6 * usual):
            middle = date.fromordinal(earlier.last_on.toordinal() + days // 2)
            look = {"name": ROOMY, "font": {"color": theme.SOFT, "size": 12}}
            yield {"x": axis.place(middle), "y": 0, "text": f"gap of {days} days", **look}
