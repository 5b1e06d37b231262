"""Rows of before the readings are kept, unchanged, when the tables for them are added."""

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps as current_apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.emptied import let_trail_be_emptied

BEFORE = [("patients", "0004_administrators")]
ON = "2024-01-08"


def migrated(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def back_again():
    """Whatever a test does, the next one finds the newest tables."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    let_trail_be_emptied()


def old_rows(old) -> None:
    team = old.get_model("patients", "Team").objects.create(name="T")
    patient = old.get_model("patients", "Patient").objects.create(pseudonym="P-1", team=team)
    course = {"patient": patient, "name": "nivolumab", "drug_class": "ANTI_PD_L1", "started_on": ON}
    old.get_model("patients", "TreatmentCourse").objects.create(**course)
    lesion = {"patient": patient, "tracking_uid": "2.25.1", "tracking_id": "liver 1", "organ": "LIVER"}
    old.get_model("patients", "Lesion").objects.create(**lesion, role="TARGET")
    timepoint = old.get_model("patients", "Timepoint").objects.create(patient=patient)
    called: dict[str, Any] = {
        "criterion": "RECIST_1_1_TARGET",
        "category": "SD",
        "assessed_on": ON,
        "partial_sum_mm": "31.4",
    }
    called |= {"contributions": [], "rule": "SD_NEITHER", "reasons": ["because"], "inputs_digest": "0" * 64}
    old.get_model("patients", "ResponseAssessment").objects.create(patient=patient, timepoint=timepoint, **called)


@pytest.mark.django_db(transaction=True)
def test_a_database_with_rows_takes_the_readings(back_again):
    old_rows(migrated(BEFORE))
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    row = current_apps.get_model("patients", "ResponseAssessment").objects.get()
    assert (row.category, row.reasons, row.flips, row.reader_id, row.course_id) == ("SD", ["because"], [], None, None)
    lesion = current_apps.get_model("patients", "Lesion").objects.get()
    assert (lesion.tracking_id, lesion.new_kind) == ("liver 1", "")
    assert current_apps.get_model("patients", "Timepoint").objects.get().judged_on is None
    assert current_apps.get_model("patients", "TreatmentCourse").objects.get().randomised_on is None


TOGETHER = [("patients", "0025_recomputation_subjects"), ("radiomics_tasks", "0008_runs_move_as_allowed")]


def harmonised_teams(old) -> None:
    """A team of patients, one of made-up patients, one of both, each with a harmonisation; and a table of all."""
    for name, kinds in {"real": [False], "made up": [True], "both": [False, True]}.items():
        team = old.get_model("patients", "Team").objects.create(name=name)
        for is_synthetic in kinds:
            pseudonym = f"{name} {is_synthetic}"
            old.get_model("patients", "Patient").objects.create(
                pseudonym=pseudonym, team=team, is_synthetic=is_synthetic
            )
        known = {"profile": "ct", "profile_digest": "p", "digest": "d", "parameters": "{}"}
        old.get_model("patients", "HarmonisationModel").objects.create(team=team, version=1, **known)
    empty: dict[str, list[Any]] = {
        name: [] for name in ("is_log", "degrees", "lesions", "patients", "left_out", "missing", "within_sd")
    }
    table = {"source": "SITE_PAIRS", "modality": "CT", "size_class": "10_35", "inputs_digest": "d"}
    old.get_model("patients", "NoiseTable").objects.create(**table, **empty)
    patient = old.get_model("patients", "Patient").objects.first()
    timepoint = old.get_model("patients", "Timepoint").objects.create(patient=patient)
    seen = {"modality": "CT", "acquired_on": ON, "unit": "HU", "volume_digest": "v", "volume_file": "f"}
    old.get_model("patients", "Scan").objects.create(patient=patient, timepoint=timepoint, geometry={}, **seen)
    runs = old.get_model("radiomics_tasks", "ProcessingRun").objects
    runs.create(step="gather_noise", subject_pk=1)
    runs.update(state="RUNNING", attempt=1, lease_token=uuid4(), lease_until=timezone.now())
    runs.update(state="DONE", lease_token=None, lease_until=None)


@pytest.mark.django_db(transaction=True)
def test_what_was_learned_from_made_up_and_other_patients_together_is_made_again(back_again):
    harmonised_teams(migrated(TOGETHER))
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    models = current_apps.get_model("patients", "HarmonisationModel").objects.order_by("pk")
    assert list(models.values_list("team__name", "is_synthetic", "status")) == [
        ("real", False, "IN_FORCE"),
        ("made up", True, "IN_FORCE"),
        ("both", False, "RETIRED"),
    ]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        models.update(is_synthetic=True)
    assert not current_apps.get_model("patients", "NoiseTable").objects.exists()
    run = current_apps.get_model("radiomics_tasks", "ProcessingRun").objects.get()
    assert (run.step, run.state, run.attempt) == ("gather_noise", "QUEUED", 0)
