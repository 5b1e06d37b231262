"""Ask for a number to be computed again, and keep what became of it."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from patients.models import (
    FeatureSnapshot,
    HarmonisedValues,
    ModelOutput,
    Patient,
    PseudoprogressionScore,
    Recomputation,
)
from patients.words.audit_words import Deed
from patients.words.recompute_words import Recomputed
from patients.writes.trail.record import record

# The sentence counts them all; a page needs no more than this.
MOST_KEPT = 50
Subject = FeatureSnapshot | PseudoprogressionScore | HarmonisedValues | ModelOutput
_NAMED: dict[type[Subject], str] = {
    FeatureSnapshot: "snapshot",
    PseudoprogressionScore: "score",
    HarmonisedValues: "harmonised",
    ModelOutput: "output",
}


def ask_again(subject: Subject, by: User) -> Recomputation:
    """The request that a worker answers; one that is not answered yet is not made twice."""
    of = {_NAMED[type(subject)]: subject}
    waiting = Recomputation.objects.filter(**of, outcome="").first()
    if waiting is not None:
        return waiting
    with transaction.atomic():
        asked = Recomputation.objects.create(**of, asked_by=by)
        record(Deed.RECOMPUTE_ASKED, patient=_patient_of(subject), subject=asked, user=by, of=_NAMED[type(subject)])
    return asked


def _patient_of(subject: Subject) -> Patient:
    if isinstance(subject, FeatureSnapshot):
        return subject.segmentation.scan.patient
    if isinstance(subject, HarmonisedValues):
        return subject.snapshot.segmentation.scan.patient
    return subject.patient


def answer(pk: int, outcome: Recomputed, sentence: str, differing: Sequence[dict[str, Any]]) -> None:
    """What became of a request; one that went with its number while it waited is answered to nobody."""
    with transaction.atomic():
        row = Recomputation.objects.filter(pk=pk).first()
        if row is None:
            return
        Recomputation.objects.filter(pk=pk).update(
            outcome=outcome, sentence=sentence, differing=list(differing[:MOST_KEPT]), finished_at=timezone.now()
        )
        subject = row.snapshot or row.score or row.harmonised or row.output
        patient = _patient_of(subject) if subject else None
        record(Deed.RECOMPUTED, patient=patient, subject=row, outcome=outcome.value)
