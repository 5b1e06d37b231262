"""A model is refused with what is missing, and is used only when it reproduces its own reference pairs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from radiomics_tasks.analysis.trust.pseudoprogression import model as room
from radiomics_tasks.analysis.trust.pseudoprogression.model import CARD_FIELDS, PspModel, default_model
from radiomics_tasks.analysis.trust.pseudoprogression.replay import read_model
from radiomics_tasks.errors import Refusal

SHIPPED = Path(room.__file__).with_name("psp_score_v0.2.json").read_text(encoding="utf-8")


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(SHIPPED)
    change(data)
    return json.dumps(data)


def test_the_shipped_model_reproduces_its_reference_pairs():
    model = read_model(SHIPPED)
    assert model == default_model()
    assert {pair["expect"]["status"] for pair in model.reference_pairs} == {
        "OK",
        "INDETERMINATE",
        "UNFAVOURABLE_CLINICAL",
    }
    assert len(model.required_sentences) == 6


def test_the_digest_is_of_the_content():
    assert PspModel.parse(json.dumps(json.loads(SHIPPED), indent=3)).digest == default_model().digest
    assert PspModel.parse(changed(lambda data: data.update(kappa=0.76))).digest != default_model().digest


@pytest.mark.parametrize("name", CARD_FIELDS)
def test_a_card_that_lacks_a_field_is_refused(name: str):
    for text in (changed(lambda data: data["card"].pop(name)), changed(lambda data: data["card"].update({name: " "}))):
        with pytest.raises(Refusal) as refused:
            PspModel.parse(text)
        assert refused.value.sentence == f"The model card lacks {name}. Fill it in."


BROKEN = {
    "The model is not JSON (line 1).": "no",
    "The model lacks items. Add it.": "{}",
    "The model holds something unexpected: list indices must be integers or slices, not str.": "[]",
    "The model's status must be one of draft, shadow, active, retired.": changed(
        lambda data: data["card"].update(status="new")
    ),
    "The item ldh belongs to serum, which has no cap. Add one.": changed(
        lambda data: data["items"]["ldh"].update(domain="serum")
    ),
    "The item ldh asks for the transform cubic, which is not known here.": changed(
        lambda data: data["transforms"]["ldh"].update(kind="cubic")
    ),
    "The model lacks nlr. Add it.": changed(lambda data: data["transforms"].pop("nlr")),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_model_is_refused(sentence: str):
    with pytest.raises(Refusal) as refused:
        PspModel.parse(BROKEN[sentence])
    assert (refused.value.code, refused.value.sentence) == ("E_MODEL", sentence)


FAILING = {
    "The model has no reference pair. Add an input with its expected output.": changed(
        lambda data: data.update(reference_pairs=[])
    ),
    "Reference pair 1 gives another probability than the model states. Correct one of them.": changed(
        lambda data: data["reference_pairs"][0]["expect"].update(probability=0.6206)
    ),
    "Reference pair 3 gives another probability than the model states. Correct one of them.": changed(
        lambda data: data["reference_pairs"][2]["expect"].update(probability=0.1)
    ),
    "Reference pair 1 gives another status than the model states. Correct one of them.": changed(
        lambda data: data["reference_pairs"][0]["input"].update(on_ici=False)
    ),
    "Reference pair 1 gives another low than the model states. Correct one of them.": changed(
        lambda data: data["reference_pairs"][0]["expect"].update(low=None)
    ),
    "Reference pair 2 lacks drivers. Add it.": changed(lambda data: data["reference_pairs"][1]["input"].pop("drivers")),
}


@pytest.mark.parametrize("sentence", FAILING)
def test_a_model_that_fails_its_reference_is_refused(sentence: str):
    with pytest.raises(Refusal) as refused:
        read_model(FAILING[sentence])
    assert (refused.value.code, refused.value.sentence) == ("E_MODEL_REFERENCE", sentence)


def test_a_changed_weight_is_noticed_by_the_reference():
    with pytest.raises(Refusal, match="E_MODEL_REFERENCE"):
        read_model(changed(lambda data: data["items"]["ldh"].update(w=-0.6001)))
