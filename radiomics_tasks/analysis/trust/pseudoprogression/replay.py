"""A model's reference pairs, replayed: a model that does not give its own answers is not used."""

import math
from collections.abc import Mapping
from typing import Any

from patients.concluded.trust_findings import Score, Source
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Comparability, SourceKind
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence, ItemEvidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score
from radiomics_tasks.errors import Refusal

# The last digits of exp and log are the platform's own.
TOLERANCE = 1e-12
CLINICAL = {
    None: ClinicalStatus.UNKNOWN,
    "stable": ClinicalStatus.STABLE,
    "better": ClinicalStatus.IMPROVED,
    "deteriorated": ClinicalStatus.WORSE,
}


def read_model(text: str) -> PspModel:
    """A model that has given the answers of its own reference pairs.

    Raises
    ------
    Refusal
        E_MODEL as `PspModel.parse`; E_MODEL_REFERENCE where there is no pair, or one is not reproduced.
    """
    model = PspModel.parse(text)
    if not model.reference_pairs:
        raise Refusal("E_MODEL_REFERENCE", "The model has no reference pair. Add an input with its expected output.")
    for number, pair in enumerate(model.reference_pairs, start=1):
        try:
            differing = _differing(pseudoprogression_score(evidence_of(pair["input"]), model), pair["expect"])
        except KeyError as error:
            raise Refusal("E_MODEL_REFERENCE", f"Reference pair {number} lacks {error.args[0]}. Add it.") from error
        if differing:
            sentence = f"Reference pair {number} gives another {differing} than the model states. Correct one of them."
            raise Refusal("E_MODEL_REFERENCE", sentence)
    return model


def evidence_of(data: Mapping[str, Any]) -> Evidence:
    """The evidence that plain data describe, in the words of the model's file."""
    ages, errors = data.get("age_days", {}), data.get("x_se", {})
    return Evidence(
        state=ResponseCategory(data["state"]),
        is_on_checkpoint_inhibitor=bool(data["on_ici"]),
        tumour=str(data["tumour"]),
        drivers=tuple(data["drivers"]),
        clinical=CLINICAL[data["clinical"]],
        items={
            name: ItemEvidence(float(value), ages.get(name), float(errors.get(name, 0.0)))
            for name, value in data["items"].items()
        },
        earlier_response=ResponseCategory(data["earlier_response"]) if data.get("earlier_response") else None,
        comparability=Comparability(data.get("acquisition", "OK")),
        is_evidence_only=data.get("mode") == "evidence_only",
    )


def stored_evidence(data: Mapping[str, Any]) -> Evidence:
    """The evidence that a score was given with, as it was stored."""
    said = {
        **data,
        "state": ResponseCategory(data["state"]) if data["state"] else None,
        "clinical": ClinicalStatus(data["clinical"]),
        "earlier_response": ResponseCategory(data["earlier_response"]) if data["earlier_response"] else None,
        "comparability": Comparability(data["comparability"]),
        "items": {name: _stored_item(one) for name, one in data["items"].items()},
        "drivers": tuple(data["drivers"]),
        "warnings": tuple(data["warnings"]),
    }
    return Evidence(**said)


def _stored_item(data: Mapping[str, Any]) -> ItemEvidence:
    sources = tuple(Source(one["text"], SourceKind(one["kind"]), one["key"]) for one in data["sources"])
    return ItemEvidence(**{**data, "sources": sources})


def _differing(score: Score, expected: Mapping[str, Any]) -> str:
    """The first thing in which a score is not what was expected; empty where it is."""
    if (score.status, score.reason) != (expected["status"], expected["reason"]):
        return "status"
    numbers = {"probability": score.probability, "low": score.low, "high": score.high}
    return next((name for name, found in numbers.items() if not _is_same(found, expected[name])), "")


def _is_same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=0.0, abs_tol=TOLERANCE)
