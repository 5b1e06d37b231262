"""The bytes of a file as rows, or as everything that is wrong in its cells."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from patients.measured import columns
from patients.measured.cells import CellRefused, plain
from patients.measured.columns import COLUMNS, MUST_STAND, NAMES, OF_A_COURSE, OF_A_LESION, Reader
from patients.measured.rows import MeasuredRow, TableProblem
from patients.trail.carried import COLUMN as CARRIED
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import SizeState

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
MARK = b"\xef\xbb\xbf"
SIZELESS = (
    SizeState.TOO_SMALL,
    SizeState.ABSENT,
    SizeState.PRESENT,
    SizeState.NOT_EVALUABLE,
    SizeState.SPLIT,
    SizeState.MERGED,
)
OF_ONE_STATE = {"parts_mm": SizeState.SPLIT, "merged_into": SizeState.MERGED}


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: its good rows and, where there are any, the problems of its cells.

    `spoiled` names the patients of rows with problems: what is left of their rows is not the whole.
    """

    rows: tuple[MeasuredRow, ...] = ()
    problems: tuple[TableProblem, ...] = ()
    spoiled: frozenset[str] = frozenset()


def read_table(content: bytes, today: date) -> Table:
    """Read a whole file, gathering what is wrong cell by cell; nothing is raised.

    Parameters
    ----------
    content : the file; CSV with commas, UTF-8, the header of `COLUMNS` in any order.
    today : no date may lie after it.
    """
    text, problem = text_of(content)
    if problem:
        return Table(problems=(problem,))
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[MeasuredRow] = []
    problems: list[TableProblem] = []
    spoiled: set[str] = set()
    number = 0
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        number = 1
        problems += _header_problems(header)
        if problems:
            return Table(problems=tuple(problems))
        readers = columns.readers(today)
        for number, line in enumerate(lines, start=2):
            found = _row(number, header, line, readers)
            if isinstance(found, MeasuredRow):
                rows.append(found)
            elif found:
                problems += found
                spoiled.add(_patient(header, line))
    except csv.Error as broken:
        problems.append(TableProblem(number + 1, "", f"The row cannot be read as CSV ({broken}). Look at its quotes."))
    if not rows and not problems:
        problems.append(TableProblem(2, "", "There is a header but no row below it."))
    return Table(tuple(rows), tuple(problems), frozenset(spoiled))


def text_of(content: bytes) -> tuple[str, TableProblem | None]:
    """The text of a file, or why there is none."""
    sentence = ""
    if len(content) > MOST_BYTES:
        sentence = f"A file has at most {MOST_BYTES // 1024 // 1024} MB. Split it."
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        sentence = "The file begins with the byte-order mark of UTF-16. Save it as CSV UTF-8."
    elif content.startswith(b"PK\x03\x04"):
        sentence = "This is a workbook or an archive, not CSV. Save the table as CSV UTF-8."
    if sentence:
        return "", TableProblem(1, "", sentence)
    # Spreadsheets put the mark of UTF-8 before their CSV: it says nothing and is no part of the first name.
    body = content.removeprefix(MARK)
    if not body.strip():
        return "", TableProblem(1, "", "The file is empty.")
    try:
        return body.decode(), None
    except UnicodeDecodeError as wrong:
        row = body[: wrong.start].count(b"\n") + 1
        return "", TableProblem(row, "", "There is a letter that is not UTF-8. Save the file as CSV UTF-8.")


def _header_problems(header: Sequence[str]) -> Iterator[TableProblem]:
    joined = "".join(header)
    other = next((mark for mark in OTHER_DELIMITERS if mark in joined and len(header) == 1), None)
    if other:
        words = OTHER_DELIMITERS[other]
        yield TableProblem(1, "", f"The columns are parted by {words}. Part them by commas.")
        return
    for name in dict.fromkeys(header):
        if name.startswith("\ufeff"):
            yield TableProblem(1, "", "The byte-order mark stands twice before the header. Save the file again.")
        elif name not in (*NAMES, CARRIED):
            yield TableProblem(1, name, f"There is no column of this name. Known are {', '.join(NAMES)}.")
        elif header.count(name) > 1:
            yield TableProblem(1, name, "This column stands twice.")
    for name in MUST_STAND:
        if name not in header:
            yield TableProblem(1, name, "This column is missing.")


