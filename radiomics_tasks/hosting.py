"""Models between the registry and the science: read a text of either kind, load what computes, keep the shipped one."""

import logging
from dataclasses import asdict
from typing import Any

from patients.model_text import ModelRefused, model_text
from patients.models import HostedModel
from patients.reads.trusting.registry import computing_texts
from patients.words.hosted_words import Family, ModelKind, Tier
from patients.writes.trusting.registry import ReadModel, activate_shipped, register_model
from radiomics_tasks.analysis.trust.hosted.card import Card
from radiomics_tasks.analysis.trust.hosted.fields import read_json, refuse
from radiomics_tasks.analysis.trust.hosted.model import CoefficientModel
from radiomics_tasks.analysis.trust.hosted.replay import read_hosted, replayed
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel, default_model, default_text
from radiomics_tasks.analysis.trust.pseudoprogression.replay import evidence_of, read_model
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score
from radiomics_tasks.errors import Refusal

log = logging.getLogger(__name__)


def read_any(content: bytes | str) -> ReadModel:
    """A model of either kind, whole and with its own answers given.

    Raises
    ------
    Refusal
        E_MODEL_SIZE, E_MODEL_FORMAT, E_MODEL, E_MODEL_REFERENCE, with the sentence that mends it.
    """
    try:
        text = model_text(content.encode() if isinstance(content, str) else content)
    except ModelRefused as refused:
        raise Refusal(refused.code, refused.sentence) from refused
    data = read_json(text)
    if data.get("kind") in list(Family):
        return _coefficients(read_hosted(text))
    if "items" in data and "prior" in data:
        return _score(read_model(text), str(data.get("estimand", "")))
    kinds = ", ".join(Family)
    return refuse(f"The model's kind must be one of {kinds}, or it must be a pseudoprogression score with its items.")


def _coefficients(model: CoefficientModel) -> ReadModel:
    pairs = [
        {
            "inputs": dict(one.inputs),
            "expected": dict(one.expected),
            "found": {"status": one.status.value, "value": one.value},
        }
        for one in replayed(model)
    ]
    return ReadModel(
        kind=ModelKind.COEFFICIENTS,
        model_id=model.model_id,
        version=model.version,
        digest=model.digest,
        title=model.title,
        tier=model.tier,
        card=_plain_card(model.card),
        replay=pairs,
        profile_digest=model.profile_digest,
    )


def _plain_card(card: Card) -> dict[str, Any]:
    figures = [asdict(figure) for figure in card.performance]
    return {**card.texts, "status": card.status, "training_data": dict(card.training), "performance": figures}


def _score(model: PspModel, estimand: str) -> ReadModel:
    pairs = []
    for pair in model.reference_pairs:
        score = pseudoprogression_score(evidence_of(pair["input"]), model)
        found = {"status": score.status.value, "value": score.probability, "low": score.low, "high": score.high}
        reason = score.reason.name if score.reason else None
        pairs.append(
            {"inputs": dict(pair["input"]), "expected": dict(pair["expect"]), "found": found | {"reason": reason}}
        )
    if len(model.model_id) > 60 or len(model.version) > 20 or not f"{model.model_id}{model.version}".isprintable():
        refuse("The model's id has at most 60 letters and its version 20, all of them readable.")
    return ReadModel(
        kind=ModelKind.PSP,
        model_id=model.model_id,
        version=model.version,
        digest=model.digest,
        title="Pseudoprogression score",
        tier=Tier.NONE,
        card={**model.card, "estimand": estimand},
        replay=pairs,
    )


def ensure_default_model() -> HostedModel:
    """The pseudoprogression score that comes with the project, registered and in use; one query where it is there."""
    known = HostedModel.objects.filter(digest=default_model().digest).first()
    if known is not None:
        return known
    text = default_text()
    row = register_model(text, read_any(text), None)
    activate_shipped(row)
    row.refresh_from_db()
    return row


def computing_models() -> tuple[CoefficientModel, ...]:
    """The models of coefficients that compute, each replayed; one that no longer gives its own answers, or is not what
    was registered, is left out.
    """
    models = []
    for digest, text in computing_texts():
        try:
            model = read_hosted(text)
        except Refusal as refusal:
            log.error("a registered model is not used: %s", refusal)
            continue
        if model.digest == digest:
            models.append(model)
        else:
            log.error("a registered model is not used: its text is not that of its digest %s", digest)
    return tuple(models)
