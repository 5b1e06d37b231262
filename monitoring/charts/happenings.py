"""Clinical events in one lane: steroids as bars with their dose, everything else as a mark with its card."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from monitoring.charts import theme
from monitoring.charts.lanes import ROOMY, Lane, marks
from monitoring.charts.theme import Json
from monitoring.charts.time_axis import TimeAxis
from patients.labs.seen import Event
from patients.labs.words import EventKind
from patients.timeline import PatientTimeline
from patients.written_dates import day

_OTHERS = "Events"
_ROWS = {
    EventKind.ECOG: "ECOG",
    EventKind.SYMPTOM: "Symptoms",
    EventKind.STEROID: "Steroid mg",
    EventKind.IRAE: "Immune",
}
_SYMBOLS = {
    EventKind.ECOG: "square-open",
    EventKind.SYMPTOM: "triangle-up-open",
    EventKind.STEROID: "line-ns-open",
    EventKind.IRAE: "diamond",
    EventKind.RADIATION: "star-triangle-down",
    EventKind.BIOPSY: "cross",
    EventKind.CLINICAL_PROGRESSION: "triangle-up",
    EventKind.DEATH: "x",
    EventKind.LOST: "circle-x-open",
    EventKind.ADJUDICATED_OUTCOME: "star",
    EventKind.OTHER: "circle",
}
_WORSE = (EventKind.CLINICAL_PROGRESSION, EventKind.DEATH, EventKind.IRAE)
ROW_PX = 24


def events_lane(events: Sequence[Event], axis: TimeAxis) -> Lane | None:
    """One row for each kind that is followed, one for all others; None where nothing happened within the axis."""
    shown = [event for event in events if _starts_before_end(event, axis) and _last(event, axis) >= axis.first_on]
    present = {_ROWS.get(event.kind, _OTHERS) for event in shown}
    names = [name for name in (*_ROWS.values(), _OTHERS) if name in present]
    if not names:
        return None
    places = {name: -row for row, name in enumerate(names)}
    traces, shapes, notes = [], [], []
    for name in names:
        here = [event for event in shown if _ROWS.get(event.kind, _OTHERS) == name]
        traces.append(_marks(here, places[name], axis))
        shapes += [_bar(event, places[name], axis) for event in here if _is_long(event)]
        notes += [_note(event, places[name], axis) for event in here if _letters(event)]
    rows = {row: name for name, row in places.items()}
    return Lane(ROW_PX * len(names), "", 0.5 - len(names), 0.5, traces, shapes=shapes, notes=notes, rows=rows)


def _starts_before_end(event: Event, axis: TimeAxis) -> bool:
    return event.started_on <= axis.last_on


def _last(event: Event, axis: TimeAxis) -> date:
    if event.ended_on is not None:
        return event.ended_on
    return axis.last_on if event.kind is EventKind.STEROID else event.started_on


def _is_long(event: Event) -> bool:
    return event.kind is EventKind.STEROID or event.ended_on is not None


def _marks(events: Sequence[Event], row: int, axis: TimeAxis) -> Json:
    trace = marks([axis.place(axis.clipped(event.started_on)) for event in events], [row] * len(events), "Events")
    ink = [theme.WORSE if event.kind in _WORSE else theme.INK for event in events]
    trace["marker"] = {"symbol": [_SYMBOLS[event.kind] for event in events], "size": 10, "color": ink}
    trace["customdata"] = [{"card": card_key(event)} for event in events]
    return trace


def _bar(event: Event, row: int, axis: TimeAxis) -> Json:
    ends = {"x0": axis.place(axis.clipped(event.started_on)), "x1": axis.place(axis.clipped(_last(event, axis)))}
    look = {"fillcolor": theme.THERAPY, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect", **ends, "y0": row - 0.32, "y1": row + 0.32, **look}


def _letters(event: Event) -> str:
    if event.kind is EventKind.STEROID:
        return f"{event.value:g}"
    if event.kind in (EventKind.ECOG, EventKind.IRAE, EventKind.SYMPTOM):
        return f"{'' if event.kind is EventKind.ECOG else 'G'}{event.grade}"
    return event.kind.label if event.kind in (EventKind.DEATH, EventKind.BIOPSY) else ""


def _note(event: Event, row: int, axis: TimeAxis) -> Json:
    ink = theme.ON_THERAPY if _is_long(event) else theme.SOFT
    look = {"name": ROOMY, "xanchor": "left", "xshift": 7, "font": {"color": ink, "size": 11}}
    return {"x": axis.place(axis.clipped(event.started_on)), "y": row, "text": _letters(event), **look}


def card_key(event: Event) -> str:
    """Under which the hover card of an event is kept."""
    return f"event-{event.pk}"


def event_cards(timeline: PatientTimeline, is_hidden: Callable[[Event], bool] = lambda _: False) -> dict[str, str]:
    """The hover card of each event, without those that are hidden."""
    names = {track.lesion_pk: track.tracking_id for track in timeline.tracks}
    return {
        card_key(event): "<br>".join(theme.plain_text(line) for line in event_lines(event, names))
        for event in timeline.events
        if not is_hidden(event)
    }


def event_lines(event: Event, lesion_names: Mapping[int, str]) -> list[str]:
    """What there is to say of an event, line by line: days, kind, what its kind asks for, words, lesion."""
    until = f" to {day(event.ended_on)}" if event.ended_on else ""
    grade = (
        "" if event.grade is None else f" {event.grade}" if event.kind is EventKind.ECOG else f", grade {event.grade}"
    )
    dose = "" if event.value is None else f", {event.value:g} mg prednisone equivalent a day"
    lesion = lesion_names.get(event.lesion_pk or 0, "")
    extra = [event.detail.label if event.detail else "", event.text, lesion, " and ".join(event.readers)]
    return [f"{day(event.started_on)}{until}", f"{event.kind.label}{grade}{dose}", *(line for line in extra if line)]