def _patient(header: Sequence[str], line: Sequence[str]) -> str:
    place = header.index("patient")
    return line[place].strip() if place < len(line) else ""


def _row(
    number: int, header: Sequence[str], line: Sequence[str], readers: Mapping[str, Reader]
) -> MeasuredRow | list[TableProblem]:
    """One row, or what is wrong in it; nothing is wrong in an empty one."""
    if not any(cell.strip() for cell in line):
        return []
    if number > MOST_ROWS:
        return [TableProblem(number, "", f"A file has at most {MOST_ROWS:,} rows. Split it.")]
    if len(line) != len(header):
        sentence = f"It has {len(line)} cells, the header has {len(header)}."
        return [TableProblem(number, "", f"{sentence} A comma in a cell? Quote the cell; decimals have a point.")]
    values, problems = _values(number, header, line, readers)
    problems += _row_problems(number, values)
    if problems:
        return problems
    if "lesion" in values:
        values.setdefault("state", SizeState.MEASURED)
    return columns.row_of(number, values)


def _values(
    number: int, header: Sequence[str], line: Sequence[str], readers: Mapping[str, Reader]
) -> tuple[dict[str, Any], list[TableProblem]]:
    values: dict[str, Any] = {}
    problems: list[TableProblem] = []
    for name, cell in zip(header, line, strict=True):
        if name == CARRIED:
            continue
        try:
            text = plain(cell, is_free=name in columns.TEXTS)
            if text:
                values[name] = readers[name](text)
        except CellRefused as refusal:
            problems.append(TableProblem(number, name, str(refusal)))
            values[name] = None
    return values, problems


def _row_problems(number: int, values: Mapping[str, Any]) -> Iterator[TableProblem]:
    """What is missing in a row, or stands where it says nothing; None marks a cell that was refused already."""
    has_lesion = "lesion" in values
    for column in COLUMNS:
        if column.name not in values and (column.needs == "row" or (column.needs == "lesion" and has_lesion)):
            yield TableProblem(number, column.name, "The cell is empty.")
    if not has_lesion:
        yield from _alone(number, values, OF_A_LESION, "It says something of a lesion, but the row names none.")
    else:
        yield from _size_problems(number, values)
    if "course_start" not in values:
        yield from _alone(number, values, OF_A_COURSE, "It says something of a course, but course_start is empty.")


def _alone(
    number: int, values: Mapping[str, Any], unused: Iterable[columns.Column], sentence: str
) -> Iterator[TableProblem]:
    for column in unused:
        if column.name in values:
            yield TableProblem(number, column.name, sentence)


def _size_problems(number: int, values: Mapping[str, Any]) -> Iterator[TableProblem]:
    state, has_size = values.get("state", SizeState.MEASURED), "diameter_mm" in values
    if state is SizeState.MEASURED and not has_size:
        what = "short axis of this lymph node" if values.get("nodal") else "longest diameter of this lesion"
        yield TableProblem(number, "diameter_mm", f"The {what} is missing. Enter it in mm, or a state.")
    if state in SIZELESS and has_size:
        yield TableProblem(number, "diameter_mm", f"A diameter does not go with {state}. Keep one of the two.")
    for name, its_state in OF_ONE_STATE.items():
        if state is its_state and name not in values:
            yield TableProblem(number, name, f"The cell is empty; {its_state} needs it.")
        if state not in (None, its_state) and name in values:
            yield TableProblem(number, name, f"It goes with the state {its_state} only.")
    yield from _contradictions(number, values)


def _contradictions(number: int, values: Mapping[str, Any]) -> Iterator[TableProblem]:
    if values.get("state") is SizeState.PRESENT and values.get("role") is LesionRole.TARGET:
        yield TableProblem(number, "state", "A target is measured: give its diameter, TSTM, ABSENT or NE.")
    if ("local_therapy" in values) is not ("local_therapy_date" in values):
        yield TableProblem(number, "local_therapy", "The kind of the treatment and its date go together.")
    if "kind" in values and values.get("role") not in (None, LesionRole.NEW):
        yield TableProblem(number, "kind", "NLT and NLNT are kinds of new lesions only.")
    if values.get("organ") is Organ.LYMPH_NODE and values.get("nodal") is False:
        yield TableProblem(number, "nodal", "A lesion of a lymph node is nodal: yes.")
