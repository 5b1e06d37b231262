"""Scores, harmonised values and answers of hosted models are in every sample of ten numbers and more."""

import io

import pytest
from django.core.management import call_command

from patients.models import HarmonisedValues, ModelOutput, PseudoprogressionScore
from patients.reads.timelines import patient_timeline
from patients.vocabulary import DrugClass, Role, Tumour
from patients.words.reading_words import ClinicalStatus
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.harmonising import rederive_team
from radiomics_tasks.hosting import ensure_default_model
from tests.factories import followed_patient, login, signed_reading
from tests.patients.rows import followed
from tests.radiomics_tasks.steps.test_models_applied import active, concluded, of_contrast
from tests.radiomics_tasks.steps.test_recompute import changed
from tests.radiomics_tasks.test_harmonising import stored
from tests.scanner_cohort import scanner_cohort

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


@pytest.fixture
def score(team) -> PseudoprogressionScore:
    ensure_default_model()
    patient = followed([50.0, 65.0], team=team, tumour=Tumour.MELANOMA)
    patient.courses.update(drug_class=DrugClass.ANTI_PD1)
    anna = login(team, Role.READER, username="anna")
    for visit in patient.timepoints.order_by("scans__acquired_on"):
        signed_reading(visit, anna, clinical_status=ClinicalStatus.STABLE)
    replace_findings(conclude(patient_timeline(patient.pk)))
    return PseudoprogressionScore.objects.get()


def recompute(*words: str) -> tuple[int, list[str]]:
    out = io.StringIO()
    try:
        call_command("recompute", "--sample", "10", *words, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_a_score_is_computed_again_and_one_that_was_edited_is_named(score):
    of = "--patient", score.patient.pseudonym
    _, said = recompute(*of)
    assert any("pseudoprogression score" in line and line.endswith("identical") for line in said), said
    changed("patients_pseudoprogressionscore", "probability = %s", score.pk, 0.5)
    status, said = recompute(*of)
    (line,) = [line for line in said if "pseudoprogression score" in line]
    assert (status, "DIFFERS: score probability" in line) == (1, True), line


def test_a_harmonised_value_is_derived_again_and_one_that_was_edited_is_named(team):
    scanner_cohort(team)
    rederive_team(stored(team))
    row = HarmonisedValues.objects.earliest("pk")
    of = "--patient", row.snapshot.segmentation.scan.patient.pseudonym
    _, said = recompute(*of)
    assert any("harmonised by ct version 1" in line and line.endswith("identical") for line in said), said
    HarmonisedValues.objects.filter(pk=row.pk).update(values=[value and value + 1.0 for value in row.values])
    status, said = recompute(*of)
    (line,) = [line for line in said if "harmonised by" in line]
    assert (status, "DIFFERS: harmonised value" in line) == (1, True), line


def test_a_hosted_answer_is_given_again_and_one_that_was_edited_is_named(team):
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast())
    concluded(patient)
    row = ModelOutput.objects.get()
    _, said = recompute("--patient", patient.pseudonym)
    assert any(f"{row.model}, " in line and line.endswith("identical") for line in said), said
    changed("patients_modeloutput", "value = %s", row.pk, 0.25)
    status, said = recompute("--patient", patient.pseudonym)
    (line,) = [line for line in said if f"{row.model}, " in line and " answer " in line]
    assert (status, "DIFFERS: answer value" in line) == (1, True), line
