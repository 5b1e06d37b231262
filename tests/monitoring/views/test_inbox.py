"""The inbox: uploads, outlines that wait, one live row a lesion and scan."""

import pytest

from patients.vocabulary import CandidateState, RunState, Step, UploadState
from radiomics_tasks.models import ProcessingRun
from tests.factories import (
    CandidateFactory,
    LesionFactory,
    MeasurementFactory,
    PatientFactory,
    ProcessingRunFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    UploadFactory,
)
from tests.standing import let_stand

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def filed(team):
    """A filed scan with two outlines: one measured, one not yet."""
    patient = PatientFactory.create(team=team, pseudonym="P-FILED")
    scan = ScanFactory.create(timepoint=TimepointFactory.create(patient=patient))
    upload = UploadFactory.create(team=team, state=UploadState.FILED)
    CandidateFactory.create(upload=upload, state=CandidateState.FILED, scan=scan, patient=patient)
    for name in ("liver 1", "liver 2"):
        SegmentationFactory.create(scan=scan, lesion=LesionFactory.create(patient=patient, tracking_id=name))
    MeasurementFactory.create(segmentation=scan.segmentations.first(), longest_diameter_mm=31.4)
    return scan


def page(client, **headers):
    return client.get("/inbox/", headers=headers).content.decode()


def test_an_empty_inbox_says_how_to_begin(as_user, owner):
    shown = page(as_user(owner))
    assert "Nothing has been uploaded yet." in shown
    assert "webkitdirectory" in shown
    assert "every 2s" not in shown


def test_one_row_a_lesion_and_scan_with_its_state(as_user, owner, filed):
    ProcessingRunFactory.create(step=Step.EXTRACT, subject_pk=filed.pk, state=RunState.QUEUED)
    shown = page(as_user(owner))
    assert "31.4\u202fmm" in shown
    assert shown.count('id="progress-') == 2
    assert "Queued" in shown and "Done" in shown


def test_the_inbox_asks_again_only_while_something_moves(as_user, owner, filed):
    run = ProcessingRunFactory.create(step=Step.EXTRACT, subject_pk=filed.pk, state=RunState.QUEUED)
    assert 'hx-trigger="every 2s"' in page(as_user(owner), **FRAGMENT)
    let_stand(ProcessingRun.objects.filter(pk=run.pk), state=RunState.DONE)
    assert "hx-trigger" not in page(as_user(owner), **FRAGMENT)


def test_a_fragment_is_the_moving_part_alone(as_user, owner):
    shown = page(as_user(owner), **FRAGMENT)
    assert shown.strip().startswith('<div id="inbox-state"')


def test_a_failure_is_said_and_can_be_tried_again(as_user, owner, filed):
    run = ProcessingRunFactory.create(
        step=Step.EXTRACT, subject_pk=filed.pk, state=RunState.FAILED, reason="Out of memory. Send a smaller field."
    )
    client = as_user(owner)
    assert "Out of memory. Send a smaller field." in page(client)
    assert client.post(f"/scans/{filed.code}/retry")["Location"] == "/inbox/"
    run.refresh_from_db()
    assert run.state == RunState.QUEUED


def test_a_second_click_on_try_again_changes_nothing(as_user, owner, filed):
    client = as_user(owner)
    assert "being measured already" in client.post(f"/scans/{filed.code}/retry", follow=True).content.decode()


@pytest.mark.parametrize("state", [UploadState.RECEIVED, UploadState.READING], ids=["before it began", "while read"])
def test_reading_that_failed_can_be_tried_again(as_user, owner, team, state):
    upload = UploadFactory.create(team=team, state=state)
    run = ProcessingRunFactory.create(step=Step.INGEST, subject_pk=upload.pk, state=RunState.FAILED, reason="It broke.")
    client = as_user(owner)
    assert "Reading failed" in page(client)
    client.post(f"/uploads/{upload.code}/retry")
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert "being read already" in client.post(f"/uploads/{upload.code}/retry", follow=True).content.decode()


def test_an_outline_waits_for_a_person_only_when_the_worker_is_done_with_it(as_user, owner, filed):
    SegmentationFactory.create(scan=filed, lesion=None, roi_name="Lesion_7")
    run = ProcessingRunFactory.create(step=Step.EXTRACT, subject_pk=filed.pk, state=RunState.RUNNING, **lease())
    assert "Which lesion is this?" not in page(as_user(owner))
    ProcessingRun.objects.filter(pk=run.pk).update(state=RunState.DONE, lease_token=None, lease_until=None)
    assert "Which lesion is this?" in page(as_user(owner))


def lease():
    import uuid

    from django.utils import timezone

    return {"lease_token": uuid.uuid4(), "lease_until": timezone.now()}


def test_an_upload_for_one_patient_says_so(as_user, owner, stranger, filed):
    address = f"/inbox/?patient={filed.patient.code}"
    assert "Drop the follow-up of P-FILED here" in as_user(owner).get(address).content.decode()
    assert as_user(stranger).get(address).status_code == 404
    assert as_user(owner).get("/inbox/?patient=nonsense").status_code == 404


def test_who_may_only_look_has_no_inbox(as_user, member):
    answer = as_user(member).get("/inbox/")
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_another_team_sees_nothing_of_it(as_user, stranger, filed):
    shown = page(as_user(stranger))
    assert "P-FILED" not in shown
    assert as_user(stranger).post(f"/scans/{filed.code}/retry").status_code == 404


def test_the_number_of_queries_does_not_grow(as_user, owner, team, filed, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_user(owner)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/inbox/")
    for _ in range(5):
        upload = UploadFactory.create(team=team)
        CandidateFactory.create(upload=upload, state=CandidateState.FILED, scan=filed, patient=filed.patient)
        SegmentationFactory.create(scan=filed)
    # The page asks again by itself, and is recorded once a minute.
    with django_assert_max_num_queries(len(few)):
        client.get("/inbox/")
