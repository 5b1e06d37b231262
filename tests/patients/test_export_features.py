"""`manage.py export_features`: tidy CSV of all or of named patients, safe in a spreadsheet."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from patients.models import Lesion
from patients.reads.tables.exports import COLUMNS
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db


def exported(*words: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("export_features", *words, stdout=out, stderr=io.StringIO())
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_every_patient_is_exported_with_every_digit():
    followed([30.0], [0.1 + 0.2], pseudonym="P-1")
    followed([20.0], pseudonym="P-2")
    rows = exported()
    assert [row["patient"] for row in rows] == ["P-1"] * 12 + ["P-2"] * 6
    assert list(rows[0]) == [*COLUMNS, "audit_head"]
    assert rows[6]["value"] == "0.30000000000000004"
    assert (rows[5]["value"], rows[5]["reason"]) == ("", "SMALL_ROI")


def test_only_those_that_are_named():
    followed([30.0], pseudonym="P-1")
    followed([20.0], pseudonym="P-2")
    assert {row["patient"] for row in exported("P-2")} == {"P-2"}
    with pytest.raises(CommandError, match=r"No patient is named P-3\."):
        exported("P-2", "P-3")


def test_a_name_that_could_be_a_formula_is_marked():
    followed([30.0], pseudonym="P-1")
    Lesion.objects.update(tracking_id='=HYPERLINK("http://example.org")')
    assert {row["lesion"] for row in exported()} == {'\'=HYPERLINK("http://example.org")'}


def test_a_file_holds_what_the_terminal_shows(tmp_path):
    followed([30.0], pseudonym="P-1")
    path, out, told = tmp_path / "features.csv", io.StringIO(), io.StringIO()
    call_command("export_features", "-o", str(path), stdout=out, stderr=told)
    assert out.getvalue() == ""
    assert told.getvalue().strip() == "6 values"
    with path.open(newline="", encoding="utf-8") as file:
        # Each export moves the head of the audit trail on.
        written, said = list(csv.DictReader(file)), exported()
    assert [row | {"audit_head": ""} for row in written] == [row | {"audit_head": ""} for row in said]
