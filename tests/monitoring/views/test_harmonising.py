"""Versions of a harmonisation on their page, the steward's button, and harmonised beside raw."""

import csv
import io

import pytest
from django.urls import reverse

from patients.models import HarmonisationModel
from patients.reads.tables.exports import tidy_rows
from patients.vocabulary import Role, RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.harmonise import fit_harmonisation
from tests.factories import TeamFactory, login
from tests.scanner_cohort import MEAN, scanned_patient, scanner_cohort

pytestmark = pytest.mark.django_db
PAGE, FIT = "/harmonisation/", "/harmonisation/fit"


@pytest.fixture
def steward(team):
    return login(team, Role.STEWARD, username="steward")


def fitted(team):
    fit_harmonisation(runs.arm(Step.HARMONISE, team.pk, "ct").pk)
    return HarmonisationModel.objects.get()


def test_a_steward_queues_a_fit_and_nobody_else(team, steward, owner, member, as_user):
    asked = {"team": team.pk, "profile": "ct"}
    for user in (owner, member):
        assert as_user(user).post(FIT, asked).status_code == 403
    assert as_user(login(TeamFactory.create(), Role.STEWARD)).post(FIT, asked).status_code == 404
    assert not ProcessingRun.objects.filter(step=Step.HARMONISE).exists()
    assert as_user(steward).post(FIT, asked).url == PAGE
    run = ProcessingRun.objects.get(step=Step.HARMONISE)
    assert (run.subject_pk, run.input_key, run.state) == (team.pk, f"ct:{steward.pk}", RunState.QUEUED)
    assert "are being harmonised" in as_user(steward).get(PAGE).text


@pytest.mark.parametrize("asked", [{}, {"team": "x", "profile": "ct"}, {"profile": "no"}])
def test_what_is_no_team_or_profile_is_not_found(team, steward, as_user, asked):
    assert (
        as_user(steward).post(FIT, {"team": team.pk, **asked, "profile": asked.get("profile", "")}).status_code == 404
    )


def test_the_page_lists_a_version_with_what_it_saw(team, member, steward, as_user):
    scanner_cohort(team, (21, 12))
    scanned_patient(team, 50, "Drive", 1.0)
    fitted(team)
    page = as_user(member).get(PAGE).text
    assert "CT version 1" in page and "in force" in page
    assert "CT · siemens sensation · soft kernel · slices up to 2.5 mm" in page
    assert "12 lesions, fewer than 20: mean-only" in page
    assert "not in the model: a batch of one" in page
    assert "organ, volume (logarithm of mL)" in page
    assert '<button class="primary">Fit' not in page
    assert '<button class="primary">Fit' in as_user(steward).get(PAGE).text


def test_a_stranger_sees_no_version_and_a_refusal_is_told(team, member, stranger, as_user):
    scanned_patient(team, 1, "Force", 1.0)
    fit_harmonisation(runs.arm(Step.HARMONISE, team.pk, "ct").pk)
    assert "Harmonisation needs two scanners with at least 10 lesions each" in as_user(member).get(PAGE).text
    assert "was refused" not in as_user(stranger).get(PAGE).text


def test_the_harmonised_value_stands_beside_the_raw_one(team, member, as_user):
    snapshots = scanner_cohort(team)
    lesions = [row.segmentation.lesion for row in (snapshots[0], snapshots[-1])]
    before = as_user(member).get(reverse("lesion", args=[lesions[0].code]), {"feature": MEAN}).text
    fitted(team)
    pages = [as_user(member).get(reverse("lesion", args=[one.code]), {"feature": MEAN}).text for one in lesions]
    assert "Harmonised" not in before.partition("<table")[2]
    assert all(page.index(">Value</th>") < page.index("Harmonised <a") for page in pages)
    assert "mean-only" in pages[1] and "mean-only" not in pages[0]


def test_a_scanner_not_in_the_model_is_said_on_the_lesion(team, member, as_user):
    from radiomics_tasks.harmonising import rederive_patient

    scanner_cohort(team)
    fitted(team)
    patient, snapshot = scanned_patient(team, 99, "Drive", 5.0)
    rederive_patient(patient.pk)
    page = as_user(member).get(reverse("lesion", args=[snapshot.segmentation.lesion.code]), {"feature": MEAN}).text
    assert "scanner not in the model" in page


def test_the_export_has_a_harmonised_column_with_the_models_version(team, member, as_user):
    snapshots = scanner_cohort(team)
    model = fitted(team)
    patient = snapshots[0].segmentation.scan.patient
    body = b"".join(as_user(member).get(reverse("patient_csv", args=[patient.code])).streaming_content).decode()
    rows = {row["feature"]: row for row in csv.DictReader(io.StringIO(body))}
    assert rows["volume_ml"]["harmonised"] == rows["volume_ml"]["harmonisation"] == ""
    assert rows["original_shape_MeshVolume"]["harmonised_reason"] == "FEATURE_NOT_IN_MODEL"
    assert rows[MEAN]["harmonisation"] == f"version 1 {model.digest}"
    stored = model.values.get(snapshot=snapshots[0]).values[1]
    assert float(rows[MEAN]["harmonised"]) == stored != float(rows[MEAN]["value"])


def test_the_export_asks_as_often_for_one_patient_as_for_many(team, django_assert_num_queries):
    patients = [row.segmentation.scan.patient_id for row in scanner_cohort(team)]
    fitted(team)
    for some in (patients[:1], patients[:9]):
        with django_assert_num_queries(8):
            list(tidy_rows(some))


def test_a_version_of_made_up_patients_says_so(team, member, as_user):
    scanner_cohort(team, is_synthetic=True)
    assert fitted(team).is_synthetic
    assert "from made-up patients, for made-up patients only" in as_user(member).get(PAGE).text
