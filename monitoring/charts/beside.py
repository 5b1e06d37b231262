"""Blood and events beside the scans: which of them the chart shows, as lanes and as the rows of its table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.charts.blood import MOST_LABS, default_labs, lab_lane, lab_series, value_words
from monitoring.charts.happenings import event_lines, events_lane
from monitoring.charts.lanes import Lane
from monitoring.charts.response.calls import CourseCalls
from monitoring.charts.time_axis import TimeAxis
from patients.labs.seen import Event, Lab
from patients.labs.words import EventKind, Standing
from patients.written_dates import day


@dataclass(frozen=True, slots=True)
class LabRow:
    """One result: its value in words with its unit, as a multiple of the upper limit, where it stands, as typed.

    `day` counts from day zero; `is_drawn` is False where it lies beyond the ends of the chart.
    """

    on: date
    day: int
    value: str
    limit_ratio: float | None
    standing: str
    is_outside: bool
    entered: str
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class LabTable:
    """One series of results in the order of days."""

    name: str
    unit: str
    rows: tuple[LabRow, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event: its days, what it was, and what else there is to say of it."""

    when: str
    day: int
    what: str
    words: str
    is_drawn: bool


def shown_labs(calls: CourseCalls, labs: Sequence[str] | None) -> list[tuple[Lab, ...]]:
    """The series that are asked for by their keys, at most three; None for those that matter most."""
    known = lab_series(calls.timeline)
    keys = default_labs(calls.timeline) if labs is None else labs
    return [known[key] for key in keys[:MOST_LABS] if key in known]


def shown_events(calls: CourseCalls) -> list[Event]:
    """The events that the viewer may know of."""
    return [event for event in calls.timeline.events if not tells(event, calls)]


def tells(event: Event, calls: CourseCalls) -> bool:
    """Whether an event tells a blinded reader what the others found."""
    return event.kind is EventKind.ADJUDICATED_OUTCOME and bool(calls.blinding.hidden)


def lanes_beside(calls: CourseCalls, labs: Sequence[str] | None, axis: TimeAxis) -> Iterator[Lane]:
    """Blood and events, where there are any within the axis."""
    lanes = [lab_lane(series, axis) for series in shown_labs(calls, labs)]
    yield from (lane for lane in [*lanes, events_lane(shown_events(calls), axis)] if lane is not None)


def lab_tables(calls: CourseCalls, labs: Sequence[str] | None, axis: TimeAxis) -> tuple[LabTable, ...]:
    """The same results as tables, with those that lie beyond the ends of the chart."""
    return tuple(
        LabTable(series[0].name, series[0].unit, tuple(_lab_row(lab, axis) for lab in series))
        for series in shown_labs(calls, labs)
    )


def _lab_row(lab: Lab, axis: TimeAxis) -> LabRow:
    return LabRow(
        on=lab.taken_on,
        day=axis.day(lab.taken_on),
        value=value_words(lab),
        limit_ratio=lab.limit_ratio,
        standing=lab.standing.label,
        is_outside=lab.standing in (Standing.HIGH, Standing.LOW),
        entered=lab.entered or "worked out from other results",
        is_drawn=axis.first_on <= lab.taken_on <= axis.last_on,
    )


def event_table(calls: CourseCalls, axis: TimeAxis) -> tuple[EventRow, ...]:
    """The same events as rows, in the order of their days, with those beyond the ends of the chart."""
    names = {track.lesion_pk: track.tracking_id for track in calls.timeline.tracks}
    events = sorted(shown_events(calls), key=lambda event: (event.started_on, event.pk))
    return tuple(_event_row(event, names, axis) for event in events)


def _event_row(event: Event, names: dict[int, str], axis: TimeAxis) -> EventRow:
    _, what, *rest = event_lines(event, names)
    goes_on = event.kind is EventKind.STEROID and event.ended_on is None
    until = f" to {day(event.ended_on)}" if event.ended_on else ", goes on" if goes_on else ""
    last = event.ended_on or (axis.last_on if goes_on else event.started_on)
    is_drawn = event.started_on <= axis.last_on and last >= axis.first_on
    when = f"{day(event.started_on)}{until}"
    return EventRow(when, axis.day(event.started_on), what, ", ".join(rest), is_drawn)
