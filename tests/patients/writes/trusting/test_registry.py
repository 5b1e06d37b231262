"""The registry: a text is never changed, one version is active, what a model said stays as it was said."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from patients.concluded.hosted_findings import HostedOutput
from patients.model_text import ModelRefused
from patients.models import HostedModel, ModelOutput
from patients.reads.trusting.registry import active_score_text, computing_texts, outputs_shown
from patients.words.hosted_words import HostedStatus, Level, ModelStatus, Tier
from patients.writes.trusting.registry import approve_model, register_model, replace_outputs, retire_model
from radiomics_tasks.analysis.trust.pseudoprogression.model import default_text
from radiomics_tasks.hosting import computing_models, ensure_default_model, read_any
from tests.factories import UserFactory, followed_patient
from tests.hosted_models import text

pytestmark = pytest.mark.django_db


def registered(version: str = "1.0.0", **more) -> HostedModel:
    content = text(lambda data: data.update(version=version, **more))
    return register_model(content, read_any(content), UserFactory.create())


def test_a_registered_text_cannot_be_changed_or_removed():
    model = registered()
    changes: list[dict[str, object]] = [{"text": "{}"}, {"card": {}}, {"version": "9.9.9"}, {"digest": "0" * 64}]
    for change in changes:
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            HostedModel.objects.filter(pk=model.pk).update(**change)
    with pytest.raises(IntegrityError, match="never removed"), transaction.atomic():
        HostedModel.objects.filter(pk=model.pk).delete()


@pytest.mark.parametrize("state", [ModelStatus.DRAFT, ModelStatus.SHADOW, ModelStatus.ACTIVE])
def test_what_is_retired_stays_retired(state: ModelStatus):
    model = registered()
    retire_model(model, UserFactory.create())
    with pytest.raises(IntegrityError, match="draft to shadow"), transaction.atomic():
        HostedModel.objects.filter(pk=model.pk).update(status=state)
    with pytest.raises(ModelRefused, match="retired already"):
        retire_model(model, UserFactory.create())


def test_a_version_is_one_content():
    assert registered().pk == registered().pk
    with pytest.raises(ModelRefused, match="registered with other content"):
        registered(title="Another title")


def test_a_new_version_retires_the_one_before():
    first, second = registered(), registered("1.1.0")
    approver = UserFactory.create()
    assert approve_model(first, approver) is None
    assert approve_model(second, approver) == first
    first.refresh_from_db()
    assert (first.status, first.retired_by) == (ModelStatus.RETIRED, approver)
    assert computing_texts() == ((second.digest, second.text),)


def test_in_shadow_a_model_computes_and_the_active_one_stays():
    first, second = registered(), registered("1.1.0")
    approve_model(first, UserFactory.create())
    approve_model(second, UserFactory.create(), is_shadow=True)
    assert {model.version for model in computing_models()} == {"1.0.0", "1.1.0"}


def test_the_shipped_score_is_registered_once_and_is_in_use():
    assert ensure_default_model().pk == ensure_default_model().pk
    row = HostedModel.objects.get()
    assert (row.model_id, row.version, row.status, row.tier) == ("psp-default", "0.2.0", "ACTIVE", "none")
    assert len(row.replay) == 6
    assert active_score_text() == (row.digest, default_text())


def output(model: HostedModel, timepoint_pk: int, lesion_pk: int | None, value: float | None = 0.4) -> HostedOutput:
    status = HostedStatus.OK if value is not None else HostedStatus.NOT_RELIABLE
    return HostedOutput(
        model.model_id, model.version, model.digest, Level.LESION, lesion_pk, timepoint_pk, Tier.EXTERNAL, status, "T",
        value=value,
    )  # fmt: skip


def test_what_a_model_said_is_kept_when_it_says_something_else(team):
    patient = followed_patient(team, lesions=1, dates=1)
    lesion, visit = patient.lesions.get(), patient.timepoints.get()
    model = registered()
    approve_model(model, UserFactory.create())
    said = output(model, visit.pk, lesion.pk)
    for _ in range(2):
        replace_outputs(patient.pk, [said])
    assert ModelOutput.objects.count() == 1
    assert [one for _, one in outputs_shown(patient.pk, lesion.pk)] == [said]
    replace_outputs(patient.pk, [replace(said, value=None, status=HostedStatus.NOT_RELIABLE)])
    first, second = ModelOutput.objects.order_by("pk")
    assert (first.value, first.superseded_at is None, second.value) == (0.4, False, None)
    for change in ({"value": 0.5}, {"superseded_at": None}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            ModelOutput.objects.filter(pk=first.pk).update(**change)


def test_shadow_and_retired_models_are_not_shown(team):
    patient = followed_patient(team, lesions=1, dates=1)
    model = registered()
    approve_model(model, UserFactory.create(), is_shadow=True)
    replace_outputs(patient.pk, [output(model, patient.timepoints.get().pk, None)])
    assert outputs_shown(patient.pk) == ()
    approve_model(model, UserFactory.create())
    assert len(outputs_shown(patient.pk)) == 1
    retire_model(model, UserFactory.create())
    assert outputs_shown(patient.pk) == ()
