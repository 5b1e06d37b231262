"""Patients concluded under rules or a protocol that are no longer in force are concluded again, unasked."""

import logging
import time
from dataclasses import dataclass

from django.db import transaction

from patients.reads.concluded_under import overtaken
from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.errors import Refusal
from radiomics_tasks.in_force import Standing, in_force_now
from radiomics_tasks.models import ProcessingRun

log = logging.getLogger(__name__)

# Two workers with different files would conclude every patient in turn: no more often than this.
AGAIN_SECONDS = 600.0
# What waits will be concluded under what is in force; what failed waits for a person, as it did before.
LEFT_ALONE = (RunState.QUEUED, RunState.RETRY_WAIT, RunState.FAILED)


def rearm_overtaken(now: Standing) -> int:
    """Queue the reassessment of every patient whose findings stand on anything else; how many, in four queries.

    It may be asked at any time and by several workers at once. What is queued is published by the reconciler.
    """
    with transaction.atomic():
        left = ProcessingRun.objects.filter(step=Step.REASSESS, state__in=LEFT_ALONE).values("subject_pk")
        found = overtaken(now.rules_digest, now.protocol_digest).exclude(pk__in=left)
        patients = list(found.order_by("pk").values_list("pk", flat=True))
        if patients:
            runs.arm_all(Step.REASSESS, patients)
    return len(patients)


@dataclass
class Lookout:
    """One process's look at what is in force: at its start, whenever that changes, and now and then."""

    seen: Standing | None = None
    looked_at: float = 0.0
    is_told: bool = False

    def look(self) -> int:
        """Queue who was overtaken, if it is time to look; rules that cannot be read are told once, and nobody waits."""
        try:
            now = in_force_now()
        except Refusal as refusal:
            if not self.is_told:
                log.warning("nobody is concluded again: %s", refusal.sentence)
            self.seen, self.is_told = None, True
            return 0
        if now == self.seen and time.monotonic() - self.looked_at < AGAIN_SECONDS:
            return 0
        armed = rearm_overtaken(now)
        self.seen, self.looked_at, self.is_told = now, time.monotonic(), False
        if armed:
            log.info("%s patients are concluded again: the rules or the protocol in force are others", armed)
        return armed
