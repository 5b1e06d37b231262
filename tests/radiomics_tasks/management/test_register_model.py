"""A model from a shell: registered, approved by name, or refused with the sentence that mends it and an exit status."""

import pickle

import pytest
from django.core.management import CommandError, call_command

from patients.models import HostedModel
from patients.vocabulary import Role, Step
from patients.words.hosted_words import ModelStatus
from radiomics_tasks.models import ProcessingRun
from tests.factories import login
from tests.hosted_models import text

pytestmark = pytest.mark.django_db


def run(path, content: bytes | str, *words: str, capsys=None) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    call_command("register_model", str(path), *words)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.json"


def test_it_is_registered_and_approved_by_name(path, team, capsys, monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    steward = login(team, Role.STEWARD, username="approver")
    run(path, text())
    assert "made-up-signature 1.0.0  DRAFT  " in capsys.readouterr().out
    run(path, text(), "--approve-as", "approver")
    assert "  ACTIVE  " in capsys.readouterr().out
    model = HostedModel.objects.get(model_id="made-up-signature")
    assert (model.status, model.approved_by, model.created_by) == (ModelStatus.ACTIVE, steward, None)
    assert ProcessingRun.objects.filter(step=Step.APPLY, subject_pk=model.pk).count() == 1


BAD: dict[str, bytes | str] = {
    "E_MODEL: The model card lacks estimand. Fill it in.": text(lambda data: data["card"].pop("estimand")),
    "E_MODEL: Term 1 asks for original_glcm_Nothing": text(
        lambda data: data["terms"][0].update(feature="original_glcm_Nothing")
    ),
    "E_MODEL_REFERENCE: Reference pair 1 gives 0.4576": text(
        lambda data: data["reference_pairs"][0]["expect"].update(value=0.46)
    ),
    "E_MODEL_FORMAT: This file is a pickle": pickle.dumps({"coef_": [1.0]}),
    "E_MODEL_SIZE: A model has at most 1000 kB.": b"{" + b" " * 50_000_000,
    "E_MODEL: The model holds NaN": text().replace("-1.2", "NaN", 1),
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_wrong_ends_with_its_sentence(words: str, path):
    with pytest.raises(CommandError) as refused:
        run(path, BAD[words])
    assert str(refused.value).startswith(words)
    assert not HostedModel.objects.filter(kind="COEFFICIENTS").exists()


def test_who_may_not_approve(path, team):
    login(team, Role.READER, username="reader-one")
    login(team, Role.STEWARD, username="sender")
    for words, said in (
        (("--approve-as", "reader-one"), "it takes a steward or an administrator"),
        (("--approve-as", "ghost"), "There is no login ghost."),
        (("--by", "sender", "--approve-as", "sender"), "Whoever sent a model in does not approve it"),
    ):
        with pytest.raises(CommandError, match=said):
            run(path, text(), *words)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("register_model", str(tmp_path / "none.json"))
