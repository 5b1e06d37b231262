"""Rows as the text of a file, line by line: the one way in which a table of measurements is written."""

import csv
from collections.abc import Iterable, Iterator

from patients.measured.columns import NAMES, texts_of
from patients.measured.rows import MeasuredRow
from patients.trail.carried import with_column


class _Line:
    """A file for csv.writer that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def table_lines(rows: Iterable[MeasuredRow], head: str) -> Iterator[str]:
    """The header and one line a row; `read_table` reads them as the same rows again.

    Text that a spreadsheet could calculate has a quote before it, which is taken off when it is read.
    `head`: of the audit trail, the last cell of each row, which is passed over when it is read.
    """
    writer = csv.writer(_Line())
    yield writer.writerow(with_column(NAMES))
    for row in rows:
        yield writer.writerow((*texts_of(row), head))
