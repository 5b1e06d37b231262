"""The relay's record of work: leases, fencing, attempts and the reconciler, on a real PostgreSQL."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from patients.models import AuditEvent
from patients.vocabulary import RunState, Step
from patients.words.audit_words import Deed
from radiomics_tasks import runs
from radiomics_tasks.errors import ChildFailure, Fenced, Refusal
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay import reconcile
from radiomics_tasks.relay.holders import this_process
from radiomics_tasks.runs import Claim
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch):
    """What the broker was told; the broker itself is an edge that is not ours."""
    hints: list[int] = []
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda _name, args, **_: hints.append(args[0]))
    return hints


def stop(reason: type[BaseException] | BaseException):
    """Leave the work like this: a call, so that the lines after the block are seen to be reached."""
    raise reason


def claimed(run: ProcessingRun) -> Claim:
    claim = runs.claim(run.pk)
    assert claim is not None
    return claim


def expire(run_pk: int) -> None:
    ProcessingRun.objects.filter(pk=run_pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_arming_twice_is_one_run_and_it_is_published_on_commit(sent):
    with transaction.atomic():
        first = runs.arm(Step.REASSESS, 7)
        assert sent == []
    second = runs.arm(Step.REASSESS, 7)
    assert first.pk == second.pk
    assert sent == [first.pk, first.pk]


def test_the_trail_tells_of_work_once_however_often_it_is_asked_for(sent):
    def told() -> int:
        return AuditEvent.objects.filter(deed=Deed.WORK_ASKED).count()

    run = runs.arm(Step.REASSESS, 7)
    runs.arm(Step.REASSESS, 7)
    assert told() == 1
    claim = claimed(run)
    runs.arm(Step.REASSESS, 7)
    runs.arm(Step.REASSESS, 7)
    assert told() == 2
    with runs.finishing(claim):
        pass
    claimed(run)
    runs.arm(Step.REASSESS, 7)
    assert told() == 3


def test_a_rolled_back_transaction_leaves_no_run_and_no_message(sent):
    with pytest.raises(RuntimeError), transaction.atomic():
        runs.arm(Step.REASSESS, 7)
        raise RuntimeError
    assert sent == []
    assert not ProcessingRun.objects.exists()


def test_a_claim_counts_its_attempt_and_a_second_one_finds_nothing(sent):
    run = runs.arm(Step.EXTRACT, 3)
    claim = runs.claim(run.pk)
    assert claim is not None
    assert claim.attempt == 1
    assert runs.claim(run.pk) is None


def test_an_expired_lease_is_taken_over_and_the_first_holder_is_fenced_off(sent):
    run = runs.arm(Step.EXTRACT, 3)
    stalled = claimed(run)
    expire(run.pk)
    second = runs.claim(run.pk)
    assert second is not None
    assert second.attempt == 2
    with pytest.raises(Fenced), runs.finishing(stalled):
        ProcessingRun.objects.create(step=Step.INGEST, subject_pk=99)
    assert not ProcessingRun.objects.filter(subject_pk=99).exists()
    with pytest.raises(Fenced):
        runs.renew(stalled)
    with runs.finishing(second):
        pass
    assert ProcessingRun.objects.get().state == RunState.DONE


def test_what_is_armed_while_it_runs_runs_again(sent):
    run = runs.arm(Step.REASSESS, 3)
    claim = claimed(run)
    runs.arm(Step.REASSESS, 3)
    with runs.finishing(claim):
        pass
    run.refresh_from_db()
    assert (run.state, run.attempt) == (RunState.QUEUED, 0)
    assert runs.claim(run.pk) is not None


def test_a_failure_waits_and_the_last_one_is_final(sent, settings):
    settings.MAX_ATTEMPTS = 2
    run = runs.arm(Step.EXTRACT, 3)
    for expected in (RunState.RETRY_WAIT, RunState.FAILED):
        with runs.working(run.pk) as claim:
            assert claim is not None
            stop(ChildFailure("E_EXTRACT_MEMORY", "Measuring needed more memory than it may use."))
        run.refresh_from_db()
        assert run.state == expected
    assert run.reason_code == "E_EXTRACT_MEMORY"
    assert runs.retry(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.reason) == (RunState.QUEUED, 0, "")


def test_a_refusal_is_final_at_once(sent):
    run = runs.arm(Step.INGEST, 3)
    with runs.working(run.pk):
        stop(Refusal("E_TYPE", "This is not a zip file."))
    run.refresh_from_db()
    assert (run.state, run.reason) == (RunState.FAILED, "This is not a zip file.")


@pytest.mark.parametrize("crash", [MemoryError, ZeroDivisionError])
def test_a_crash_is_written_on_the_row_and_never_leaves_the_task(sent, crash):
    run = runs.arm(Step.EXTRACT, 3)
    with runs.working(run.pk):
        stop(crash)
    run.refresh_from_db()
    assert (run.state, run.reason_code) == (RunState.RETRY_WAIT, "E_CRASH")


def test_the_reconciler_publishes_what_was_lost_and_waits_longer_each_time(sent):
    run = runs.arm(Step.EXTRACT, 3)
    sent.clear()
    reconcile.reconcile()
    assert sent == []
    ProcessingRun.objects.update(published_at=timezone.now() - timedelta(seconds=9))
    reconcile.reconcile()
    assert sent == [run.pk]
    ProcessingRun.objects.update(published_at=timezone.now() - timedelta(seconds=9))
    reconcile.reconcile()
    assert sent == [run.pk]


def test_the_reconciler_closes_what_died_at_its_last_attempt(sent, settings):
    settings.MAX_ATTEMPTS = 1
    run = runs.arm(Step.EXTRACT, 3)
    runs.claim(run.pk)
    expire(run.pk)
    assert reconcile.reconcile().closed == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code) == (RunState.FAILED, "E_WORKER_LOST")


def test_new_inputs_outlive_a_last_attempt_that_dies_or_fails(sent, settings):
    settings.MAX_ATTEMPTS = 1
    died, failed = runs.arm(Step.REASSESS, 3), runs.arm(Step.REASSESS, 4)
    runs.claim(died.pk)
    runs.arm(Step.REASSESS, 3)
    expire(died.pk)
    assert reconcile.reconcile().closed == 0
    with runs.working(failed.pk):
        runs.arm(Step.REASSESS, 4)
        stop(ZeroDivisionError)
    for run in (died, failed):
        run.refresh_from_db()
        assert (run.state, run.attempt, run.is_rearmed) == (RunState.QUEUED, 0, False)
        assert runs.claim(run.pk) is not None


def test_a_lease_that_somebody_else_took_is_not_ended(sent, monkeypatch):
    run = runs.arm(Step.EXTRACT, 3)
    runs.claim(run.pk)
    live = uuid.uuid4()

    def gone(_holder: str) -> bool:
        let_stand(ProcessingRun.objects.filter(pk=run.pk), lease_token=live)
        return True

    monkeypatch.setattr("radiomics_tasks.relay.reconcile.is_gone", gone)
    assert reconcile.release_the_dead() == 0


def test_leases_of_processes_that_are_gone_end_at_once(sent):
    alive, dead = runs.arm(Step.EXTRACT, 3), runs.arm(Step.EXTRACT, 4)
    runs.claim(alive.pk)
    runs.claim(dead.pk)
    host, pid, started = this_process().split("|")
    ProcessingRun.objects.filter(pk=dead.pk).update(holder=f"{host}|{pid}|{int(started) - 1}")
    assert reconcile.release_the_dead() == 1
    assert runs.claim(alive.pk) is None
    assert runs.claim(dead.pk) is not None


def test_a_broker_that_is_down_costs_a_warning_only(monkeypatch):
    def down(*_args, **_kwargs):
        raise ConnectionError

    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", down)
    run = runs.arm(Step.EXTRACT, 3)
    assert ProcessingRun.objects.get(pk=run.pk).state == RunState.QUEUED


def test_a_token_of_ones_own_making_finishes_nothing(sent):
    run = runs.arm(Step.EXTRACT, 3)
    claim = claimed(run)
    forged = runs.Claim(run.pk, Step.EXTRACT, 3, "", uuid.uuid4(), claim.attempt)
    with pytest.raises(Fenced), runs.finishing(forged):
        pass


def test_every_pass_takes_the_work_of_the_dead_and_publishes_it(sent):
    run = runs.arm(Step.EXTRACT, 3)
    runs.claim(run.pk)
    host, pid, started = this_process().split("|")
    ProcessingRun.objects.update(
        holder=f"{host}|{pid}|{int(started) - 1}", published_at=timezone.now() - timedelta(seconds=9)
    )
    sent.clear()
    assert reconcile.reconcile().released == 1
    assert sent == [run.pk]


def test_a_moment_in_the_future_is_not_waited_for(sent):
    """Written before the database's clock was set back."""
    run = runs.arm(Step.EXTRACT, 3)
    sent.clear()
    ProcessingRun.objects.update(published_at=timezone.now() + timedelta(hours=1))
    reconcile.reconcile()
    assert sent == [run.pk]


def test_an_attempt_that_is_no_longer_granted_is_not_waited_for(sent, settings):
    run = runs.arm(Step.EXTRACT, 3)
    with runs.working(run.pk):
        stop(ChildFailure("E_EXTRACT_MEMORY", "Measuring needed more memory than it may use."))
    settings.MAX_ATTEMPTS = 1
    assert reconcile.reconcile().closed == 1
    run.refresh_from_db()
    assert (run.state, run.reason_code) == (RunState.FAILED, "E_EXTRACT_MEMORY")
