"""Therapy as it was really given: pauses as gaps, treatment beyond progression set apart, single lesions treated."""

from collections.abc import Iterator
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import ROOMY, marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.timeline import Course, PatientTimeline
from patients.written_dates import day

LOCAL = "Local"
BEYOND = "beyond progression"


def given(course: Course, until: date) -> list[tuple[date, date]]:
    """The stretches in which a course was given, up to a day: without its pauses.

    >>> from patients.vocabulary import DrugClass
    >>> pause = (date(2024, 2, 1), date(2024, 2, 20))
    >>> line = Course(1, "x", DrugClass.OTHER, date(2024, 1, 1), None, None, (pause,))
    >>> [(a.isoformat(), b.isoformat()) for a, b in given(line, date(2024, 3, 1))]
    [('2024-01-01', '2024-02-01'), ('2024-02-20', '2024-03-01')]
    """
    end = min(course.stopped_on or until, until)
    stretches, since = [], course.started_on
    for paused_on, resumed_on in sorted(course.holds, key=lambda hold: hold[0]):
        if since < paused_on <= end:
            stretches.append((since, paused_on))
        since = max(since, resumed_on or end)
    if since < end or not stretches:
        stretches.append((since, max(since, end)))
    return stretches


def bars(course: Course, row: int, axis: TimeAxis, progressed_on: date | None) -> Iterator[Json]:
    """One bar a stretch; what was given after progression is hollow with a broken edge."""
    for began, ended in given(course, axis.last_on):
        left, right = axis.clipped(began), axis.clipped(ended)
        turn = min(max(progressed_on, left), right) if progressed_on else right
        if left < turn:
            yield _bar(left, turn, row, axis, {"fillcolor": theme.THERAPY, "line": {"width": 0}})
        if turn < right:
            edge = {"color": theme.WORSE, "width": 1.5, "dash": "dot"}
            yield _bar(turn, right, row, axis, {"fillcolor": theme.NOTHING, "line": edge})


def _bar(left: date, right: date, row: int, axis: TimeAxis, look: Json) -> Json:
    place = {"x0": axis.place(left), "x1": axis.place(right), "y0": row - 0.36, "y1": row + 0.36}
    return {"type": "rect", **place, "layer": "below", **look}


def beyond_note(course: Course, row: int, axis: TimeAxis, progressed_on: date | None) -> Iterator[Json]:
    """The words in the hollow part of a bar, where they fit."""
    end = axis.clipped(course.stopped_on or axis.last_on)
    if progressed_on is None or progressed_on >= end:
        return
    since = max(axis.clipped(progressed_on), axis.clipped(course.started_on))
    words = f"{BEYOND}{'' if course.stopped_on else ' →'}"
    if axis.across_px(since, end) >= 6.4 * len(words):
        look = {"xanchor": "right", "xshift": -6, "name": ROOMY, "font": {"color": theme.INK, "size": 12}}
        yield {"x": axis.place(end), "y": row, "text": words, **look}


def local_marks(timeline: PatientTimeline, row: int, axis: TimeAxis) -> Json | None:
    """A cross at each day on which a single lesion was treated; its card says which and how."""
    treated = [
        (track.local_therapy_on, track.local_therapy.label, track.tracking_id)
        for track in timeline.tracks
        if track.local_therapy_on is not None and track.local_therapy is not None
    ]
    if not treated:
        return None
    trace = marks([axis.place(axis.clipped(on)) for on, _, _ in treated], [row] * len(treated), "Local therapy")
    trace["marker"] = {"symbol": "x", "size": 10, "color": theme.INK}
    trace["hovertext"] = [
        f"{day(on)}<br>{kind} of {theme.plain_text(name)}: no untouched target from here on"
        for on, kind, name in treated
    ]
    return trace
