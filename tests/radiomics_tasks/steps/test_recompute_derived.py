"""Rings, scores, harmonised values and hosted models' answers asked for again: the same digits, or an alarm."""

import json
import math

import pytest
from django.db import connection

from patients.models import (
    FeatureSnapshot,
    HarmonisedValues,
    HostedModel,
    ModelOutput,
    Patient,
    PseudoprogressionScore,
    Recomputation,
    Segmentation,
)
from patients.reads.timelines import patient_timeline
from patients.reads.trusting.recomputations import alarms_of_lesion, patients_with_alarms
from patients.vocabulary import DrugClass, Role, RunState, Step, Tumour
from patients.words.reading_words import ClinicalStatus
from patients.words.recompute_words import Recomputed
from patients.words.regions import Region
from patients.writes.findings import replace_findings
from patients.writes.trusting.recomputations import ask_again
from radiomics_tasks import runs
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.harmonising import rederive_team
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import recompute
from tests.extracted import extracted_patient
from tests.factories import everywhere, followed_patient, login, signed_reading
from tests.patients.rows import followed
from tests.radiomics_tasks.steps.test_models_applied import active, concluded, of_contrast
from tests.radiomics_tasks.steps.test_recompute import changed, one_byte
from tests.radiomics_tasks.test_harmonising import stored
from tests.scanner_cohort import scanner_cohort

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch, storage):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def asked(subject) -> Recomputation:
    request = ask_again(subject, everywhere())
    run = runs.arm(Step.RECOMPUTE, request.pk)
    recompute.recompute_number(run.pk)
    request.refresh_from_db()
    assert ProcessingRun.objects.get(pk=run.pk).state == RunState.DONE
    return request


@pytest.fixture
def ring(team, storage, settings) -> FeatureSnapshot:
    settings.HAS_RINGS = True
    extracted_patient(team, storage, ((11.0, 9.0),))
    return FeatureSnapshot.objects.filter(region=Region.RING_0_5).earliest("pk")


def test_a_ring_gives_the_same_digits_and_a_changed_one_is_named(ring, team):
    found = asked(ring)
    assert (found.outcome, found.differing) == (Recomputed.SAME, []), found.sentence
    assert "of the ring" in found.sentence
    place = next(place for place, value in enumerate(ring.values) if value)
    stored_value = math.nextafter(ring.values[place], math.inf)
    changed("patients_featuresnapshot", f"values[{place + 1}] = %s", ring.pk, stored_value)
    found = asked(ring)
    assert found.outcome == Recomputed.DIGITS_DIFFER
    assert found.differing[0]["name"] == ring.feature_set.names[place]
    assert alarms_of_lesion(ring.segmentation.lesion_id) == [found]
    assert patients_with_alarms([team.pk]) == {ring.segmentation.scan.patient_id}


def test_a_rings_neighbours_are_held_against_their_files_and_their_company(ring, storage):
    other = Segmentation.objects.exclude(pk=ring.segmentation_id).get()
    one_byte(storage, other.mask_file)
    found = asked(ring)
    assert (found.outcome, found.differing[0]["what"]) == (
        Recomputed.MASK_CHANGED,
        "outline file of a lesion around",
    )
    Segmentation.objects.filter(pk=other.pk).update(lesion=None)
    found = asked(ring)
    assert found.outcome == Recomputed.INPUTS_CHANGED
    assert found.sentence.startswith("The lesions around the ring")


@pytest.fixture
def score(team) -> PseudoprogressionScore:
    ensure_default_model()
    anna = login(team, Role.READER, username="anna")
    patient: Patient = followed([50.0, 65.0], team=team, tumour=Tumour.MELANOMA)
    patient.courses.update(drug_class=DrugClass.ANTI_PD1)
    for visit in patient.timepoints.order_by("scans__acquired_on"):
        signed_reading(visit, anna, clinical_status=ClinicalStatus.STABLE)
    replace_findings(conclude(patient_timeline(patient.pk)))
    return PseudoprogressionScore.objects.get()


def test_a_score_gives_the_same_digits_from_its_stored_inputs(score):
    found = asked(score)
    assert (found.outcome, found.differing) == (Recomputed.SAME, []), found.sentence


