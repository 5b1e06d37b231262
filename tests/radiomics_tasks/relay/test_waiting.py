"""Waiting for work: it says what for, asks again for what was lost, and ends in words when nothing moves."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay import waiting
from radiomics_tasks.relay.standing import unfinished
from radiomics_tasks.relay.waiting import Watch, WorkerLost, told, wait
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)
SCANS = {Step.EXTRACT: [3, 4]}


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, storage):
    """Fractions of a second instead of minutes, and a worker that answers."""
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(waiting, "is_worker_alive", lambda: True)
    settings.RECONCILE_SECONDS, settings.WAIT_SECONDS = 0.05, 0.4


@pytest.fixture
def hints(monkeypatch):
    """What the broker was told; the broker itself is an edge that is not ours."""
    sent: list[int] = []
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda _name, args, **_: sent.append(args[0]))
    return sent


def is_over() -> bool:
    return not unfinished(SCANS)


def test_what_the_broker_lost_is_published_by_the_one_who_waits(hints, monkeypatch):
    run = runs.arm(Step.EXTRACT, 3)
    hints.clear()
    ProcessingRun.objects.update(published_at=None)

    def take_it(_name, args, **_):
        let_stand(ProcessingRun.objects.filter(pk=args[0]), state=RunState.DONE)
        hints.append(args[0])

    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", take_it)
    wait(is_over, SCANS)
    assert hints == [run.pk]


def test_where_nothing_moves_waiting_ends_with_what_it_waited_for_and_what_to_do(hints):
    runs.arm(Step.EXTRACT, 3)
    began_at = time.monotonic()
    with pytest.raises(WorkerLost) as lost:
        wait(is_over, SCANS)
    assert 0.4 < time.monotonic() - began_at < 5
    assert lost.value.code == "E_STALLED"
    assert "measuring scan 3 (queued)" in lost.value.sentence
    assert "A worker answers and takes none of this" in lost.value.sentence
    assert unfinished(SCANS), "the work itself stays"


def test_without_a_worker_it_ends_sooner_and_says_so(hints, monkeypatch):
    runs.arm(Step.EXTRACT, 3)
    monkeypatch.setattr(waiting, "is_worker_alive", lambda: False)
    with pytest.raises(WorkerLost, match="No worker is running any more") as lost:
        wait(is_over, SCANS)
    assert lost.value.code == "E_WORKER_LOST"


def moves(run: ProcessingRun, number: int) -> None:
    """One sign of life after another: a claim, renewals, a failed attempt, progress, the end."""
    now = timezone.now()
    token = run.lease_token
    signs: list[dict[str, Any]] = [
        {"state": RunState.RUNNING, "attempt": 1, "lease_token": token, "lease_until": now + timedelta(seconds=60)},
        {"lease_until": now + timedelta(seconds=61)},
        {"progress_done": 1, "progress_total": 2},
        {"state": RunState.RETRY_WAIT, "lease_token": None, "lease_until": None},
        {"attempt": 2},
        {"state": RunState.DONE},
    ]
    let_stand(ProcessingRun.objects.filter(pk=run.pk), **signs[number])


def test_as_long_as_something_moves_there_is_no_limit(hints, monkeypatch):
    run = runs.arm(Step.EXTRACT, 3)
    claim = runs.claim(run.pk)
    assert claim is not None
    run.refresh_from_db()
    ends_at = [time.monotonic() + 0.25 * number for number in range(1, 7)]
    done: list[int] = []

    def moving() -> bool:
        if len(done) < len(ends_at) and time.monotonic() > ends_at[len(done)]:
            moves(run, len(done))
            done.append(len(done))
        return is_over()

    wait(moving, SCANS)
    assert len(done) == 6


def test_other_peoples_work_is_no_progress(hints):
    runs.arm(Step.EXTRACT, 3)

    def others() -> bool:
        ProcessingRun.objects.get_or_create(step=Step.EXTRACT, subject_pk=time.monotonic_ns())
        return is_over()

    with pytest.raises(WorkerLost, match="Nothing has moved"):
        wait(others, SCANS)


def test_every_so_often_one_line_says_what_it_waits_for(hints, settings):
    settings.WAIT_SECONDS = 0.2
    for scan in (3, 4):
        runs.arm(Step.EXTRACT, scan)
    lines: list[str] = []
    watch = Watch(lines.append, tell_every_s=0.05)
    with pytest.raises(WorkerLost):
        while True:
            watch.look(SCANS)
            time.sleep(0.01)
    assert 2 <= len(lines) <= 4
    assert lines[0].startswith("Waiting for measuring scan 3 (queued); measuring scan 4 (queued). It last moved ")


def test_a_long_queue_is_told_in_short():
    rows = [ProcessingRun(step=Step.INGEST, subject_pk=n) for n in range(5)]
    rows[0].state, rows[0].attempt, rows[0].reason_code = RunState.RETRY_WAIT, 2, "E_PARSER_CRASH"
    rows[1].state, rows[1].progress_done, rows[1].progress_total = RunState.RUNNING, 2, 7
    assert told(rows) == (
        "reading upload 0 (waiting to try again, attempt 2 of 3, before: E_PARSER_CRASH); "
        "reading upload 1 (running, 2 of 7 done); reading upload 2 (queued); and 2 more"
    )
    assert told([]) == "the next step of the work"


def test_lines_go_beside_the_output(capsys):
    waiting.to_stderr("Waiting.")
    assert capsys.readouterr() == ("", "Waiting.\n")
