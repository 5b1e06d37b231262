"""What has to be worked out again once something is hidden, shown again, or found to be another person's."""

from django.db import transaction

from patients.models import Hold
from patients.vocabulary import Step
from radiomics_tasks import runs


def conclude_withheld(hold: Hold | None) -> None:
    """The patients whose scans a hold put under investigation are concluded without them."""
    keys = set(hold.withholdings.values_list("patient", flat=True)) if hold else set()
    if keys:
        conclude_again(keys)


def conclude_again(patient_pks: set[int]) -> None:
    """Queue these patients, and what the whole site has learned from them."""
    with transaction.atomic():
        # First, as gathering holds its own run when it arms the others.
        runs.arm(Step.NOISE, runs.THE_SITE)
        for pk in sorted(patient_pks):
            runs.arm(Step.REASSESS, pk)
