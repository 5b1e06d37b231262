"""Exported dates moved by a number of days of each patient's own: intervals stay, calendar days do not tell.

The number follows from the site key and the patient, so that every table of this site moves a patient alike and they
can be joined, and nobody without the key can move it back. A moved table has other names in its header and so is
never taken in again as if it were true.
"""

import csv
import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from patients.measured.cells import as_text
from patients.measured.columns import DAYS, TEXTS
from patients.models import Patient
from patients.trail.carried import with_column

LEAST_DAYS, MOST_DAYS = 30, 3650
SHIFTED = "_shifted"
Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Telling:
    """Which columns of a table tell of days.

    `days` hold nothing but a date or a moment; `withheld` are sentences, which may name a day in any way.
    """

    days: Collection[str]
    withheld: Collection[str] = ()


FEATURES = Telling(("scan_date", "accepted_at"), withheld=("accepted_reason", "comparability_says"))
RESULTS = Telling(("date",))
EVENTS = Telling(("date", "end"), withheld=("text",))
MEASUREMENTS = Telling(DAYS, withheld=tuple(TEXTS))
RESPONSES = Telling(
    ("course_start", "visit_first_scan", "visit_last_scan", "assessed_on", "confirm_from", "confirm_until"),
    # The rule, the sums and what would flip the call stay; so does what must stand beside a score, which names no day.
    withheld=("reasons", "pseudoprogression_reasons"),
)


def shift_days(patient_code: str, site_key: str) -> int:
    """How many days earlier than they were this patient's dates are told."""
    digest = hmac.digest(site_key.encode(), f"date-shift|{patient_code}".encode(), sha256)
    return LEAST_DAYS + int.from_bytes(digest[:8], "big") % (MOST_DAYS - LEAST_DAYS + 1)


def shifted_names(names: Sequence[str], telling: Telling = FEATURES) -> tuple[str, ...]:
    """The header of a shifted table: a column of moved dates says so."""
    return tuple(name + SHIFTED if name in telling.days else name for name in names)


def shifted_rows(
    names: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    patient_pks: Collection[int],
    site_key: str,
    telling: Telling = FEATURES,
) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table with a column "patient", its dates moved and its sentences left out."""
    codes = Patient.objects.filter(pk__in=patient_pks).values_list("pseudonym", "code")
    shifts = {name: shift_days(str(code), site_key) for name, code in codes}
    # Some tables write a name that could be calculated in another way.
    shifts |= {as_text(name): days for name, days in shifts.items()}
    whose = names.index("patient")
    for row in rows:
        by = timedelta(days=shifts[str(row[whose])])
        yield tuple(_shifted(name, cell, by, telling) for name, cell in zip(names, row, strict=True))


def shifted_lines(
    names: Sequence[str],
    rows: Iterable[Sequence[str]],
    patient_pks: Collection[int],
    site_key: str,
    telling: Telling,
    head: str,
) -> Iterator[str]:
    """A table of texts as the lines of a file; `head`: of the audit trail, the last cell of each row."""
    writer = csv.writer(_Line())
    yield writer.writerow(with_column(shifted_names(names, telling)))
    for row in shifted_rows(names, rows, patient_pks, site_key, telling):
        yield writer.writerow((*row, head))


class _Line:
    """A file for csv.writer that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def _shifted(name: str, cell: Cell, by: timedelta, telling: Telling) -> Cell:
    if name in telling.withheld:
        return ""
    if name in telling.days:
        return _moved(cell, by)
    return cell


def _moved(cell: Cell, by: timedelta) -> str:
    """The day of a date, or of a moment, moved; empty stays empty."""
    return (date.fromisoformat(str(cell)[:10]) - by).isoformat() if cell else ""
