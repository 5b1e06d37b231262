"""Claim, renew and finish a run under its fencing token; the hint at the broker follows the commit (hints).

PostgreSQL is the record of work. A message at the broker says only "look at run n": it may come
twice, late or never, and nothing depends on it except how soon the work begins.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DurationField, F, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from patients.failpoints import reached
from patients.files import FileChanged
from patients.told_of import telling_of_run
from patients.vocabulary import RunState, Step
from patients.words.audit_words import Deed, Origin
from patients.writes.trail.acting import Hand, acting, hand
from patients.writes.trail.record import record
from radiomics_tasks.errors import ChildFailure, Fenced, Refusal
from radiomics_tasks.hints import publish_on_commit
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.holders import this_process

log = logging.getLogger(__name__)

# Why a run waits although it was taken before and nothing went wrong.
PUT_OFF = "PUT_OFF"
# The subject of work that is about the whole site.
THE_SITE = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one run until the lease runs out."""

    run_pk: int
    step: Step
    subject_pk: int
    input_key: str
    token: uuid.UUID
    attempt: int

    @property
    def is_last(self) -> bool:
        """Whether there is no attempt after this one."""
        return self.attempt >= settings.MAX_ATTEMPTS


def in_seconds(seconds: float) -> CombinedExpression:
    """A moment by the database's clock: workers' own clocks may differ."""
    return Now() + Value(timedelta(seconds=seconds), DurationField())


def arm(step: Step, subject_pk: int, input_key: str = "") -> ProcessingRun:
    """Queue a piece of work, once: what waits is left alone, what runs will run again when it is done.

    Call it inside the transaction that makes the work necessary; it is published when that commits.
    """
    with transaction.atomic():
        run, is_new = ProcessingRun.objects.get_or_create(step=step, subject_pk=subject_pk, input_key=input_key)
        # What is waiting anyhow is not told again: the trail would be full of work that asks for the same work.
        if is_new or _asked_anew(run):
            record(Deed.WORK_ASKED, step=step.value, run=run.pk, about=subject_pk)
        publish_on_commit(run.pk, step)
    return run


def _asked_anew(run: ProcessingRun) -> bool:
    """See to it that an existing run runs (again); whether that changed anything."""
    run = ProcessingRun.objects.select_for_update().get(pk=run.pk)
    if run.state == RunState.RUNNING:
        return bool(ProcessingRun.objects.filter(pk=run.pk, is_rearmed=False).update(is_rearmed=True))
    if run.state != RunState.QUEUED:
        _queue_again(run.pk)
        return True
    return False


def arm_all(step: Step, subject_pks: Sequence[int]) -> None:
    """As `arm`, of many subjects in three queries; nothing is published, the reconciler does that in portions."""
    known = ProcessingRun.objects.filter(step=step, subject_pk__in=subject_pks, input_key="")
    missing = [ProcessingRun(step=step, subject_pk=pk) for pk in subject_pks]
    known.filter(state=RunState.RUNNING).update(is_rearmed=True)
    known.exclude(state__in=[RunState.RUNNING, RunState.QUEUED]).update(**_as_new())
    ProcessingRun.objects.bulk_create(missing, ignore_conflicts=True)


def _queue_again(run_pk: int) -> None:
    ProcessingRun.objects.filter(pk=run_pk).update(**_as_new())


def _as_new() -> dict[str, Any]:
    return {
        "state": RunState.QUEUED,
        "attempt": 0,
        "wake_at": None,
        "publishes": 0,
        "published_at": None,
        "reason": "",
        "reason_code": "",
        "is_rearmed": False,
        "progress_done": 0,
        "progress_total": 0,
        "armed_at": Now(),
        "started_at": None,
        "finished_at": None,
    }


def retry(run_pk: int) -> bool:
    """A person asks for another try of what failed; false where it no longer stands as failed."""
    with transaction.atomic():
        run = ProcessingRun.objects.select_for_update().filter(pk=run_pk, state=RunState.FAILED).first()
        if run is None:
            return False
        _queue_again(run.pk)
        record(Deed.WORK_ASKED, step=run.step, run=run.pk, about=run.subject_pk)
        publish_on_commit(run.pk, Step(run.step))
    return True


def claim(run_pk: int) -> Claim | None:
    """Take the lease of a run, or None where there is nothing to do.

    The attempt is counted here and committed before any work, so that a crash counts too.
    """
    token = uuid.uuid4()
    free = Q(state__in=[RunState.QUEUED, RunState.RETRY_WAIT]) | Q(state=RunState.RUNNING, lease_until__lt=Now())
    with transaction.atomic():
        taken = ProcessingRun.objects.filter(free, pk=run_pk, attempt__lt=settings.MAX_ATTEMPTS).update(
            state=RunState.RUNNING,
            lease_token=token,
            lease_until=in_seconds(settings.LEASE_SECONDS),
            holder=this_process(),
            attempt=F("attempt") + 1,
            publishes=0,
            wake_at=None,
            is_rearmed=False,
            progress_done=0,
            progress_total=0,
            started_at=Now(),
            finished_at=None,
        )
        reached("claim_before_commit")
    if not taken:
        return None
    reached("claim_after_commit")
    run = ProcessingRun.objects.get(pk=run_pk)
    return Claim(run.pk, Step(run.step), run.subject_pk, run.input_key, token, run.attempt)