def test_an_input_a_contribution_and_a_model_that_were_edited_are_each_named(score, team):
    items = dict(score.inputs["items"])
    name = "volume_ratio"
    items[name] = {**items[name], "value": math.nextafter(items[name]["value"], math.inf)}
    changed("patients_pseudoprogressionscore", "inputs = %s", score.pk, json.dumps({**score.inputs, "items": items}))
    score.refresh_from_db()
    found = asked(score)
    assert found.outcome == Recomputed.DIGITS_DIFFER
    assert any("value" in one["name"] and one["units"] == 1 for one in found.differing)
    assert patients_with_alarms([team.pk]) == {score.patient_id}
    changed("patients_pseudoprogressionscore", "model_digest = %s", score.pk, "4" * 64)
    assert asked(PseudoprogressionScore.objects.get()).outcome == Recomputed.INPUTS_CHANGED


def test_a_number_that_was_edited_alone_is_named(score):
    said = {**score.score, "prior": math.nextafter(score.score["prior"], 1.0)}
    changed("patients_pseudoprogressionscore", "score = %s", score.pk, json.dumps(said))
    found = asked(PseudoprogressionScore.objects.get())
    assert (found.outcome, found.differing[0]["name"], found.differing[0]["units"]) == (
        Recomputed.DIGITS_DIFFER,
        "as given, prior",
        1,
    )


def test_harmonised_values_give_the_same_digits_and_an_edit_or_another_model_is_named(team):
    scanner_cohort(team)
    model = stored(team)
    rederive_team(model)
    row = HarmonisedValues.objects.earliest("pk")
    found = asked(row)
    assert (found.outcome, found.differing) == (Recomputed.SAME, []), found.sentence
    place = next(place for place, value in enumerate(row.values) if value is not None)
    edited = [*row.values]
    edited[place] = math.nextafter(row.values[place], math.inf)
    HarmonisedValues.objects.filter(pk=row.pk).update(values=edited)
    found = asked(row)
    assert (found.outcome, found.differing[0]["units"]) == (Recomputed.DIGITS_DIFFER, 1)
    assert row.snapshot.feature_set.names[place] in found.sentence
    assert alarms_of_lesion(row.snapshot.segmentation.lesion_id) == [found]
    data = json.loads(model.parameters)
    data["warnings"] = ["edited"]
    changed("patients_harmonisationmodel", "parameters = %s", model.pk, json.dumps(data))
    assert asked(HarmonisedValues.objects.get(pk=row.pk)).outcome == Recomputed.INPUTS_CHANGED


def test_a_hosted_answer_gives_the_same_digits_and_an_edit_is_named(team):
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast())
    concluded(patient)
    row = ModelOutput.objects.get()
    found = asked(row)
    assert (found.outcome, found.differing) == (Recomputed.SAME, []), found.sentence
    edited = math.nextafter(row.value, 1.0)
    changed("patients_modeloutput", "value = %s", row.pk, edited)
    found = asked(ModelOutput.objects.get())
    assert (found.outcome, found.differing[0]["units"]) == (Recomputed.DIGITS_DIFFER, 1)
    assert alarms_of_lesion(row.lesion_id) == [found]
    changed("patients_modeloutput", "value = %s", row.pk, row.value)
    snapshot = FeatureSnapshot.objects.get()
    changed("patients_featuresnapshot", "values[3] = %s", snapshot.pk, math.nextafter(3.0, 4.0))
    found = asked(ModelOutput.objects.get())
    assert found.outcome == Recomputed.DIGITS_DIFFER
    assert any("value" in one["name"] and one["units"] == 1 for one in found.differing)


def test_an_answer_that_was_refused_is_computed_again_and_another_model_text_is_named(team):
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast(low=5.0))
    concluded(patient)
    row = ModelOutput.objects.get()
    assert asked(row).outcome == Recomputed.SAME
    text = HostedModel.objects.get(pk=row.model_id).text
    changed("patients_hostedmodel", "text = %s", row.model_id, text.replace("made-up group", "made-up crowd"))
    assert asked(ModelOutput.objects.get()).outcome == Recomputed.INPUTS_CHANGED


def test_what_was_replaced_while_it_waited_ends_without_an_answer(team, score):
    request = ask_again(score, everywhere())
    run = runs.arm(Step.RECOMPUTE, request.pk)
    Recomputation.objects.all().delete()
    recompute.recompute_number(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_recomputation")
        assert cursor.fetchone() == (0,)
