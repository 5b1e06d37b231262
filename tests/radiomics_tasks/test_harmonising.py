"""A team's cohort from rows to a frozen model, and harmonised values beside every snapshot."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from patients.models import HarmonisationModel, HarmonisedValues, Lesion
from patients.reads.trusting.harmonisation import baseline_lesions, harmonised_cells, scanned_lesions
from patients.vocabulary import LesionRole, Role, RunState, Step
from patients.words.harmonisation_words import ModelStatus
from patients.writes.trusting.harmonisation import store_model
from radiomics_tasks import runs
from radiomics_tasks.analysis.harmonisation.frozen import FrozenModel
from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.harmonising import fitted, rederive_patient, rederive_team
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.harmonise import fit_harmonisation
from tests.factories import login
from tests.scanner_cohort import CONTRAST, MEAN, scanned_patient, scanner_cohort

pytestmark = pytest.mark.django_db
CT = profile_named("ct")


def stored(team):
    model, is_synthetic = fitted(team.pk, CT)
    frozen, digest = model.as_json(), model.digest
    return store_model(
        team.pk, "ct", CT.digest, digest=digest, parameters=frozen, user_pk=None, is_synthetic=is_synthetic
    )


def test_a_teams_scanners_are_fitted_and_every_snapshot_derived(team):
    scanner_cohort(team)
    model = stored(team)
    assert [(one["label"].split(" · ")[1], one["rows"]) for one in model.content["batches"]] == [
        ("siemens force", 21),
        ("siemens sensation", 12),
    ]
    assert "fewer than 20" in model.content["warnings"][0]
    assert {"kind": "feature", "name": "original_shape_MeshVolume", "why": "SHAPE"} in model.content["omissions"]
    assert rederive_team(model) == HarmonisedValues.objects.count() == 33


def test_parameters_come_back_to_the_bit(team):
    scanner_cohort(team)
    model, _ = fitted(team.pk, CT)
    kept = HarmonisationModel.objects.get(pk=stored(team).pk)
    assert FrozenModel.parse(json.loads(kept.parameters)) == model
    assert FrozenModel.parse(json.loads(kept.parameters)).digest == kept.digest == model.digest


def test_a_scanner_that_comes_later_is_not_in_the_model(team):
    scanner_cohort(team)
    model = stored(team)
    patient, snapshot = scanned_patient(team, 99, "Drive", 5.0)
    rederive_patient(patient.pk)
    cell = harmonised_cells([snapshot.pk], MEAN)[snapshot.pk]
    assert (cell.value, cell.reason.label, cell.version) == (None, "scanner not in the model", 1)
    assert HarmonisationModel.objects.get().parameters == model.parameters


def test_a_small_scanner_is_noted_beside_its_value(team):
    snapshots = scanner_cohort(team)
    rederive_team(stored(team))
    cells = harmonised_cells([row.pk for row in snapshots], CONTRAST)
    assert [note.value for note in cells[snapshots[0].pk].notes] == []
    assert [note.value for note in cells[snapshots[-1].pk].notes] == ["MEAN_ONLY"]
    assert harmonised_cells([snapshots[0].pk], "original_glcm_Nothing") == {}


def test_a_new_fit_retires_the_one_before_and_the_same_fit_is_none(team):
    scanner_cohort(team)
    first = stored(team)
    assert stored(team) == first
    scanned_patient(team, 77, "Force", 3.0)
    second = stored(team)
    first.refresh_from_db()
    assert (first.status, second.status, second.version) == (ModelStatus.RETIRED, ModelStatus.IN_FORCE, 2)


@pytest.mark.parametrize("change", ["parameters = '{}'", "version = 9", "digest = 'x'"])
def test_the_database_keeps_a_harmonisation_as_fitted(team, change):
    scanner_cohort(team)
    stored(team)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE patients_harmonisationmodel SET {change}")
    with pytest.raises(IntegrityError, match="never removed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM patients_harmonisationmodel")


def test_a_retired_one_does_not_come_back(team):
    scanner_cohort(team)
    stored(team)
    HarmonisationModel.objects.update(status=ModelStatus.RETIRED)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        HarmonisationModel.objects.update(status=ModelStatus.IN_FORCE)


def test_each_lesion_stands_once_at_its_first_scan_and_new_ones_not_at_all(team):
    patient, first = scanned_patient(team, 1, "Force", 1.0)
    later = scanned_patient(team, 2, "Sensation", 2.0, patient=patient, lesion=first.segmentation.lesion, days=60)[1]
    assert [row.snapshot_pk for row in baseline_lesions(team.pk, CT.digest)] == [first.pk]
    assert [row.snapshot_pk for row in scanned_lesions([patient.pk], CT.digest)] == [first.pk, later.pk]
    Lesion.objects.update(role=LesionRole.NEW)
    assert baseline_lesions(team.pk, CT.digest) == []


def test_the_cohort_is_read_in_as_many_queries_for_one_as_for_many(team):
    scanned_patient(team, 1, "Force", 1.0)
    with CaptureQueriesContext(
        connection,
    ) as one:
        baseline_lesions(team.pk, CT.digest)
    scanner_cohort(team)
    with CaptureQueriesContext(connection) as many:
        assert len(baseline_lesions(team.pk, CT.digest)) == 34
    assert len(one) == len(many) == 2


def test_the_step_fits_stores_and_derives(team):
    scanner_cohort(team)
    steward = login(team, Role.STEWARD)
    run = runs.arm(Step.HARMONISE, team.pk, f"ct:{steward.pk}")
    fit_harmonisation(run.pk)
    assert ProcessingRun.objects.get(pk=run.pk).state == RunState.DONE
    model = HarmonisationModel.objects.get()
    assert (model.fitted_by, model.values.count()) == (steward, 33)


def test_what_cannot_be_fitted_is_refused_in_words(team):
    run = runs.arm(Step.HARMONISE, team.pk, "ct")
    fit_harmonisation(run.pk)
    found = ProcessingRun.objects.get(pk=run.pk)
    assert (found.state, found.reason_code) == (RunState.FAILED, "E_NO_LESIONS")
    scanned_patient(team, 1, "Force", 1.0)
    runs.arm(Step.HARMONISE, team.pk, "ct")
    fit_harmonisation(run.pk)
    assert ProcessingRun.objects.get(pk=run.pk).reason_code == "E_BATCHES"
    assert not HarmonisationModel.objects.exists()


def test_made_up_patients_are_a_cohort_of_their_own_and_only_where_a_team_has_no_others(team):
    made_up = scanner_cohort(team, is_synthetic=True)
    first = stored(team)
    assert (first.is_synthetic, first.content["subjects"], rederive_team(first)) == (True, 33, 33)
    patient, snapshot = scanned_patient(team, 99, "Force", 0.0)
    rederive_patient(patient.pk)
    assert harmonised_cells([snapshot.pk], MEAN) == {}
    with pytest.raises(Refusal, match="two scanners"):
        stored(team)
    real = scanner_cohort(team)
    second = stored(team)
    assert (second.is_synthetic, second.content["subjects"], rederive_team(second)) == (False, 34, 34)
    rederive_patient(made_up[0].segmentation.scan.patient_id)
    cells = harmonised_cells([made_up[0].pk, real[0].pk], MEAN)
    assert cells.keys() == {real[0].pk}


def test_what_was_derived_of_a_patient_who_turns_out_to_be_made_up_is_removed(team):
    snapshots = scanner_cohort(team)
    rederive_team(stored(team))
    patient = snapshots[0].segmentation.scan.patient
    patient.is_synthetic = True
    patient.save()
    rederive_patient(patient.pk)
    cells = harmonised_cells([row.pk for row in snapshots], MEAN)
    assert len(cells) == 32 and snapshots[0].pk not in cells