def renew(claim: Claim, done: int | None = None, total: int | None = None) -> None:
    """Hold the lease for another while, noting progress; raises Fenced where somebody took over."""
    progress = {} if done is None or total is None else {"progress_done": done, "progress_total": total}
    held = ProcessingRun.objects.filter(pk=claim.run_pk, lease_token=claim.token, state=RunState.RUNNING).update(
        lease_until=in_seconds(settings.LEASE_SECONDS), **progress
    )
    if not held:
        raise Fenced(f"run {claim.run_pk} is another worker's now")


@contextmanager
def working(run_pk: int) -> Iterator[Claim | None]:
    """One attempt at a run, or None where there is nothing to do; however it ends, the row says so.

    Nothing is raised: an exception that leaves a task, a MemoryError above all, takes the worker with it.
    """
    with telling_of_run(run_pk):
        yield from _attempt(run_pk)


def _attempt(run_pk: int) -> Iterator[Claim | None]:
    held = claim(run_pk)
    try:
        with acting(_hand(held)):
            yield held
    except Fenced:
        log.warning("run %s was taken over; this attempt is dropped", run_pk)
    except (Refusal, ChildFailure) as reason:
        _close(held, reason.code, reason.sentence, is_final=isinstance(reason, Refusal))
    except FileChanged:
        log.exception("run %s met a damaged file", run_pk)
        sentence = "A stored file is not what was filed, so nothing is computed from it. Put it back from a backup."
        _close(held, "E_STORED_CHANGED", sentence, is_final=True)
    except (Exception, MemoryError):
        log.exception("run %s crashed", run_pk)
        _close(held, "E_CRASH", "The work stopped unexpectedly. Nothing was changed. Try again.")


def _hand(held: Claim | None) -> Hand:
    """What this run does is its own; who asked for it stands with its number."""
    return Hand(Origin.WORKER, door=held.step.value, detail={"run": held.run_pk}) if held else hand()


def _close(held: Claim | None, code: str, sentence: str, *, is_final: bool = False) -> None:
    if held is None:
        return
    try:
        fail(held, code, sentence, is_final=is_final)
    except Fenced:
        log.warning("run %s was taken over; this attempt is dropped", held.run_pk)


@contextmanager
def finishing(claim: Claim, failure: tuple[str, str] | None = None) -> Iterator[None]:
    """The one transaction that writes results: under a stale token it raises Fenced and writes nothing.

    Where it changes a patient's record, lock the patient first (`patient_locked`): those who file lock in that
    order, the run last.

    With a `failure` (code, sentence) what was done is kept, and the rest is tried again.
    """
    with transaction.atomic():
        run = _held(claim)
        yield
        if run.is_rearmed:
            _release_to_queue(claim)
        elif failure:
            _release_failed(claim, *failure, is_final=False)
        else:
            _release(claim, state=RunState.DONE, reason="", reason_code="", finished_at=Now())
        reached("finish_before_commit")
    reached("finish_after_commit")


def put_off(claim: Claim, sentence: str) -> None:
    """Give the run back undone: it is queued since `armed_at`, and asked for when armed again or by the reconciler."""
    with transaction.atomic():
        _held(claim)
        _release(
            claim,
            state=RunState.QUEUED,
            attempt=0,
            is_rearmed=False,
            published_at=Now(),
            reason_code=PUT_OFF,
            reason=sentence,
        )


def fail(claim: Claim, code: str, sentence: str, *, is_final: bool = False) -> None:
    """Close this attempt in words: another one follows after a pause, unless it was the last."""
    with transaction.atomic():
        run = _held(claim)
        if run.is_rearmed and (is_final or claim.is_last):
            # New inputs have come since: they deserve their own verdict.
            _release_to_queue(claim)
        else:
            _release_failed(claim, code, sentence, is_final=is_final)


def _release_to_queue(claim: Claim) -> None:
    _release(claim, state=RunState.QUEUED, attempt=0, is_rearmed=False, armed_at=Now(), published_at=None)
    publish_on_commit(claim.run_pk, claim.step)


def _release_failed(claim: Claim, code: str, sentence: str, *, is_final: bool) -> None:
    if is_final or claim.is_last:
        _release(claim, state=RunState.FAILED, reason_code=code, reason=sentence, finished_at=Now())
    else:
        pause = in_seconds(4 * 2**claim.attempt)
        _release(claim, state=RunState.RETRY_WAIT, reason_code=code, reason=sentence, wake_at=pause)


def _held(claim: Claim) -> ProcessingRun:
    run = (
        ProcessingRun.objects.select_for_update()
        .filter(pk=claim.run_pk, lease_token=claim.token, state=RunState.RUNNING)
        .first()
    )
    if run is None:
        raise Fenced(f"run {claim.run_pk} is another worker's now")
    return run


def _release(claim: Claim, **fields: object) -> None:
    ProcessingRun.objects.filter(pk=claim.run_pk).update(lease_token=None, lease_until=None, holder="", **fields)


def database_is_there() -> bool:
    """Whether the record of work answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))
