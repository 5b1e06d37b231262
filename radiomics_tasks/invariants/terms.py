"""What an invariant is: a sentence that always holds, and a question that finds the rows which break it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from patients.files import Storage


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked about, and when something counts as too late.

    Parameters
    ----------
    storage : where the files lie.
    late_seconds : how long work may take; what is unfinished for longer breaks I2 and I13.
    grace_seconds : how long a file that no row names may lie, in the store and in staging.
    reads_files : whether every stored file is read and held against its name (I7); else it must only be there.
    """

    storage: Storage
    late_seconds: float = 3600
    grace_seconds: float = 24 * 3600
    reads_files: bool = False


@dataclass(frozen=True, slots=True)
class Invariant:
    """One sentence that always holds; `broken` tells each row that breaks it, by kind and key, in words."""

    code: str
    holds: str
    broken: Callable[[Terms], Iterator[str]]


def rows(sql: str, *parameters: float | str) -> Iterator[tuple[object, ...]]:
    """What one question of SQL finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor.fetchall()
