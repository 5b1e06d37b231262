"""`manage.py export_measurements`: the table that import_measurements reads, for the patients that were asked for."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from patients.measured.columns import NAMES
from radiomics_tasks.arrivals.measured_intake import take_table
from tests.factories import TeamFactory
from tests.measured_tables import SMALL_COURSE, TODAY, lesion, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(team):
    take_table(written(*SMALL_COURSE), team, TODAY)
    take_table(written(lesion(patient="P2")), TeamFactory.create(name="Others"), TODAY)


def export(*words: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("export_measurements", "-", *words, stdout=out, stderr=io.StringIO())
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_everything(filed):
    rows = export()
    assert [(row["patient"], row["date"], row["lesion"], row["diameter_mm"]) for row in rows] == [
        ("P1", "2024-01-01", "liver 1", "40"),
        ("P1", "2024-01-01", "node 1", "18"),
        ("P1", "2024-03-01", "liver 1", "30.5"),
        ("P1", "2024-03-01", "node 1", "9"),
        ("P1", "2024-03-01", "lung 1", "12"),
        ("P2", "2024-01-01", "liver 1", "40"),
    ]
    assert tuple(rows[0]) == (*NAMES, "audit_head")


@pytest.mark.parametrize("words", [("--patient", "P2"), ("--team", "Others")])
def test_some_patients(filed, words):
    assert {row["patient"] for row in export(*words)} == {"P2"}


def test_into_a_file_that_is_read_again(filed, team, tmp_path):
    path = tmp_path / "table.csv"
    call_command("export_measurements", str(path), "--patient", "P1", stderr=io.StringIO())
    again = take_table(path.read_bytes(), team, TODAY)
    assert (again.problems, again.visits, again.known_visits) == ((), 0, 2)


@pytest.mark.parametrize("words", [("--patient", "P3"), ("--team", "None")])
def test_nobody_of_that_name(filed, words):
    with pytest.raises(CommandError, match=f"named {words[1]}"):
        export(*words)


def test_a_place_that_cannot_be_written(filed, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_measurements", str(tmp_path), stderr=io.StringIO())
