"""The newest head of the audit chain, for what leaves the house."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from patients.models import AuditLink
from patients.trail import digests
from patients.trail.carried import in_a_cell

Cell = TypeVar("Cell")


def newest_link() -> tuple[int, str]:
    """Number and digest of the last link; 0 and the first digest of all where there is none yet."""
    last = AuditLink.objects.order_by("-number").values_list("number", "digest").first()
    return last or (0, digests.FIRST)


def carrying(rows: Iterable[Sequence[Cell]]) -> Iterator[tuple[Cell | str, ...]]:
    """The rows of a table, each with the head as its last cell: it is asked for when the first row is written."""
    head = ""
    for row in rows:
        head = head or in_a_cell(*newest_link())
        yield (*row, head)


def headed(lines: Callable[[str], Iterator[str]]) -> Iterator[str]:
    """The lines of a table that is written with a head, which is asked for when the first line is."""
    yield from lines(in_a_cell(*newest_link()))
