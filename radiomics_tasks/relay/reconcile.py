"""What keeps the relay honest: publish again what was lost, close in words what keeps failing, sweep up."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from patients.failpoints import reached
from patients.files import site_storage
from patients.vocabulary import RunState, Step
from patients.writes.answers import forget_old_answers
from patients.writes.idle_uploads import give_up_idle
from patients.writes.trail.chain import link_events
from radiomics_tasks import hints
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay import heartbeats
from radiomics_tasks.relay.holders import is_gone
from radiomics_tasks.relay.janitor import sweep_staging, sweep_store
from radiomics_tasks.verifying import verify_some

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60
BATCH = 200
SWEEP_STORE_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one pass did."""

    published: int
    closed: int
    released: int = 0
    swept: int = 0

    def __str__(self) -> str:
        return (
            f"{self.published} published again, {self.closed} closed, "
            f"{self.released} taken from workers that are gone, {self.swept} removed from staging"
        )

    def __bool__(self) -> bool:
        return any((self.published, self.closed, self.released, self.swept))


def reconcile() -> Reconciled:
    """One pass over everything unfinished; several at once do no harm, rows are skipped while locked."""
    released = release_the_dead()
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
        reached("reconciler_before_publish")
        hints.publish(run.pk, Step(run.step))
    link_events()
    heartbeats.beat(heartbeats.RECONCILER, published=len(due), closed=closed, released=released)
    _verified()
    return Reconciled(len(due), closed, released, _swept())


def _verified() -> None:
    """A few stored files are read by the way; a disk that does not answer must not keep work from being published."""
    if not settings.VERIFY_HOURS:
        return
    try:
        verify_some(site_storage())
    except OSError:
        log.exception("stored files could not be checked; the next pass tries again")


def _swept() -> int:
    """Staging and store are swept by the way; a folder that cannot be read must not keep work from being published."""
    age_s = settings.STAGING_HOURS * 3600
    try:
        swept = sweep_staging(site_storage(), age_s)
        # Looking through the whole store takes its time.
        if heartbeats.takes_turn(heartbeats.JANITOR, SWEEP_STORE_SECONDS):
            forget_old_answers()
            give_up_idle(age_s)
            swept += sweep_store(site_storage(), age_s)
        return swept
    except OSError:
        log.exception("staging could not be swept; the next pass tries again")
        return 0


def _is_due() -> Q:
    return (
        Q(state=RunState.QUEUED)
        | Q(state=RunState.RETRY_WAIT, wake_at__lt=Now())
        | Q(state=RunState.RUNNING, lease_until__lt=Now())
    )


def _pause_is_over(run: ProcessingRun, now: datetime) -> bool:
    """Ask again after 4, 8, 16 … seconds, at most a minute: a long queue is no reason to fill the broker."""
    pause = timedelta(seconds=min(LONGEST_PAUSE_SECONDS, 4 * 2 ** min(run.publishes, 6)))
    # A moment in the future was written before a clock was set back: it must not be waited for.
    return run.published_at is None or not now - pause <= run.published_at <= now


def _close_poisoned() -> int:
    """Runs whose last attempt died with its worker: failed, in words, until a person asks again.

    Where new inputs have come since they get attempts of their own. What waits for an attempt that a lowered
    DELTARAD_MAX_ATTEMPTS no longer grants keeps the reason of its last one.
    """
    spent = ProcessingRun.objects.filter(state=RunState.RETRY_WAIT, attempt__gte=settings.MAX_ATTEMPTS)
    ungranted = spent.update(state=RunState.FAILED, wake_at=None, finished_at=Now())
    dead = ProcessingRun.objects.filter(
        state=RunState.RUNNING, lease_until__lt=Now(), attempt__gte=settings.MAX_ATTEMPTS
    )
    no_lease: dict[str, Any] = {"lease_token": None, "lease_until": None, "holder": ""}
    dead.filter(is_rearmed=True).update(
        state=RunState.QUEUED, attempt=0, is_rearmed=False, publishes=0, published_at=None, **no_lease
    )
    return ungranted + dead.filter(is_rearmed=False).update(
        state=RunState.FAILED,
        reason_code="E_WORKER_LOST",
        reason=f"The work stopped without an answer {settings.MAX_ATTEMPTS} times. Nothing was changed. Try again.",
        finished_at=Now(),
        **no_lease,
    )


def release_the_dead() -> int:
    """End the leases whose holder ran on this host and is gone, so that nobody need wait for them to run out.

    A worker that died with its whole machine, or on another one, is waited for: its lease stands
    DELTARAD_LEASE_SECONDS from its last sign of life, and the pass after that publishes the run again.
    """
    held = ProcessingRun.objects.filter(state=RunState.RUNNING).only("lease_token", "holder")
    gone = [run.lease_token for run in held if is_gone(run.holder)]
    # By token: whoever claimed such a run meanwhile keeps it.
    return ProcessingRun.objects.filter(lease_token__in=gone).update(lease_until=Now() - timedelta(seconds=1))
