"""A model of coefficients is refused with the sentence that mends it, whatever is wrong with its file."""

import json
from typing import Any

import pytest

from radiomics_tasks.analysis.trust.hosted.card import DATES, TEXTS
from radiomics_tasks.analysis.trust.hosted.model import parse_model
from radiomics_tasks.analysis.trust.hosted.replay import read_hosted, replayed
from radiomics_tasks.errors import Refusal
from tests.hosted_models import GLCM, MEAN_CHANGE, model, text


def refusal(content: bytes | str) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        read_hosted(content)
    return refused.value.code, refused.value.sentence


def set_in(*path: Any):
    """A change that sets the last of a path to the value before it… `set_in("card", "status", "new")`."""

    def change(data: Any) -> None:
        for step in path[:-2]:
            data = data[step]
        data[path[-2]] = path[-1]

    return text(change)


def without(*path: Any) -> str:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return text(change)


def test_a_good_model_reproduces_its_pairs_and_keeps_its_digest():
    found = read_hosted(text())
    assert [one.agrees for one in replayed(found)] == [True, True]
    assert found.digest == read_hosted(json.dumps(model(), indent=2).encode()).digest
    assert found.digest != parse_model(set_in("intercept", -1.3)).digest


@pytest.mark.parametrize("name", [*TEXTS, *DATES, "status"])
def test_a_card_that_lacks_a_field_is_refused(name: str):
    assert refusal(without("card", name)) == ("E_MODEL", f"The model card lacks {name}. Fill it in.")


@pytest.mark.parametrize("name", ["training_data", "performance"])
def test_a_card_that_lacks_a_table_is_refused(name: str):
    assert refusal(without("card", name)) == ("E_MODEL", f"The model card lacks {name}. Add it.")


@pytest.mark.parametrize("name", ["n", "events", "sites", "dates", "scanners", "inclusion"])
def test_training_data_are_told_in_full(name: str):
    assert f"lacks {name}" in refusal(without("card", "training_data", name))[1]


BROKEN = {
    "Term 1 asks for original_glcm_Enthropy, which is no feature known here.": set_in(
        "terms", 0, "feature", "original_glcm_Enthropy"
    ),
    "Term 1 asks for wavelet-XYZ_glcm_Idm,": set_in("terms", 0, "feature", "wavelet-XYZ_glcm_Idm"),
    "Term 1: the unit mg is not known for it. It must be one of 1.": set_in("terms", 0, "unit", "mg"),
    "Term 3: the unit bananas is not known for it.": set_in("terms", 2, "unit", "bananas"),
    "Term 3: the feature of a term from lab must be one of LDH,": set_in("terms", 2, "feature", "LHD"),
    "Term 1: transform is cubic. It must be one of identity, log,": set_in("terms", 0, "transform", "cubic"),
    "Term 1: log is not defined in all of its range. Narrow the range.": set_in("terms", 0, "transform", "log"),
    "Term 1: scale must not be 0.": set_in("terms", 0, "scale", 0),
    "Term 1: range must be two numbers, the smaller first.": set_in("terms", 0, "range", [3, 1]),
    "Term 1: training (0.5th to 99.5th percentile) must lie within range.": set_in("terms", 0, "training", [2, 70]),
    "Term 1: beta must be a number.": set_in("terms", 0, "beta", "0.8"),
    "Term 1 lacks beta. Add it.": without("terms", 0, "beta"),
    "Term 1 holds betta, which is not known here.": set_in("terms", 0, "betta", 0.8),
    "Term 1 must be an object.": set_in("terms", 0, 7),
    "Term 2: form must be one of absolute,": set_in("terms", 1, "form", "percent"),
    "Term 2: reference is LAST. It must be one of BASELINE, PREVIOUS, NADIR.": set_in("terms", 1, "reference", "LAST"),
    "Term 4 is original_glcm_JointEntropy a second time.": text(lambda data: data["terms"].append(data["terms"][0])),
    "The model: kind is forest. It must be one of logistic, linear, cox.": set_in("kind", "forest"),
    "The model is logistic: its link must be logit.": set_in("link", "log"),
    "The model is cox, which has no intercept.": text(lambda data: data.update(kind="cox", link="log")),
    "The model: tier is excellent.": set_in("tier", "excellent"),
    "The model: id is made of small letters": set_in("id", "../../x"),
    "The model: version is made of three numbers": set_in("version", "1"),
    "The model: title has more than 120 letters.": set_in("title", "x" * 121),
    "The model: title holds hidden signs.": set_in("title", "safe\u202egnp"),
    "The model: prevalence, the share of events it was trained on, must lie": set_in("prevalence", 1),
    "The model: profile_digest is the profile's SHA-256": set_in("profile_digest", "ct"),
    "The model lacks profile_digest. Fill it in.": without("profile_digest"),
    "The model: calibration: slope must be above 0.": set_in("calibration", "slope", -1),
    "The model: missing: rule must be refuse or impute.": set_in("missing", "rule", "guess"),
    "The model: missing: values are for the rule impute only.": set_in("missing", "values", {GLCM: 4}),
    "The model needs no aggregate": set_in("aggregate", "mean"),
    "The model lacks aggregate. Add it.": set_in("level", "patient"),
    "The model: terms must be a list with at least one entry.": set_in("terms", []),
    "The model card: status must be one of draft, shadow, active, retired.": set_in("card", "status", "good"),
    "The model card: written_on must be a date such as 2026-01-31.": set_in("card", "written_on", "yesterday"),
    "The model card: performance lacks low. Add it.": without("card", "performance", 0, "low"),
    "The model card: performance: value must lie between low and high": set_in("card", "performance", 0, "low", 0.9),
    "The model card: training_data: n must be at least 1, and at least events.": set_in(
        "card", "training_data", "events", 241
    ),
    "The model has no reference pair. Add inputs with the value that they must give.": set_in("reference_pairs", []),
    "Reference pair 1: inputs lacks lab LDH": without("reference_pairs", 0, "inputs", "lab LDH"),
    "Reference pair 1 lacks expect. Add it.": without("reference_pairs", 0, "expect"),
    "Reference pair 1: inputs holds lab LHD": set_in("reference_pairs", 0, "inputs", "lab LHD", 2),
    "Reference pair 1: tolerance must lie between 0 and 0.01.": set_in("reference_pairs", 0, "tolerance", 0.5),
    "The model holds NaN, which is no number.": text().replace("-1.2", "NaN", 1),
    "The model holds -Infinity, which is no number.": text().replace("-1.2", "-Infinity", 1),
    "The model: intercept must be a finite number.": text().replace("-1.2", "1e999", 1),
    "The model states id twice in one place. Keep one of them.": text().replace("{", '{"id": "other", ', 1),
    "The model is nested too deeply": '{"a":' + "[" * 100_000,
    "The model is not JSON (line 1).": '{"id": ',
}  # fmt: skip


