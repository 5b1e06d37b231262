"""Tables of sizes measured elsewhere, written for one test: a small course, with any cell changed."""

import csv
import io
from datetime import date

from patients.measured.agreement import Plan, plan
from patients.measured.columns import NAMES
from patients.measured.rows import TableProblem
from patients.measured.table import Table, read_table

TODAY = date(2026, 1, 1)
VISIT = {
    "patient": "P1",
    "date": "2024-01-01",
    "non_target": "NA",
    "new_disease": "NO",
    "reader": "Reader A",
    "course_start": "2024-01-08",
}
LESION = {**VISIT, "lesion": "liver 1", "organ": "LIVER", "nodal": "no", "role": "TARGET", "diameter_mm": "40"}


def lesion(**changes: str) -> dict[str, str]:
    """A row of a lesion: liver 1 of P1 at baseline, 40 mm, but for the cells that are given."""
    return {**LESION, **changes}


def visit(**changes: str) -> dict[str, str]:
    """A row of a visit without a lesion."""
    return {**VISIT, **changes}


NEW = {"lesion": "lung 1", "organ": "LUNG", "role": "NEW", "diameter_mm": "12", "date": "2024-03-01"}
SMALL_COURSE = (
    lesion(),
    lesion(lesion="node 1", organ="LYMPH_NODE", nodal="yes", diameter_mm="18"),
    lesion(date="2024-03-01", diameter_mm="30.5", new_disease="YES"),
    lesion(date="2024-03-01", lesion="node 1", organ="LYMPH_NODE", nodal="yes", diameter_mm="9", new_disease="YES"),
    lesion(**NEW, kind="NLT", new_disease="YES"),
)


def written(*rows: dict[str, str], columns: tuple[str, ...] = NAMES) -> bytes:
    """Rows as the bytes of a file with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*rows: dict[str, str]) -> Table:
    """Rows written and read again."""
    return read_table(written(*rows), TODAY)


def planned(*rows: dict[str, str]) -> Plan:
    """Rows written, read and held against each other; nothing is filed yet."""
    return plan(read(*rows), {})


def told(problems: tuple[TableProblem, ...]) -> list[tuple[int, str]]:
    """Where the problems are: row and column."""
    return [(problem.row, problem.column) for problem in problems]
