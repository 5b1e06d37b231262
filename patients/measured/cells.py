"""The text of one cell as a value, or the sentence that says why it is none; and the value as text again."""

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from patients.csv_cells import FORMULA_STARTS
from patients.readable import is_readable
from patients.vocabulary import Organ, Word

W = TypeVar("W", bound=Word)

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# As many digits as the exact text of a double may have.
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?")
SIGNED_NUMBER = re.compile(r"[+-]\s*\d+([.,]\d+)?")
EARLIEST = date(1980, 1, 1)
# No lesion is larger: a longer number is a slip of the pen, or not in millimetres.
LARGEST_MM = 600.0
MOST_STEROID_MG = 2000.0
YES_NO = {"yes": True, "no": False}


class CellRefused(ValueError):
    """The text of a cell is not what its column holds; the message is a sentence for whoever made the file."""


def plain(text: str, *, is_free: bool = False) -> str:
    """A cell without outer spaces and without the quote that keeps spreadsheets from calculating it.

    `is_free`: text of a reader's own, which may have line breaks. Raises CellRefused for a formula and for signs
    that cannot be read.

    >>> plain(" liver 2 "), plain("'-5"), plain("-5"), plain("''=1")
    ('liver 2', '-5', '-5', "'=1")
    """
    stripped = text.strip()
    if stripped.startswith("'") and _could_calculate(stripped):
        stripped = stripped[1:]
    elif stripped.startswith(FORMULA_STARTS) and not SIGNED_NUMBER.fullmatch(stripped):
        raise CellRefused("This is a formula, not a value. Save the table with values only.")
    if "\0" in stripped if is_free else not stripped.isprintable():
        raise CellRefused("There are signs in it that cannot be read. Type it again.")
    return stripped


def _could_calculate(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula, or for a quoted one, so that it needs a quote more."""
    return text.lstrip("' ").startswith(FORMULA_STARTS)


def name(longest: int) -> Callable[[str], str]:
    """A reader of text of at most so many letters."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise CellRefused(f"It has {len(text)} letters; at most {longest} are kept.")
        return text

    return read


def title(longest: int) -> Callable[[str], str]:
    """A reader of a name: text with a letter or a digit in it and no hidden signs."""
    within = name(longest)

    def read(text: str) -> str:
        if not is_readable(within(text), longest):
            raise CellRefused("This is no name: it needs a letter or a digit, and no hidden signs.")
        return text

    return read


def day(today: date) -> Callable[[str], date]:
    """A reader of dates as YYYY-MM-DD, between 1980 and `today`."""

    def read(text: str) -> date:
        if not ISO_DATE.fullmatch(text):
            raise CellRefused(f"{text} is not a date as YYYY-MM-DD, for instance 2024-01-31.")
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise CellRefused(f"There is no day {text}.") from None
        if not EARLIEST <= found <= today:
            raise CellRefused(f"{text} does not lie between 1980 and today.")
        return found

    return read


def size_mm(text: str) -> float:
    """A diameter in mm.

    >>> size_mm("12.5")
    12.5
    >>> size_mm("12,5")
    Traceback (most recent call last):
    ...
    patients.measured.cells.CellRefused: 12,5 has a comma. Write the decimal point: 12.5.
    """
    found = number(text)
    if found == 0:
        raise CellRefused("A lesion of 0 mm is gone. Leave the diameter empty and write ABSENT as its state.")
    if found > LARGEST_MM:
        raise CellRefused(f"{text} mm cannot be: nothing over {LARGEST_MM:.0f} mm is taken. Are these millimetres?")
    return found


def dose_mg(text: str) -> float:
    """A daily dose in mg."""
    found = number(text)
    if found > MOST_STEROID_MG:
        raise CellRefused(f"{text} mg a day cannot be. It is the prednisone equivalent of one day.")
    return found


def number(text: str) -> float:
    """A number that is not negative, with a decimal point."""
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        raise CellRefused(f"{text} has a comma. Write the decimal point: {text.replace(',', '.')}.")
    if re.fullmatch(r"-\s*\d+(\.\d+)?", text):
        raise CellRefused(f"{text} is negative.")
    found = float(text) if NUMBER.fullmatch(text) else math.nan
    if math.isnan(found):
        raise CellRefused(f"{text} is not a number. Write digits with a decimal point, without a unit.")
    return found


def sizes_mm(text: str) -> tuple[float, ...]:
    """The diameters of the parts of a lesion that split, joined by plus signs.

    >>> sizes_mm("18+15.5")
    (18.0, 15.5)
    """
    parts = tuple(size_mm(part.strip()) for part in text.split("+"))
    if len(parts) < 2:
        raise CellRefused("A lesion that split has at least two parts, written as 18+15.5.")
    return parts


def word(kind: type[W]) -> Callable[[str], W]:
    """A reader of one word of a vocabulary, however it is capitalised."""
    known = {member.value.upper(): member for member in kind}

    def read(text: str) -> W:
        found = known.get(text.upper().replace(" ", "_"))
        if found is None:
            raise CellRefused(f"{text} is not known here. Known are {', '.join(kind)}.")
        return found

    return read


def organs(text: str) -> tuple[Organ, ...]:
    """Several organs, joined by plus signs."""
    read = word(Organ)
    return tuple(read(part.strip()) for part in text.split("+"))


def yes_no(text: str) -> bool:
    """Yes or no."""
    found = YES_NO.get(text.lower())
    if found is None:
        raise CellRefused(f"{text} is neither yes nor no.")
    return found


def as_text(value: Any) -> str:
    """A value as the text that is read as the same value again.

    >>> as_text(12.5), as_text(12.0), as_text((18.0, 15.5)), as_text(True), as_text(None), as_text("=1")
    ('12.5', '12', '18+15.5', 'yes', '', "'=1")
    >>> as_text(1e-05), as_text("'=1")
    ('0.00001', "''=1")
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "+".join(as_text(part) for part in value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    text = "" if value is None else str(value)
    return f"'{text}" if _could_calculate(text) else text
