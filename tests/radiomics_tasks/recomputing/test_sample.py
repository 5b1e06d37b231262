"""Fifty random numbers come out the same; whatever was changed behind the database's back is found and named."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from patients.models import FeatureDelta, FeatureSnapshot
from tests.extracted import extracted_patient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def recompute(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("recompute", *words, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_fifty_random_numbers_are_identical_and_a_changed_change_is_not(team, storage, settings):
    settings.HAS_RINGS = True
    patient = extracted_patient(team, storage)
    status, said = recompute("--sample", "50", "--patient", patient.pseudonym)
    assert (status, "50 of 50 identical" in said) == (0, True), said
    assert "rows of findings concluded again: 0 differences" in said
    assert said.count("  identical\n") == 50
    assert said.count(", ring ") == 5
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_featuredelta SET absolute[3] = absolute[3] + 1e-9")
    status, said = recompute("--sample", "10", "--patient", patient.pseudonym)
    row = FeatureDelta.objects.first()
    assert status == 1
    assert f"absolute, {row.feature_set.names[2]}: stored " in said
    assert "units in the last place" in said


def test_the_same_seed_draws_the_same_numbers(team, storage):
    extracted_patient(team, storage, ((10.0,), (9.0,)))
    first, again, other = (recompute("--sample", "6", "--seed", seed)[1] for seed in ("5", "5", "6"))
    assert first == again != other
    assert FeatureSnapshot.objects.count() == 2


def test_where_there_is_no_number_it_says_so(team):
    with pytest.raises(CommandError, match="no number yet"):
        recompute()
    with pytest.raises(CommandError, match="no patient P-9"):
        recompute("--patient", "P-9")
