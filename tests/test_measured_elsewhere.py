"""Published trial tables: converted, taken in, and every row found again in what comes out."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.management import call_command

from patients.models import Patient
from radiomics_tasks.arrivals.measured_intake import take_table
from tests.measured_elsewhere import (
    DAY_ZERO,
    GHAFFARI,
    INSPIRE_PATIENTS,
    INSPIRE_SIZES,
    as_csv,
    ghaffari,
    inspire,
    inspire_day,
    source,
)
from tests.measured_tables import TODAY

Found = dict[tuple[str, str], tuple[str, str]]
PUBLISHED_WORDS = {"NE": ("NOT EVALUABLE", ""), "TSTM": ("TOO SMALL TO MEASURE",)}


def exported() -> Found:
    """By patient and date, what the export says of the one lesion: diameter and state."""
    out = io.StringIO()
    call_command("export_measurements", "-", stdout=out, stderr=io.StringIO())
    rows = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    return {(row["patient"], row["date"]): (row["diameter_mm"], row["state"]) for row in rows}


def says(found: tuple[str, str], published: str) -> bool:
    """Whether an exported size is the published one, told by the published word and not by the converter's."""
    diameter, state = found
    if state == "ABSENT":
        return Decimal(published or 1) == 0
    if state in PUBLISHED_WORDS:
        return published in PUBLISHED_WORDS[state]
    return Decimal(diameter) == Decimal(published)


def day_of(row) -> str:
    return str(DAY_ZERO.fromordinal(DAY_ZERO.toordinal() + int(Decimal(row["treatment_day"]))))


@pytest.mark.django_db
def test_every_row_of_studies_1_to_3_comes_out_again(data_dir, team):
    content = as_csv(ghaffari(data_dir))
    taken = take_table(content, team, TODAY)
    assert (taken.problems, len(taken.patient_pks), taken.visits) == ((), 628, 3595)
    rows, found = source(data_dir, GHAFFARI), exported()
    assert len(rows) == 3599
    missed = [r for r in rows if not says(found[r["patient_id"], day_of(r)], r["target_lesion_long_diam_mm"])]
    assert missed == []
    assert len(found) == 3595
    again = take_table(content, team, TODAY)
    assert (again.problems, again.visits, again.known_visits) == ((), 0, 3595)


@pytest.mark.django_db
def test_every_size_of_inspire_comes_out_again(data_dir, team):
    taken = take_table(as_csv(inspire(data_dir)), team, TODAY)
    assert (taken.problems, taken.visits) == ((), 344)
    found = exported()
    baselines = {row["id"]: row["l_size"] for row in source(data_dir, INSPIRE_PATIENTS)}
    rows = source(data_dir, INSPIRE_SIZES)
    assert len(rows) == 270
    for row in rows:
        diameter, state = found[row["id"], str(inspire_day(row))]
        if state == "MEASURED":
            change = 100 * (Decimal(diameter) / Decimal(baselines[row["id"]]) - 1)
            assert abs(change - Decimal(row["size_change"])) < Decimal("1e-9")
        else:
            assert row["size_change"] == {"NE": "", "ABSENT": "-100.0"}[state]
    assert Patient.objects.count() == 74
