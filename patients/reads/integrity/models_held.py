"""Registered models and frozen harmonisations held against what the audit trail says they were."""

from collections.abc import Iterable, Iterator
from typing import Any

from patients.damaged import Damaged
from patients.models import AuditEvent, HarmonisationModel, HostedModel, IntegrityFault
from patients.trail.contents import HARMONISATION, HOSTED_MODEL, content_of
from patients.words.audit_words import Deed
from patients.words.integrity_words import Damage


def damaged_models() -> Iterator[Damaged]:
    """Every model whose text or card, and every harmonisation whose parameters, are not what they were, or are gone."""
    models = HostedModel.objects.order_by("pk")
    yield from _held(Damage.MODEL_CHANGED, Deed.MODEL_REGISTERED, models, HOSTED_MODEL, "model")
    fits = HarmonisationModel.objects.order_by("pk")
    yield from _held(Damage.PARAMETERS_CHANGED, Deed.HARMONISATION_STORED, fits, HARMONISATION, "harmonisation")


def faults_of_models(kind: Damage) -> list[IntegrityFault]:
    """What stands as damaged of models, or of harmonisations, oldest first."""
    return list(IntegrityFault.objects.filter(cleared_at=None, kind=kind).order_by("pk"))


def _held(kind: Damage, deed: Deed, rows: Iterable[Any], columns: tuple[str, ...], what: str) -> Iterator[Damaged]:
    told = _told(deed)
    for row in rows:
        said = told.pop(str(row.pk), None)
        if said is None:
            continue
        # Those of before the trail told a content are held by their digest alone.
        now = content_of(row, columns) if "content" in said else row.digest
        if now != said.get("content", said["digest"]):
            sentence = f"The stored {what} {row} is not what it was when it was stored: it computes nothing."
            yield Damaged(kind, f"{what} {row.pk}", sentence)
    for pk in told:
        yield Damaged(kind, f"{what} {pk}", f"The {what} {pk} was stored and its row is gone.")


def _told(deed: Deed) -> dict[str, dict[str, Any]]:
    rows = AuditEvent.objects.filter(deed=deed).order_by("pk")
    return dict(rows.values_list("subject_code", "detail"))
