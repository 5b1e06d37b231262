"""The text of a cell becomes its value, or a sentence; a value becomes text that is read as itself."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.csv_cells import FORMULA_STARTS
from patients.measured import cells
from patients.measured.cells import CellRefused
from patients.vocabulary import Organ
from patients.words.reading_words import SizeState
from tests.measured_tables import TODAY


def test_the_examples_of_the_room():
    assert doctest.testmod(cells).failed == 0


@pytest.mark.parametrize(
    "text, words",
    [
        ("12,5", "has a comma. Write the decimal point: 12.5"),
        ("-4", "-4 is negative"),
        ("0", "ABSENT"),
        ("0.0", "ABSENT"),
        ("601", "nothing over 600 mm"),
        ("12 mm", "not a number"),
        ("1e2", "not a number"),
        ("nan", "not a number"),
        ("١٢", "not a number"),
        ("1234567", "not a number"),
    ],
)
def test_a_diameter_that_is_none(text, words):
    with pytest.raises(CellRefused, match=words):
        cells.size_mm(text)


@pytest.mark.parametrize("text", ["01.02.2024", "2024-2-1", "20240201", "2024/02/01", "2024-02-01T00:00"])
def test_a_date_that_is_not_iso(text):
    with pytest.raises(CellRefused, match="is not a date as YYYY-MM-DD"):
        cells.day(TODAY)(text)


@pytest.mark.parametrize(
    "text, words", [("2023-02-29", "no day"), ("1979-12-31", "between 1980 and today"), ("2026-01-02", "and today")]
)
def test_a_day_that_cannot_be(text, words):
    with pytest.raises(CellRefused, match=words):
        cells.day(TODAY)(text)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+A1", "-A1", "＝1", "=-5"])
def test_a_formula(text):
    with pytest.raises(CellRefused, match="formula"):
        cells.plain(text)


def test_a_quoted_formula_is_text_and_comes_out_quoted():
    assert cells.as_text(cells.plain("'=liver")) == "'=liver"


ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
FREE = ANY | st.from_regex(r"['=+@ -]{0,5}[0-9a]*", fullmatch=True)


@given(FREE.map(str.strip))
def test_whatever_a_reader_wrote_is_read_as_it_was_written(text):
    written = cells.as_text(text)
    assert not written.lstrip(" ").startswith(FORMULA_STARTS)
    assert cells.plain(written, is_free=True) == text


def test_a_note_may_have_lines_and_no_null():
    assert cells.plain("first\r\nsecond", is_free=True) == "first\r\nsecond"
    for is_free, text in ((True, "a\0b"), (False, "first\nsecond")):
        with pytest.raises(CellRefused, match="cannot be read"):
            cells.plain(text, is_free=is_free)


def test_signs_that_cannot_be_read():
    with pytest.raises(CellRefused, match="cannot be read"):
        cells.plain("liver\x001")


@pytest.mark.parametrize("text", ["lymph node", "LYMPH_NODE", "Lymph Node"])
def test_a_word_however_it_is_capitalised(text):
    assert cells.word(Organ)(text) is Organ.LYMPH_NODE


def test_an_unknown_word_names_the_known_ones():
    with pytest.raises(CellRefused, match=r"SHRUNK is not known here\. Known are MEASURED, TSTM, ABSENT"):
        cells.word(SizeState)("SHRUNK")


def test_one_part_is_no_split():
    with pytest.raises(CellRefused, match="at least two parts"):
        cells.sizes_mm("18")


def test_neither_yes_nor_no():
    with pytest.raises(CellRefused, match="perhaps is neither"):
        cells.yes_no("perhaps")


def test_a_dose_that_cannot_be():
    with pytest.raises(CellRefused, match="prednisone"):
        cells.dose_mg("6000")


@given(st.floats(min_value=0.001, max_value=600))
def test_every_size_is_read_as_it_was_written(size_mm):
    assert cells.size_mm(cells.as_text(size_mm)) == size_mm
