"""A patient is concluded from what is filed; those who file and those who conclude never block each other for good."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection, transaction

from patients.models import FeatureDelta, Patient, ResponseAssessment
from patients.reads.trusting.harmonisation import harmonised_cells
from patients.vocabulary import RunState, Step
from patients.writes.lesions import link_outline
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps import reassess
from radiomics_tasks.steps.harmonise import fit_harmonisation
from tests.factories import SegmentationFactory
from tests.patients.rows import followed
from tests.scanner_cohort import MEAN, scanned_patient, scanner_cohort
from tests.standing import let_stand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)


def concluding(run_pk: int) -> None:
    try:
        reassess.reassess_patient(run_pk)
    finally:
        connection.close()


def test_a_patient_is_concluded_and_a_second_delivery_does_nothing():
    patient = followed([30.0, 20.0])
    run = runs.arm(Step.REASSESS, patient.pk)
    for _ in range(2):
        reassess.reassess_patient(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (RunState.DONE, 1)
    assert (FeatureDelta.objects.count(), ResponseAssessment.objects.count()) == (3, 2)


def test_somebody_who_links_while_it_concludes_waits_for_nothing_and_is_concluded_too():
    patient = followed([30.0, 20.0])
    waiting = SegmentationFactory.create(scan=patient.scans.first(), lesion=None)
    run = runs.arm(Step.REASSESS, patient.pk)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert link_outline(waiting, patient.lesions.get(), None)
            worker = pool.submit(concluding, run.pk)
            while not ProcessingRun.objects.filter(pk=run.pk, state=RunState.RUNNING).exists():
                sleep(0.01)
            sleep(0.3)  # the worker has concluded, and waits to write
            runs.arm(Step.REASSESS, patient.pk)
        worker.result(10)
    run.refresh_from_db()
    assert (run.state, run.reason_code) == (RunState.QUEUED, "")
    reassess.reassess_patient(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_worker_that_was_taken_over_writes_nothing(monkeypatch):
    patient = followed([30.0, 20.0])
    run = runs.arm(Step.REASSESS, patient.pk)

    def meanwhile(timeline, *rest):
        from radiomics_tasks.analysis.conclude import conclude

        let_stand(ProcessingRun.objects.filter(pk=run.pk), lease_token="0f8fad5b-d9cb-469f-a165-70867728950e")
        return conclude(timeline, *rest)

    monkeypatch.setattr(reassess, "conclude", meanwhile)
    reassess.reassess_patient(run.pk)
    assert not FeatureDelta.objects.exists()
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_a_patient_concluded_later_is_harmonised_under_what_is_in_force(team):
    scanner_cohort(team)
    fit_harmonisation(runs.arm(Step.HARMONISE, team.pk, "ct").pk)
    patient, snapshot = scanned_patient(team, 99, "Force", 0.0)
    reassess.reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    found = harmonised_cells([snapshot.pk], MEAN)[snapshot.pk]
    assert (found.reason, found.version) == (None, 1)
    Patient.objects.filter(pk=patient.pk).update(tumour="melanoma")
    reassess.reassess_patient(runs.arm(Step.REASSESS, patient.pk).pk)
    assert harmonised_cells([snapshot.pk], MEAN)[snapshot.pk] == found
