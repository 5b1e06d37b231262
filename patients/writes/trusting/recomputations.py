"""Ask for a number to be computed again, and keep what became of it."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from patients.models import FeatureSnapshot, HarmonisedValues, ModelOutput, PseudoprogressionScore, Recomputation
from patients.words.recompute_words import Recomputed

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
    return waiting or Recomputation.objects.create(**of, asked_by=by)


def answer(pk: int, outcome: Recomputed, sentence: str, differing: Sequence[dict[str, Any]]) -> None:
    """What became of a request."""
    Recomputation.objects.filter(pk=pk).update(
        outcome=outcome, sentence=sentence, differing=list(differing[:MOST_KEPT]), finished_at=timezone.now()
    )