@pytest.mark.parametrize("sentence", [words for words in BROKEN if "inputs lacks" not in words])
def test_what_is_wrong_is_named(sentence: str):
    code, said = refusal(BROKEN[sentence])
    assert (code, said[: len(sentence)]) == ("E_MODEL", sentence)


def test_a_pair_that_is_not_reproduced_or_lacks_an_input_is_refused():
    code, said = refusal(set_in("reference_pairs", 0, "expect", "value", 0.4577))
    assert code == "E_MODEL_REFERENCE"
    assert said == "Reference pair 1 gives 0.4576020592 here, not what the model states. Correct one of them."
    code, said = refusal(BROKEN["Reference pair 1: inputs lacks lab LDH"])
    assert (code, said.startswith("Reference pair 1 gives REFUSED here")) == ("E_MODEL_REFERENCE", True)


def test_a_printed_example_may_have_few_digits_where_it_says_so():
    def change(data: Any) -> None:
        data["reference_pairs"][0] |= {"expect": {"value": 0.458}, "tolerance": 0.001}

    assert read_hosted(text(change)).model_id == "made-up-signature"


HOSTILE = {
    "a pickle": b"\x80\x04\x95\x1f\x00\x00\x00",
    "a zip archive": b"PK\x03\x04" + bytes(40),
    "a gzip archive": b"\x1f\x8b" + bytes(40),
    "compressed by joblib": b"\x78\x9c" + bytes(40),
    "not UTF-8 text": b'{"id": "\xff\xfe"}',
    "not a JSON object": b"cos\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("words", HOSTILE)
def test_what_could_run_is_never_opened(words: str):
    code, said = refusal(HOSTILE[words])
    assert code == "E_MODEL_FORMAT" and words in said and said.endswith("README.md says how.")


def test_too_large_and_empty_are_refused():
    assert refusal(b"{" + b" " * 50_000_000)[0] == "E_MODEL_SIZE"
    assert refusal(b" \n")[1].startswith("The file is empty.")


def test_a_patients_model_needs_a_named_aggregate_and_takes_no_organ():
    patient = {"level": "patient", "aggregate": "volume_weighted_mean"}
    assert parse_model(text(lambda data: data.update(patient))).aggregate == "volume_weighted_mean"
    organ = {"feature": "LIVER", "source": "organ", "range": [0, 1], "training": [0, 1]}

    def change(data: Any) -> None:
        data.update(patient)
        data["terms"][0].update(organ)

    assert refusal(text(change))[1].startswith("The model is of a patient: a term from organ belongs to one lesion.")


def test_the_spread_must_be_one_of_all_terms():
    good = {"mean": [0, 0, 0], "covariance": [[1, 0.2, 0], [0.2, 1, 0], [0, 0, 1]]}
    assert parse_model(set_in("spread", good)).spread is not None
    for broken, words in (
        ({**good, "mean": [0, 0]}, "one number for each term"),
        ({**good, "covariance": [[1, 0.2, 0], [0.1, 1, 0], [0, 0, 1]]}, "symmetric"),
        ({**good, "covariance": [[1, 2, 0], [2, 1, 0], [0, 0, 1]]}, "positive definite"),
    ):
        assert words in refusal(set_in("spread", broken))[1]


def test_imputation_is_for_terms_that_are_there_and_within_what_they_were_trained_on():
    assert parse_model(set_in("missing", {"rule": "impute", "values": {"lab LDH": 1}})).imputed == {"lab LDH": 1.0}
    assert "lab CRP" in refusal(set_in("missing", {"rule": "impute", "values": {"lab CRP": 1}}))[1]
    assert "training range" in refusal(set_in("missing", {"rule": "impute", "values": {MEAN_CHANGE: 400}}))[1]
