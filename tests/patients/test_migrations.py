"""Rows of before the readings are kept, unchanged, when the tables for them are added."""

from typing import Any

import pytest
from django.apps import apps as current_apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

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
