"""How far each outline is, in words."""

import uuid

import pytest
from django.utils import timezone

from monitoring.progress import is_moving, progress_rows
from patients.vocabulary import RunState
from tests.factories import MeasurementFactory, ProcessingRunFactory, SegmentationFactory

pytestmark = pytest.mark.django_db


def row(outline, run):
    (found,) = progress_rows([outline], {outline.scan_id: run} if run else {})
    return found


@pytest.fixture
def outline():
    return SegmentationFactory.create()


@pytest.fixture
def measured(outline):
    MeasurementFactory.create(segmentation=outline)
    return outline


def run(state, **fields):
    if state == RunState.RUNNING:
        fields |= {"lease_token": uuid.uuid4(), "lease_until": timezone.now()}
    return ProcessingRunFactory.create(state=state, **fields)


@pytest.mark.parametrize(
    ("state", "words", "moves"),
    [
        (RunState.QUEUED, "Queued", True),
        (RunState.RUNNING, "Measuring", True),
        (RunState.RETRY_WAIT, "Waiting to try again", True),
        (RunState.FAILED, "Failed", False),
        (RunState.DONE, "Done", False),
    ],
)
def test_an_outline_that_is_not_measured_is_where_its_run_is(outline, state, words, moves):
    found = row(outline, run(state))
    assert (found.words, found.is_moving, found.has_failed) == (words, moves, state is RunState.FAILED)


def test_progress_is_counted(outline):
    assert row(outline, run(RunState.RUNNING, progress_done=2, progress_total=5)).words == "Measuring 2 of 5"


def test_a_reason_stands_beside_a_failure(outline):
    assert row(outline, run(RunState.FAILED, reason="Out of memory.")).reason == "Out of memory."


def test_a_size_that_is_there_stands_whatever_became_of_the_others(measured):
    found = row(measured, run(RunState.FAILED, reason="Out of memory."))
    assert (found.words, found.reason, found.measurement) == ("Done", "", measured.measurement)


def test_without_a_run_the_size_tells(outline):
    assert row(outline, None).words == "Queued"
    MeasurementFactory.create(segmentation=outline)
    outline.refresh_from_db()
    assert row(outline, None).words == "Done"


def test_no_run_moves_nothing():
    assert not is_moving(None)
