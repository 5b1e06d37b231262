"""One clinical event as a person or a file says it: every kind with the fields it needs and no others."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from patients.lab_tables.cells import Problem, Reading, day_in_life
from patients.labs.words import DETAILS, GRADES, EventKind
from patients.measured.cells import CellRefused, dose_mg, name, title, word

FIELDS = ("kind", "date", "end", "grade", "dose_mg", "detail", "text", "lesion", "reader_1", "reader_2")
TEXT_LENGTH, READER_LENGTH = 200, 80
# What may go with an event beside its dates and its words.
HAS_LESION = (EventKind.RADIATION, EventKind.BIOPSY)
OF_ONE_DAY = (EventKind.ECOG, EventKind.BIOPSY, EventKind.DEATH, EventKind.LOST, EventKind.ADJUDICATED_OUTCOME)
NEEDS_TEXT = (EventKind.SYMPTOM, EventKind.OTHER)


@dataclass(frozen=True, slots=True)
class EventSaid:
    """An event that may be filed; `lesion` is the patient's own name for it."""

    kind: EventKind
    started_on: date
    ended_on: date | None = None
    grade: int | None = None
    value: float | None = None
    detail: str = ""
    text: str = ""
    lesion: str = ""
    reader_one: str = ""
    reader_two: str = ""

    @property
    def digest(self) -> str:
        """Over everything that was said; the same words have the same digest."""
        words = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}
        return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def checked_event(
    texts: Mapping[str, str], today: date, birth_year: int | None = None
) -> tuple[EventSaid | None, tuple[Problem, ...]]:
    """An event from the texts of `FIELDS`, or everything that is wrong in them.

    Parameters
    ----------
    today : nothing happened later.
    birth_year : nothing happened before, where it is known.
    """
    reading = Reading(dict(texts))
    kind = reading.read("kind", word(EventKind), needed=f"Say what happened: one of {', '.join(EventKind)}.")
    read_day = day_in_life(today, birth_year)
    started = reading.read("date", read_day, needed="The day is missing, as 2024-01-31.")
    ended = reading.read("end", read_day)
    text = reading.read("text", name(TEXT_LENGTH)) or ""
    if kind is None:
        return None, tuple(reading.problems)
    grade, dose, detail = _of_kind(reading, kind)
    lesion = reading.read("lesion", title(64)) or "" if kind in HAS_LESION else ""
    if kind not in HAS_LESION:
        _unasked(reading, "lesion", f"A lesion does not go with {kind.label}.")
    one, two = _readers(reading, kind)
    _check(reading, kind, started, ended, text)
    if reading.problems or started is None:
        return None, tuple(reading.problems)
    return EventSaid(kind, started, ended, grade, dose, detail, text, lesion, one, two), ()


def _of_kind(reading: Reading, kind: EventKind) -> tuple[int | None, float | None, str]:
    grade = dose = None
    detail = ""
    if kind in GRADES:
        grade = reading.read("grade", _graded(kind), needed=f"The grade is missing: {_span(kind)}.")
    else:
        _unasked(reading, "grade", f"A grade does not go with {kind.label}.")
    if kind is EventKind.STEROID:
        dose = reading.read("dose_mg", dose_mg, needed="The dose is missing: mg prednisone equivalent a day.")
    else:
        _unasked(reading, "dose_mg", f"A dose does not go with {kind.label}.")
    if kind in DETAILS:
        known = ", ".join(DETAILS[kind])
        detail = reading.read("detail", word(DETAILS[kind]), needed=f"Choose one of: {known}.") or ""
    else:
        _unasked(reading, "detail", f"No detail goes with {kind.label}.")
    return grade, dose, detail


def _graded(kind: EventKind) -> Callable[[str], int]:
    low, high = GRADES[kind]

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise CellRefused(f"{text} is no grade: {_span(kind)}.")
        return int(text)

    return read


def _span(kind: EventKind) -> str:
    low, high = GRADES[kind]
    return f"{'ECOG' if kind is EventKind.ECOG else 'CTCAE'} {low} to {high}"


def _unasked(reading: Reading, field: str, sentence: str) -> None:
    """Refuse a field that says nothing of this kind of event."""
    if reading.text(field):
        reading.refuse(field, sentence)


def _readers(reading: Reading, kind: EventKind) -> tuple[str, str]:
    if kind is not EventKind.ADJUDICATED_OUTCOME:
        for field in ("reader_1", "reader_2"):
            _unasked(reading, field, f"No reader goes with {kind.label}.")
        return "", ""
    read = title(READER_LENGTH)
    one, two = (reading.read(field, read, needed="Two readers are named.") or "" for field in ("reader_1", "reader_2"))
    if one and one.lower() == two.lower():
        reading.refuse("reader_2", "The two readers are two people.")
    return one, two


def _check(reading: Reading, kind: EventKind, started: date | None, ended: date | None, text: str) -> None:
    if started and ended and ended < started:
        reading.refuse("end", "The end lies before the start.")
    if ended and kind in OF_ONE_DAY:
        reading.refuse("end", f"{kind.label} is of one day: leave the end empty.")
    if kind in NEEDS_TEXT and not text:
        reading.refuse("text", "Say in a few words what it was.")
