"""Cells that results and events share: numbers with a bound, days with a time, and what is wrong with one of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from patients.labs.words import Bound
from patients.measured.cells import CellRefused, day, plain

T = TypeVar("T")

NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,20})?")
UNDETECTABLE = frozenset({"undetectable", "not detected", "nd", "negative", "none detected"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one field, as a sentence that says how to mend it."""

    field: str
    sentence: str


class Reading:
    """Reads fields one by one and gathers what is wrong with them."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.problems: list[Problem] = []

    def text(self, field: str) -> str:
        """A field without outer spaces, empty where it cannot be read."""
        try:
            return plain(self.texts.get(field, ""))
        except CellRefused as refusal:
            self.refuse(field, str(refusal))
            return ""

    def read(self, field: str, reader: Callable[[str], T], *, needed: str = "") -> T | None:
        """A field by its reader, None where it is empty or refused; `needed`: what to say of an empty one."""
        before = len(self.problems)
        text = self.text(field)
        if not text:
            if needed and len(self.problems) == before:
                self.refuse(field, needed)
            return None
        try:
            return reader(text)
        except CellRefused as refusal:
            self.refuse(field, str(refusal))
            return None

    def refuse(self, field: str, sentence: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem(field, sentence))


def number(text: str) -> float:
    """A number that is not negative, with a decimal point."""
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        raise CellRefused(f"{text} has a comma. Write the decimal point: {text.replace(',', '.')}.")
    if re.fullmatch(r"-\s*\d+(\.\d+)?", text):
        raise CellRefused(f"{text} is negative: no result is.")
    if not NUMBER.fullmatch(text):
        raise CellRefused(f"{text} is not a number. Write digits with a decimal point, and the unit in its own field.")
    return float(text)


def bounded(text: str) -> tuple[Bound, float]:
    """A result: a number, a limit as <0.1 or >500, or the word undetectable.

    Examples
    --------
    >>> bounded("1.9"), bounded("< 0.1"), bounded("undetectable")
    ((<Bound.EXACT: '='>, 1.9), (<Bound.BELOW: '<'>, 0.1), (<Bound.BELOW: '<'>, 0.0))
    """
    if text.lower() in UNDETECTABLE:
        return Bound.BELOW, 0.0
    bound = {"<": Bound.BELOW, ">": Bound.ABOVE}.get(text[:1], Bound.EXACT)
    return bound, number(text if bound is Bound.EXACT else text[1:].strip())


def day_in_life(today: date, birth_year: int | None) -> Callable[[str], date]:
    """A reader of days up to today, none before the year of birth where it is known."""
    read_day = day(today)

    def read(text: str) -> date:
        found = read_day(text)
        if birth_year is not None and found.year < birth_year:
            raise CellRefused(f"{text} lies before the birth of this patient, in {birth_year}. Check the year.")
        return found

    return read


def moment_in_life(today: date, birth_year: int | None) -> Callable[[str], tuple[date, datetime | None]]:
    """A reader of days as above, or of a day with time and zone: 2024-01-31T08:30+01:00."""
    read_day = day_in_life(today, birth_year)

    def read(text: str) -> tuple[date, datetime | None]:
        on = read_day(text.replace(" ", "T").partition("T")[0])
        if len(text) <= len("2024-01-31"):
            return on, None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise CellRefused(f"{text} is not a day with time, as 2024-01-31T08:30+01:00.") from None
        if at.tzinfo is None:
            raise CellRefused(f"{text} has no time zone. Write 2024-01-31T08:30+01:00, or the day alone.")
        # One moment has one spelling, however its zone was written.
        return on, at.astimezone(UTC)

    return read
