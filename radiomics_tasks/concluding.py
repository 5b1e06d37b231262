"""What has to be worked out again once something is hidden, shown again, or found to be another person's."""

from django.db import transaction

from patients.models import Hold, Move
from patients.vocabulary import Step
from patients.words.identity_words import MoveState
from radiomics_tasks import runs


def conclude_withheld(hold: Hold | None) -> None:
    """The patients whose scans a hold put under investigation are concluded without them."""
    keys = set(hold.withholdings.values_list("patient", flat=True)) if hold else set()
    if keys:
        conclude_again(keys)


def conclude_moved(move: Move) -> None:
    """Both patients are concluded anew once it is done, and the scans that went meet the lesions there."""
    if move.state != MoveState.DONE or move.target_id is None:
        return
    conclude_again({move.source_id, move.target_id})
    for pk, *_ in move.went["scans"]:
        runs.arm(Step.EXTRACT, pk)


def conclude_again(patient_pks: set[int]) -> None:
    """Queue these patients, and what the whole site has learned from them."""
    with transaction.atomic():
        # First, as gathering holds its own run when it arms the others.
        runs.arm(Step.NOISE, runs.THE_SITE)
        for pk in sorted(patient_pks):
            runs.arm(Step.REASSESS, pk)
