"""The registry of models, asked: what is there, what is in use, what it says of a patient."""

from typing import Any

from django.db.models import QuerySet

from patients.concluded.hosted_findings import HostedOutput, HostedWhy, TermContribution
from patients.models import HostedModel, ModelOutput, ModelUpload
from patients.words.hosted_words import HostedReason, HostedStatus, Level, ModelKind, ModelStatus, Tier

COMPUTING = (ModelStatus.ACTIVE, ModelStatus.SHADOW)


def models_listed() -> "QuerySet[HostedModel]":
    """Every registered model, without its text."""
    return HostedModel.objects.select_related("created_by", "approved_by").defer("text", "card", "replay")


def uploads_listed(most: int) -> list[ModelUpload]:
    """The newest files that were sent in, without their text."""
    return list(ModelUpload.objects.select_related("model", "created_by").defer("text")[:most])


def model_of_digest(digest: str) -> HostedModel | None:
    """One registered model with everything of it."""
    people = ("created_by", "approved_by", "retired_by")
    return HostedModel.objects.select_related(*people).filter(digest=digest).first()


def computing_texts() -> tuple[tuple[str, str], ...]:
    """Digest and text of the models of coefficients that compute, in the order of their registration."""
    rows = HostedModel.objects.filter(kind=ModelKind.COEFFICIENTS, status__in=COMPUTING)
    return tuple(rows.order_by("pk").values_list("digest", "text"))


def active_score_text() -> tuple[str, str] | None:
    """Digest and text of the pseudoprogression score in use; None where none is registered yet."""
    rows = HostedModel.objects.filter(kind=ModelKind.PSP, status=ModelStatus.ACTIVE)
    return rows.order_by("-approved_at", "-pk").values_list("digest", "text").first()


def outputs_shown(patient_pk: int, lesion_pk: int | None = None) -> tuple[tuple[int, HostedOutput], ...]:
    """What active models say of a patient, or of one of its lesions, each with its key; newest visit last; one query.

    Models in shadow and superseded answers are not shown.
    """
    rows = ModelOutput.objects.filter(patient=patient_pk, superseded_at=None, model__status=ModelStatus.ACTIVE)
    rows = rows.filter(lesion=lesion_pk) if lesion_pk is not None else rows
    return tuple((pk, output_of(said)) for pk, said in rows.order_by("model", "pk").values_list("pk", "said"))


def output_of(said: dict[str, Any]) -> HostedOutput:
    """An answer as it was stored."""
    words = {
        "level": Level(said["level"]),
        "tier": Tier(said["tier"]),
        "status": HostedStatus(said["status"]),
        "reasons": tuple(HostedWhy(HostedReason(why["reason"]), why["key"], why["detail"]) for why in said["reasons"]),
        "contributions": tuple(TermContribution(**part) for part in said["contributions"]),
        "sentences": tuple(said["sentences"]),
    }
    return HostedOutput(**{**said, **words})
