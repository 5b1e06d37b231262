"""A file as rows, or everything that is wrong in it, each with its row and column."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.measured.agreement import plan
from patients.measured.columns import NAMES, readers, texts_of
from patients.measured.table import read_table
from tests.measured_tables import SMALL_COURSE, TODAY, lesion, read, told, visit, written

ROOT = Path(__file__).resolve().parents[3]


def sentence(content: bytes) -> str:
    table = read_table(content, TODAY)
    assert table.rows == ()
    return str(table.problems[0])


def test_a_small_course_is_read_and_written_as_it_was():
    table = read(*SMALL_COURSE, visit(date="2024-04-01", note="ascites, 2 l"))
    assert table.problems == ()
    assert [dict(zip(NAMES, texts_of(row), strict=True))["diameter_mm"] for row in table.rows] == [
        *("40", "18", "30.5", "9", "12", "")
    ]
    again = read(*(dict(zip(NAMES, texts_of(row), strict=True)) for row in table.rows))
    assert again.rows == table.rows


def test_every_column_has_its_reader():
    assert set(readers(TODAY)) == set(NAMES)


def test_the_example_of_the_readme_agrees():
    lines = (ROOT / "README.md").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("    patient,date,"))
    table = read_table("\n".join(line.strip() for line in lines[start : start + 6]).encode(), TODAY)
    assert len(table.rows) == 5
    assert plan(table, {}).problems == ()


def test_columns_in_any_order_and_optional_ones_left_out():
    columns = ("trend", "state", *reversed(lesion()))
    assert len(read_table(written(lesion(), columns=columns), TODAY).rows) == 1


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "row 1: The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b" \r\n\r\n", "The file is empty."),
        (written().replace(b",", b";"), "The columns are parted by semicolons. Part them by commas."),
        (written().replace(b",", b"\t"), "The columns are parted by tabs."),
        (written(lesion()).decode().encode("utf-16"), "byte-order mark of UTF-16"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + written(lesion()), "byte-order mark stands twice"),
        (b"PK\x03\x04", "a workbook or an archive"),
        (written(lesion(lesion="L\xe4sion")).decode().encode("latin-1"), "row 2: There is a letter that is not UTF-8"),
        (written(), "row 2: There is a header but no row"),
        (written(lesion(lesion='say "x')).replace(b'""', b'"'), "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_none(content, words):
    assert words in sentence(content)


def test_the_byte_order_mark_of_utf_8_is_passed_over():
    assert len(read_table(b"\xef\xbb\xbf" + written(lesion()), TODAY).rows) == 1


def test_columns_that_are_missing_unknown_or_twice():
    names = ("patient", "patient", "diametre", *NAMES[2:])
    table = read_table((",".join(names) + "\n").encode(), TODAY)
    assert told(table.problems) == [(1, "patient"), (1, "diametre"), (1, "date")]


def test_a_comma_outside_quotes_makes_a_cell_too_many():
    content = written(lesion(diameter_mm="12,5")).replace(b'"12,5"', b"12,5")
    assert f"row 2: It has {len(NAMES) + 1} cells" in sentence(content)


@pytest.mark.parametrize(
    "changes, column",
    [
        ({"diameter_mm": "12,5"}, "diameter_mm"),
        ({"diameter_mm": "-12"}, "diameter_mm"),
        ({"diameter_mm": "4000"}, "diameter_mm"),
        ({"diameter_mm": ""}, "diameter_mm"),
        ({"diameter_mm": "=A1"}, "diameter_mm"),
        ({"state": "ABSENT"}, "diameter_mm"),
        ({"state": "SHRUNK"}, "state"),
        ({"state": "PRESENT", "diameter_mm": ""}, "state"),
        ({"state": "SPLIT", "diameter_mm": ""}, "parts_mm"),
        ({"parts_mm": "18+15"}, "parts_mm"),
        ({"state": "MERGED", "diameter_mm": ""}, "merged_into"),
        ({"organ": "GALLBLADDER"}, "organ"),
        ({"organ": ""}, "organ"),
        ({"organ": "LYMPH_NODE"}, "nodal"),
        ({"nodal": "maybe"}, "nodal"),
        ({"role": "PRIMARY"}, "role"),
        ({"kind": "NLT"}, "kind"),
        ({"local_therapy": "SURGERY"}, "local_therapy"),
        ({"date": "01.01.2024"}, "date"),
        ({"patient": ""}, "patient"),
        ({"patient": "P" * 65}, "patient"),
        ({"reader": ""}, "reader"),
        ({"non_target": ""}, "non_target"),
        ({"new_disease": "MAYBE"}, "new_disease"),
        ({"course_start": "", "drug_class": "OTHER"}, "drug_class"),
    ],
)
def test_a_cell_that_says_nothing_usable(changes, column):
    assert told(read(lesion(), lesion(**changes)).problems) == [(3, column)]


def test_a_node_without_its_short_axis():
    problems = read(lesion(organ="LYMPH_NODE", nodal="yes", diameter_mm="")).problems
    assert [str(problem) for problem in problems] == [
        "row 2, diameter_mm: The short axis of this lymph node is missing. Enter it in mm, or a state."
    ]


def test_a_size_without_a_lesion():
    assert told(read(visit(diameter_mm="12", organ="LIVER")).problems) == [(2, "organ"), (2, "diameter_mm")]


def test_all_problems_of_a_file_at_once_with_their_patients():
    table = read(lesion(diameter_mm="x", organ="y"), lesion(patient="P2"), lesion(patient="P3", date="z"))
    assert told(table.problems) == [(2, "organ"), (2, "diameter_mm"), (4, "date")]
    assert table.spoiled == {"P1", "P3"}
    assert [row.patient for row in table.rows] == ["P2"]


def test_empty_rows_are_passed_over_and_counted():
    content = written(lesion(), {}, lesion(date="2024-03-01"))
    assert [row.number for row in read_table(content, TODAY).rows] == [2, 4]


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr("patients.measured.table.MOST_ROWS", 2)
    assert told(read(lesion(), lesion(), lesion()).problems) == [(3, ""), (4, "")]


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reading(content):
    table = read_table(content, TODAY)
    assert table.problems != ()


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_no_cell_crashes_the_reading_or_the_plan(changes):
    table = read_table(written(lesion(), lesion(**{"date": "2024-03-01"} | changes)), TODAY)
    found = plan(table, {})
    assert bool(found.problems) or sum(len(one.visits) for one in found.patients) == 2
