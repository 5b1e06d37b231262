"""`manage.py import_measurements`: a wrong table is told row by row, a right one is filed and concluded."""

import io

import pytest
from django.core.management import CommandError, call_command

from patients.models import Patient, Team
from patients.vocabulary import Step
from radiomics_tasks.models import ProcessingRun
from tests.factories import TeamFactory
from tests.live_worker import running_worker
from tests.measured_tables import SMALL_COURSE, lesion, written


def run(path, *words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_measurements", str(path), *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(written(*SMALL_COURSE))
    return path


@pytest.mark.django_db
def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.csv cannot be read: No such file"):
        run(tmp_path / "nowhere.csv")


@pytest.mark.django_db
def test_several_teams_and_none_named(table):
    TeamFactory.create_batch(2)
    with pytest.raises(CommandError, match="say whose patient"):
        run(table)
    with pytest.raises(CommandError, match="no team named Elsewhere"):
        run(table, "--team", "Elsewhere")


@pytest.mark.django_db
def test_a_dry_run_files_nothing(table):
    out, _ = run(table, "--dry-run")
    assert out == "2 visits would be filed; 0 were filed before\n"
    assert (Patient.objects.count(), Team.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_problems_are_told_by_row_and_column_the_first_fifty(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(written(*(lesion(lesion=f"liver {n}", diameter_mm="1,5") for n in range(60))))
    err = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was filed: 60 problems"):
        call_command("import_measurements", str(path), stdout=io.StringIO(), stderr=err)
    lines = err.getvalue().splitlines()
    assert lines[0] == "row 2, diameter_mm: 1,5 has a comma. Write the decimal point: 1.5."
    assert (len(lines), lines[-1]) == (51, "and 10 more")
    assert not Patient.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_table_is_filed_and_concluded_by_a_worker(table, tmp_path, storage):
    with running_worker(tmp_path / "worker.log"):
        out, _ = run(table)
    assert out.splitlines() == ["2 visits filed; 0 were filed before", "1 patients concluded"]
    # What the site's cohort makes of it may still wait: it is nothing of this table's.
    concluded = ProcessingRun.objects.filter(step=Step.REASSESS)
    assert set(concluded.values_list("state", flat=True)) == {"DONE"}
    out, _ = run(table)
    assert out == "0 visits filed; 2 were filed before\n"
