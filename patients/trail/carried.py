"""The head of the audit chain in what leaves the house: a column of every exported table, the same in all its rows.

Whoever keeps an exported file keeps a witness of the chain as it was: `audit_verify --carried FILE`. No Django.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMN = "audit_head"
# Of an exported trail each row is a witness of its own.
PLACE_COLUMNS = ("number", "link")
_SAID = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Carried:
    """What one file says the chain was at a place."""

    number: int
    digest: str
    file: str


class NothingCarried(Exception):
    """A file in which no head can be found."""


def in_a_cell(number: int, digest: str) -> str:
    """A head as the cell of a table.

    >>> in_a_cell(7, "ab" * 32)[:8]
    '7:ababab'
    """
    return f"{number}:{digest}"


def with_column(names: Sequence[str]) -> tuple[str, ...]:
    """The header of a table that carries the head."""
    return (*names, COLUMN)


def carried_by(path: Path) -> list[Carried]:
    """The heads in an exported table, each once. Raises NothingCarried where there is none, or the file is no table."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            found = list(dict.fromkeys(_heads(csv.DictReader(file), path.name)))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise NothingCarried(f"{path.name} cannot be read as a table.") from problem
    if not found:
        raise NothingCarried(f"{path.name} carries no head of an audit trail.")
    return found


def _heads(rows: Iterable[dict[str, str]], file: str) -> Iterator[Carried]:
    for row in rows:
        number, link = (row.get(name) or "" for name in PLACE_COLUMNS)
        for said in (row.get(COLUMN) or "", f"{number}:{link}"):
            if known := _SAID.fullmatch(said):
                yield Carried(int(known[1]), known[2], file)
