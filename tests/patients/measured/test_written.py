"""A table is written in one way, by the page and by the command, and read as what was signed."""

import csv
import io

import pytest
from django.core.management import call_command

from patients.measured.table import read_table
from patients.measured.written import table_lines
from patients.models import Patient
from patients.reads.tables.measurements import measured_rows
from radiomics_tasks.arrivals.measured_intake import take_table
from tests.factories import LesionFactory, TeamFactory, TimepointFactory, signed_reading
from tests.measured_tables import SMALL_COURSE, TODAY, read

pytestmark = pytest.mark.django_db
HEAD = f"7:{'ab' * 32}"
NOTES = ["=1+1", "'=1+1", "  -12.3 mm", 'two\r\nlines, "quoted"', "'@Anna", "5\u202fmm", "'plain'", "+"]


@pytest.fixture
def patient(team):
    """One visit, signed by as many readers as there are notes that a spreadsheet could misread."""
    visit = TimepointFactory.create(patient__team=team, judged_on=TODAY)
    liver = LesionFactory.create(patient=visit.patient)
    for place, note in enumerate(NOTES):
        named = {"reader_name": f"R{place}", "note": note.strip(), "reappearance_why": note.strip()}
        signed_reading(visit, None, {liver: 21.5}, reappearance="EQ", steroid_mg=0.00001, **named)
    return visit.patient


def commanded(*words: str) -> str:
    out = io.StringIO()
    call_command("export_measurements", "-", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def headless(text: str) -> list[list[str]]:
    """The cells without the head of the audit trail, which each export moves on."""
    return [row[:-1] for row in csv.reader(io.StringIO(text, newline=""))]


def test_the_page_and_the_command_write_the_same(as_user, member, patient):
    page = as_user(member).get(f"/patients/{patient.code}/measurements.csv")
    assert headless(b"".join(page.streaming_content).decode()) == headless(commanded())


def test_what_is_written_is_read_as_what_was_signed(patient):
    table = read_table(commanded().encode(), TODAY)
    assert table.problems == ()
    assert [row.judged.note for row in table.rows] == [note.strip() for note in NOTES]
    assert list(table.rows) == list(measured_rows([patient.pk]))


def test_taken_in_by_another_house_it_is_the_same_file(patient):
    text = commanded()
    Patient.objects.filter(pk=patient.pk).update(pseudonym="elsewhere")
    taken = take_table(text.encode(), TeamFactory.create(), TODAY)
    assert taken.visits == len(NOTES), taken.problems
    assert headless(commanded("--patient", patient.pseudonym)) == headless(text)


def test_no_cell_is_calculated(patient):
    for row in csv.reader(io.StringIO(commanded(), newline="")):
        assert not [cell for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@"))]


def test_without_rows_there_is_the_header():
    assert [line.split(",")[0] for line in table_lines((), HEAD)] == ["patient"]
    assert len([*table_lines(read(*SMALL_COURSE).rows, HEAD)]) == 1 + len(SMALL_COURSE)
