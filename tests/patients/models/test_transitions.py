"""The database's own watch over states: what it allows, what it writes down, and that no live lease is taken."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from patients.models import AllowedTransition, StateChange, Upload
from patients.vocabulary import RunState, Step, UploadState
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from tests.factories import ProcessingRunFactory, UploadFactory

pytestmark = pytest.mark.django_db


def moves(subject: str) -> set[tuple[str, str]]:
    return set(AllowedTransition.objects.filter(subject=subject).values_list("from_state", "to_state"))


@pytest.mark.parametrize("before", UploadState)
@pytest.mark.parametrize("after", UploadState)
def test_an_upload_moves_only_as_allowed(before, after):
    upload = UploadFactory.create(state=before)
    is_allowed = before == after or (before.value, after.value) in moves("upload")
    try:
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).update(state=after)
    except IntegrityError as refused:
        assert not is_allowed
        assert f"may not move from {before.value} to {after.value}" in str(refused)
    else:
        assert is_allowed


def test_a_row_begins_at_the_beginning(team):
    with pytest.raises(IntegrityError, match="may not move from nothing to FILED"), transaction.atomic():
        Upload.objects.create(team=team, state=UploadState.FILED)
    with pytest.raises(IntegrityError, match="may not move from nothing to DONE"), transaction.atomic():
        ProcessingRun.objects.create(step=Step.INGEST, subject_pk=1, state=RunState.DONE)


@pytest.mark.parametrize("before", [RunState.QUEUED, RunState.DONE, RunState.FAILED])
@pytest.mark.parametrize("after", [RunState.DONE, RunState.FAILED, RunState.RETRY_WAIT])
def test_a_run_ends_only_what_it_began(before, after):
    run = ProcessingRunFactory.create(state=before)
    if before != after:
        with pytest.raises(IntegrityError, match="may not move"), transaction.atomic():
            ProcessingRun.objects.filter(pk=run.pk).update(state=after)


def test_every_move_is_written_down_in_its_own_transaction():
    run = runs.arm(Step.EXTRACT, 3)
    claim = runs.claim(run.pk)
    with runs.finishing(claim):
        pass
    rows = StateChange.objects.filter(subject="run", row_pk=run.pk).order_by("pk")
    assert list(rows.values_list("from_state", "to_state", "attempt")) == [
        ("", "QUEUED", 0),
        ("QUEUED", "RUNNING", 1),
        ("RUNNING", "DONE", 1),
    ]


def test_what_was_written_down_stays():
    runs.arm(Step.EXTRACT, 3)
    for change in (lambda rows: rows.update(to_state="DONE"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change(StateChange.objects.all())


def test_nobody_takes_a_lease_that_has_not_run_out():
    run = runs.arm(Step.EXTRACT, 3)
    runs.claim(run.pk)
    rows = ProcessingRun.objects.filter(pk=run.pk)
    with pytest.raises(IntegrityError, match="has not run out"), transaction.atomic():
        rows.update(lease_token=uuid.uuid4(), attempt=2)
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    rows.update(lease_token=uuid.uuid4(), attempt=2)
    last = StateChange.objects.filter(row_pk=run.pk).latest("pk")
    assert (last.from_state, last.to_state, last.attempt) == ("RUNNING", "RUNNING", 2)


def test_an_attempt_is_counted_with_the_lease_and_never_taken_back():
    run = runs.arm(Step.EXTRACT, 3)
    rows = ProcessingRun.objects.filter(pk=run.pk)
    lease = {"lease_token": uuid.uuid4(), "lease_until": timezone.now() + timedelta(minutes=1)}
    with pytest.raises(IntegrityError, match="an attempt is counted"), transaction.atomic():
        rows.update(state=RunState.RUNNING, **lease)
    runs.claim(run.pk)
    with pytest.raises(IntegrityError, match="an attempt is counted"), transaction.atomic():
        rows.update(attempt=0)


def test_the_rules_outlive_the_emptying_of_tables():
    """They are no table of Django's, which empties its own between some tests."""
    assert len(moves("upload")) == 9
    assert ("RUNNING", "DONE") in moves("run")
    assert issubclass(IntegrityError, DatabaseError)
