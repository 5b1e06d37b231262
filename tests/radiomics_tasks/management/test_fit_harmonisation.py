"""`manage.py fit_harmonisation`: a worker fits, the command tells what was seen or why not."""

import io

import pytest
from django.core.management import CommandError, call_command

from patients.models import HarmonisationModel
from tests.factories import TeamFactory
from tests.live_worker import running_worker
from tests.scanner_cohort import scanned_patient, scanner_cohort


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("fit_harmonisation", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_no_team_and_several_teams():
    with pytest.raises(CommandError, match="There is no team yet"):
        run()
    TeamFactory.create_batch(2)
    with pytest.raises(CommandError, match="say whose"):
        run()


@pytest.mark.django_db(transaction=True)
def test_a_cohort_is_fitted_by_a_worker_and_a_refusal_is_told(team, tmp_path):
    scanned_patient(team, 500, "Force", 1.0)
    with running_worker(tmp_path / "worker.log", DELTARAD_VERIFY_HOURS="0"):
        with pytest.raises(CommandError, match=r"Not harmonised\. Harmonisation needs two scanners"):
            run("--team", team.name)
        scanner_cohort(team)
        told = run("--team", team.name, "--profile", "ct")
    model = HarmonisationModel.objects.get()
    assert told.startswith(f"ct version 1, {model.digest[:12]}: 34 lesions, 3 features\n")
    assert "  CT · siemens force · soft kernel · slices up to 2.5 mm: 22 lesions\n" in told
    assert "mean-only" in told
    assert model.values.count() == 34
