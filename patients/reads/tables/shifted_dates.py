"""Exported dates moved by a number of days of each patient's own: intervals stay, calendar days do not tell.

The number follows from the site key and the patient, so that every export of this site moves a patient alike and
nobody without the key can move it back.
"""

import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256

from patients.models import Patient

LEAST_DAYS, MOST_DAYS = 30, 3650
DATES = ("scan_date", "accepted_at")
# What people wrote may name a day.
WITHHELD = ("accepted_reason", "comparability_says")
SHIFTED = "_shifted"
Cell = str | float | None


def shift_days(patient_code: str, site_key: str) -> int:
    """How many days earlier than they were this patient's dates are told."""
    digest = hmac.digest(site_key.encode(), f"date-shift|{patient_code}".encode(), sha256)
    return LEAST_DAYS + int.from_bytes(digest[:8], "big") % (MOST_DAYS - LEAST_DAYS + 1)


def shifted_names(names: Sequence[str]) -> tuple[str, ...]:
    """The header of a shifted table: a column of moved dates says so."""
    return tuple(name + SHIFTED if name in DATES else name for name in names)


def shifted_rows(
    names: Sequence[str], rows: Iterable[Sequence[Cell]], patient_pks: Collection[int], site_key: str
) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table with a column "patient", its dates moved and its free text left out."""
    codes = Patient.objects.filter(pk__in=patient_pks).values_list("pseudonym", "code")
    days = {pseudonym: shift_days(str(code), site_key) for pseudonym, code in codes}
    whose = names.index("patient")
    moved = {names.index(name) for name in DATES if name in names}
    dropped = {names.index(name) for name in WITHHELD if name in names}
    for row in rows:
        by = timedelta(days=days[str(row[whose])])
        yield tuple(
            _moved(cell, by) if place in moved else "" if place in dropped else cell for place, cell in enumerate(row)
        )


def _moved(cell: Cell, by: timedelta) -> str:
    """The day of a date, or of a moment, moved; empty stays empty."""
    return (date.fromisoformat(str(cell)[:10]) - by).isoformat() if cell else ""
