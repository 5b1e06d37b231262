"""No cell of a CSV file is taken for a formula, and no number loses a digit."""

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.csv_cells import FORMULA_STARTS, csv_cell


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_could_be_a_formula_is_marked(start):
    text = f'{start}HYPERLINK("http://example.org","x")'
    assert csv_cell(text) == f"'{text}"
    assert csv_cell(f"  {text}").startswith("'")


@pytest.mark.parametrize("text", ["liver 1", "a=b", "5-HT", "", "'=1"])
def test_other_text_stays_as_it_is(text):
    assert csv_cell(text) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_every_digit_and_is_never_marked(value):
    back = float(csv_cell(value))
    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value)


def test_what_is_missing_is_empty_and_not_a_zero():
    assert csv_cell(None) == ""
    assert csv_cell(0.0) == "0.0"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_cell_of_a_written_file_begins_like_a_formula(text):
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(text)])
    if text and "\0" not in text:
        (read,) = next(csv.reader(io.StringIO(out.getvalue(), newline="")))
        assert not read.lstrip(" ").startswith(FORMULA_STARTS)
