"""Files of results and of events as rows with their numbers, or as everything that is wrong in their cells."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from patients.lab_tables import happenings, results
from patients.lab_tables.cells import Problem
from patients.lab_tables.happenings import EventSaid, checked_event
from patients.lab_tables.results import ResultSaid, checked_result
from patients.measured.cells import as_text
from patients.measured.rows import TableProblem
from patients.measured.table import text_of
from patients.trail.carried import COLUMN as CARRIED
from patients.trail.carried import with_column

S = TypeVar("S", ResultSaid, EventSaid)

MOST_ROWS = 200_000
RESULT_COLUMNS = ("patient", *results.FIELDS)
EVENT_COLUMNS = ("patient", *happenings.FIELDS)
RESULTS_MUST_STAND = ("patient", "analyte", "date", "value", "unit")
EVENTS_MUST_STAND = ("patient", "kind", "date")


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """One good row: its number in the file, the patient's pseudonym, what it says."""

    number: int
    patient: str
    said: S


@dataclass(frozen=True, slots=True)
class LabTable(Generic[S]):
    """What a file says: its good rows, and the problems of its cells."""

    rows: tuple[Row[S], ...] = ()
    problems: tuple[TableProblem, ...] = ()


def read_results(content: bytes, today: date, birth_years: Callable[[str], int | None]) -> LabTable[ResultSaid]:
    """A file of results; `birth_years`: by pseudonym, the year of birth where it is known."""
    return _read(content, RESULT_COLUMNS, RESULTS_MUST_STAND, lambda texts, born: checked_result(texts, today, born),
                 birth_years)  # fmt: skip


def read_events(content: bytes, today: date, birth_years: Callable[[str], int | None]) -> LabTable[EventSaid]:
    """A file of events; `birth_years`: by pseudonym, the year of birth where it is known."""
    return _read(content, EVENT_COLUMNS, EVENTS_MUST_STAND, lambda texts, born: checked_event(texts, today, born),
                 birth_years)  # fmt: skip


def _read(
    content: bytes,
    columns: Sequence[str],
    must_stand: Sequence[str],
    check: Callable[[Mapping[str, str], int | None], tuple[S | None, tuple[Problem, ...]]],
    birth_years: Callable[[str], int | None],
) -> LabTable[S]:
    text, problem = text_of(content)
    if problem:
        return LabTable(problems=(problem,))
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row[S]] = []
    problems: list[TableProblem] = []
    number = 0
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        problems += _header_problems(header, columns, must_stand)
        if problems:
            return LabTable(problems=tuple(problems))
        for number, line in enumerate(lines, start=2):
            if any(cell.strip() for cell in line):
                row, wrong = _row(number, header, line, check, birth_years)
                rows += [row] if row else []
                problems += wrong
    except csv.Error as broken:
        problems.append(TableProblem(number + 1, "", f"The row cannot be read as CSV ({broken}). Look at its quotes."))
    if not rows and not problems:
        problems.append(TableProblem(2, "", "There is a header but no row below it."))
    return LabTable(tuple(rows), tuple(problems))


def _row(
    number: int,
    header: Sequence[str],
    line: Sequence[str],
    check: Callable[[Mapping[str, str], int | None], tuple[S | None, tuple[Problem, ...]]],
    birth_years: Callable[[str], int | None],
) -> tuple[Row[S] | None, list[TableProblem]]:
    if number > MOST_ROWS:
        return None, [TableProblem(number, "", f"A file has at most {MOST_ROWS:,} rows. Split it.")]
    if len(line) != len(header):
        sentence = f"It has {len(line)} cells, the header has {len(header)}."
        return None, [TableProblem(number, "", f"{sentence} A comma in a cell? Quote the cell; decimals have a point.")]
    texts = dict(zip(header, line, strict=True))
    texts.pop(CARRIED, None)
    patient = texts.pop("patient").strip()
    said, problems = check(texts, birth_years(patient))
    wrong = [TableProblem(number, problem.field, problem.sentence) for problem in problems]
    if not patient:
        wrong.insert(0, TableProblem(number, "patient", "The cell is empty."))
    return (Row(number, patient, said) if said is not None and patient else None), wrong


def _header_problems(header: Sequence[str], columns: Sequence[str], must: Sequence[str]) -> Iterator[TableProblem]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        yield TableProblem(1, "", "Part the columns by commas.")
        return
    for name in dict.fromkeys(header):
        if name not in (*columns, CARRIED):
            yield TableProblem(1, name, f"There is no column of this name. Known are {', '.join(columns)}.")
        elif header.count(name) > 1:
            yield TableProblem(1, name, "This column stands twice.")
    for name in must:
        if name not in header:
            yield TableProblem(1, name, "This column is missing.")


class _Line:
    """A file for csv.writer that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def table_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]], head: str) -> Iterator[str]:
    """The header and one line a row, in the words that are read as the same rows again.

    `head`: of the audit trail, the last cell of each row, which is passed over when it is read.
    """
    writer = csv.writer(_Line())
    yield writer.writerow(with_column(columns))
    for row in rows:
        yield writer.writerow([*(as_text(row.get(name)) for name in columns), head])
