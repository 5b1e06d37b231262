"""From an approved model to the numbers of every patient, and away again when it is retired."""

import json
from typing import Any

import pytest

from patients.models import HostedModel, ModelOutput
from patients.reads.trusting.registry import outputs_shown
from patients.vocabulary import RunState, Step
from patients.words.hosted_words import HostedStatus
from patients.writes.trusting.registry import approve_model, receive_model, register_model, retire_model
from radiomics_tasks import hosting, runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.apply import apply_model
from radiomics_tasks.steps.reassess import reassess_patient
from radiomics_tasks.steps.register import register_model as register_step
from tests.factories import FEATURES, UserFactory, digest_of, everywhere, followed_patient
from tests.hosted_models import expit, term, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def of_contrast(low: float = 1.0) -> str:
    """A model of the contrast, which is 3.0 in every made-up lesion."""

    def change(data: dict[str, Any]) -> None:
        kept: dict[str, Any] = {"center": 2.0, "scale": 1.0, "range": [0, 50], "training": [low, 10], "beta": 0.5}
        data.update(profile_digest=digest_of("ct"), terms=[term(FEATURES[2], **kept)])
        pair = {"inputs": {FEATURES[2]: 6}, "expect": {"value": expit(0.1 + 0.9 * (-1.2 + 2.0))}}
        data["reference_pairs"] = [pair]

    return text(change)


def active(content: str) -> HostedModel:
    model = register_model(content, hosting.read_any(content), UserFactory.create())
    approve_model(model, UserFactory.create())
    return model


def concluded(patient) -> None:
    run = runs.arm(Step.REASSESS, patient.pk)
    reassess_patient(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.reason


def test_every_lesion_and_visit_has_its_number_once_it_is_concluded(team):
    patient = followed_patient(team, lesions=2, dates=3)
    model = active(of_contrast())
    for _ in range(2):
        concluded(patient)
    found = [one for _, one in outputs_shown(patient.pk)]
    assert len(found) == ModelOutput.objects.count() == 6
    assert {one.model_digest for one in found} == {model.digest}
    assert all(one.value == pytest.approx(expit(0.1 + 0.9 * (-1.2 + 0.5))) for one in found)
    retire_model(model, UserFactory.create())
    concluded(patient)
    assert ModelOutput.objects.filter(superseded_at=None).count() == 0
    assert ModelOutput.objects.count() == 6


def test_outside_its_training_no_number_is_kept(team):
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast(low=5.0))
    concluded(patient)
    row = ModelOutput.objects.get()
    assert (row.status, row.value, row.said["contributions"]) == (HostedStatus.NOT_RELIABLE, None, [])


def test_the_shipped_score_is_registered_when_the_first_patient_is_concluded(team):
    concluded(followed_patient(team, lesions=1, dates=1))
    assert HostedModel.objects.get().model_id == "psp-default"


def test_a_model_that_no_longer_gives_its_own_answers_is_not_used(team, monkeypatch, caplog):
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast())
    broken = json.dumps({**json.loads(of_contrast()), "intercept": 3})
    monkeypatch.setattr(hosting, "computing_texts", lambda: (("0" * 64, broken),))
    concluded(patient)
    assert not ModelOutput.objects.exists()
    assert "a registered model is not used: E_MODEL_REFERENCE" in caplog.text


def test_a_model_whose_stored_text_is_another_one_is_not_used(team, monkeypatch, caplog):
    """Its own pairs would come out: only the digest tells."""
    patient = followed_patient(team, lesions=1, dates=1)
    active(of_contrast())
    other = json.dumps({**json.loads(of_contrast()), "title": "Another title"})
    monkeypatch.setattr(hosting, "computing_texts", lambda: (("0" * 64, other),))
    concluded(patient)
    assert not ModelOutput.objects.exists()
    assert "its text is not that of its digest" in caplog.text


def test_every_patient_that_was_scanned_is_concluded_again(team):
    patients = [followed_patient(team, lesions=1, dates=1) for _ in range(3)]
    run = runs.arm(Step.APPLY, active(of_contrast()).pk)
    for _ in range(2):
        apply_model(run.pk)
    armed = ProcessingRun.objects.filter(step=Step.REASSESS).order_by("subject_pk").values_list("subject_pk", flat=True)
    assert list(armed) == sorted(patient.pk for patient in patients)


def test_a_refusal_is_a_result_and_a_taken_version_is_one_too():
    first = of_contrast()
    for content, code in ((first, ""), (of_contrast(low=2.0), "E_MODEL_VERSION"), ('{"kind": "forest"}', "E_MODEL")):
        upload = receive_model(content.encode(), "model.json", everywhere())
        run = runs.arm(Step.REGISTER, upload.pk)
        register_step(run.pk)
        upload.refresh_from_db()
        run.refresh_from_db()
        assert (run.state, upload.problem.get("code", "")) == (RunState.DONE, code)
        assert (upload.model is None) == bool(code)
