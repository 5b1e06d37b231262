"""Waiting for work in a shell: says what for, asks again for what was lost, and gives up in words.

The record of work is asked, never the broker: a message that was lost, a worker that hangs after its broker
went away, or one that serves another database look the same from here. Nothing moves.
"""

import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from patients.vocabulary import RunState, Step
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay.own_worker import is_worker_alive
from radiomics_tasks.relay.reconcile import reconcile
from radiomics_tasks.relay.standing import unfinished

POLL_SECONDS = 0.2
# How long nothing has to move before somebody asks whether a worker lives.
LOOK_SECONDS = 60.0
TELL_SECONDS = 20.0
TOLD_AT_ONCE = 3
DOING = {
    Step.INGEST: "reading upload",
    Step.EXTRACT: "measuring scan",
    Step.REASSESS: "concluding patient",
    Step.REGISTER: "reading model",
    Step.APPLY: "applying model",
    Step.HARMONISE: "harmonising scanners of team",
    Step.PERTURB: "estimating the noise of scan",
    Step.FULL: "extracting a further profile of scan",
    Step.NOISE: "gathering noise of site",
    Step.SCOREBOARD: "counting scores of team",
    Step.RECOMPUTE: "computing again what was asked by request",
}

Subjects = Mapping[Step, Collection[int]]


class WorkerLost(Exception):
    """There is work, and nobody does it: `code` E_WORKER_LOST (no worker lives) or E_STALLED (nothing moves)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def to_stderr(line: str) -> None:
    """Beside the output of the command itself."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def wait(is_over: Callable[[], bool], subjects: Subjects, tell: Callable[[str], object] = to_stderr) -> None:
    """Return when it is over. Raises WorkerLost where nobody is left to end it, or nothing moves any more."""
    watch = Watch(tell)
    while not is_over():
        watch.look(subjects)
        time.sleep(POLL_SECONDS)


@dataclass
class Watch:
    """One wait: when something of interest last moved, and what was done about it since."""

    tell: Callable[[str], object] = to_stderr
    tell_every_s: float = TELL_SECONDS
    _seen: frozenset[tuple[object, ...]] | None = None
    _moved_at: float = 0.0
    _due_at: dict[str, float] = field(default_factory=dict)

    def look(self, subjects: Subjects) -> None:
        """Call it again and again while waiting; progress is a run that changes its state, attempt, lease or count.

        Raises WorkerLost: E_WORKER_LOST or, after DELTARAD_WAIT_SECONDS without any progress, E_STALLED.
        """
        found = unfinished(subjects)
        now = time.monotonic()
        seen = frozenset((run.pk, run.state, run.attempt, run.lease_until, run.progress_done) for run in found)
        if seen != self._seen:
            self._seen, self._moved_at = seen, now
            self._due_at |= {"ask": now + settings.RECONCILE_SECONDS, "worker": now + LOOK_SECONDS}
        still_s = now - self._moved_at
        if self._is_due("tell", now, self.tell_every_s):
            self.tell(f"Waiting for {told(found)}. It last moved {still_s:.0f} s ago.")
        if still_s > settings.WAIT_SECONDS:
            raise WorkerLost("E_STALLED", _stalled(still_s, found))
        if self._is_due("ask", now, settings.RECONCILE_SECONDS):
            reconcile()
        if self._is_due("worker", now, LOOK_SECONDS) and not is_worker_alive() and unfinished(subjects):
            sentence = "No worker is running any more. What was filed will go on as soon as one is started."
            raise WorkerLost("E_WORKER_LOST", sentence)

    def _is_due(self, what: str, now: float, every_s: float) -> bool:
        """Whether it is time again; the first time only after one whole pause."""
        due_at = self._due_at.setdefault(what, now + every_s)
        if now < due_at:
            return False
        self._due_at[what] = now + every_s
        return True


def told(found: Sequence[ProcessingRun]) -> str:
    """Unfinished work in words, the first few pieces by name."""
    if not found:
        return "the next step of the work"
    first = "; ".join(_one(run) for run in found[:TOLD_AT_ONCE])
    more = len(found) - TOLD_AT_ONCE
    return first + (f"; and {more} more" if more > 0 else "")


def _one(run: ProcessingRun) -> str:
    facts = [RunState(run.state).label.lower()]
    if run.progress_total:
        facts.append(f"{run.progress_done} of {run.progress_total} done")
    if run.attempt > 1 or run.state == RunState.RETRY_WAIT:
        facts.append(f"attempt {run.attempt} of {settings.MAX_ATTEMPTS}")
    if run.reason_code:
        facts.append(f"before: {run.reason_code}")
    return f"{DOING[Step(run.step)]} {run.subject_pk} ({', '.join(facts)})"


def _stalled(still_s: float, found: Sequence[ProcessingRun]) -> str:
    """What to do depends on whether a worker answers at all."""
    remedy = (
        "A worker answers and takes none of this: it may hang, or serve another database. Restart it"
        if is_worker_alive()
        else "No worker answers. Start one"
    )
    return (
        f"Nothing has moved for {still_s:.0f} s (DELTARAD_WAIT_SECONDS) while waiting for {told(found)}. "
        f"{remedy}: what was filed stays, and goes on by itself."
    )
