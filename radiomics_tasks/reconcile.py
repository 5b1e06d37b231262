"""What keeps the relay honest: publish again what was lost, close in words what keeps failing."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.holders import is_gone

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one pass did."""

    published: int
    closed: int


def reconcile() -> Reconciled:
    """One pass over everything unfinished; several at once do no harm, rows are skipped while locked."""
    closed = _close_poisoned()
    with transaction.atomic():
        waiting = (
            ProcessingRun.objects.select_for_update(skip_locked=True)
            .filter(_is_due(), attempt__lt=settings.MAX_ATTEMPTS)
            .annotate(now=Now())
            .order_by("armed_at")[:BATCH]
        )
        due = [run for run in waiting if _pause_is_over(run, run.now)]
    for run in due:
        runs.publish(run.pk, Step(run.step))
    return Reconciled(len(due), closed)


def _is_due() -> Q:
    return (
        Q(state=RunState.QUEUED)
        | Q(state=RunState.RETRY_WAIT, wake_at__lt=Now())
        | Q(state=RunState.RUNNING, lease_until__lt=Now())
    )


def _pause_is_over(run: ProcessingRun, now: datetime) -> bool:
    """Ask again after 4, 8, 16 … seconds, at most a minute: a long queue is no reason to fill the broker."""
    pause = timedelta(seconds=min(LONGEST_PAUSE_SECONDS, 4 * 2 ** min(run.publishes, 6)))
    return run.published_at is None or run.published_at < now - pause


def _close_poisoned() -> int:
    """Runs whose last attempt died with its worker: failed, in words, until a person asks again.

    Where new inputs have come since they get attempts of their own.
    """
    dead = ProcessingRun.objects.filter(
        state=RunState.RUNNING, lease_until__lt=Now(), attempt__gte=settings.MAX_ATTEMPTS
    )
    no_lease: dict[str, Any] = {"lease_token": None, "lease_until": None, "holder": ""}
    dead.filter(is_rearmed=True).update(
        state=RunState.QUEUED, attempt=0, is_rearmed=False, publishes=0, published_at=None, **no_lease
    )
    return dead.filter(is_rearmed=False).update(
        state=RunState.FAILED,
        reason_code="E_WORKER_LOST",
        reason=f"The work stopped without an answer {settings.MAX_ATTEMPTS} times. Nothing was changed. Try again.",
        finished_at=Now(),
        **no_lease,
    )


def release_the_dead() -> int:
    """End the leases whose holder ran on this host and is gone, so that a restart need not wait for them."""
    held = ProcessingRun.objects.filter(state=RunState.RUNNING).only("lease_token", "holder")
    gone = [run.lease_token for run in held if is_gone(run.holder)]
    # By token: whoever claimed such a run meanwhile keeps it.
    return ProcessingRun.objects.filter(lease_token__in=gone).update(lease_until=Now() - timedelta(seconds=1))
