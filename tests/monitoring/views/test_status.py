"""The status page: administrators alone, in counts and reasons, with another try for what failed."""

import pytest

from patients.vocabulary import Role, RunState, Step
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.relay import heartbeats
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import ProcessingRunFactory, followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(team):
    return login(team, Role.ADMIN, username="admin")


@pytest.fixture
def failed():
    return ProcessingRunFactory.create(
        step=Step.INGEST, state=RunState.FAILED, attempt=3, reason_code="E_WORKER_LOST", reason="The work stopped."
    )


def test_it_shows_what_failed_and_why(as_user, admin, failed, storage):
    reconcile()
    page = as_user(admin).get("/status/").content.decode()
    assert "The work stopped." in page
    assert "E_WORKER_LOST" in page
    assert "1 piece of work has failed" in page
    assert page.count("<tr>") == 1 + len(Step) + 2


def test_a_quiet_site_says_so(as_user, admin, storage):
    reconcile()
    heartbeats.beat(heartbeats.BACKUP, archive="2024-01-08")
    page = as_user(admin).get("/status/").content.decode()
    assert "Nothing to worry about" in page
    assert "archive 2024-01-08" in page
    assert "never yet" in page


def test_another_try(as_user, admin, failed, storage):
    client = as_user(admin)
    client.post(f"/status/runs/{failed.pk}/retry")
    failed.refresh_from_db()
    assert (failed.state, failed.attempt) == (RunState.QUEUED, 0)
    again = client.post(f"/status/runs/{failed.pk}/retry", follow=True)
    assert "no longer stands as failed" in again.content.decode()
    assert ProcessingRun.objects.count() == 1


def test_nobody_else(as_user, owner, member, failed, storage):
    for user in (owner, member):
        assert as_user(user).get("/status/").status_code == 403
        assert as_user(user).post(f"/status/runs/{failed.pk}/retry").status_code == 403


def test_no_patient_is_named(as_user, admin, team, storage):
    patient = followed_patient(team, storage=storage)
    page = as_user(admin).get("/status/", headers={"HX-Request": "true"}).content.decode()
    assert patient.pseudonym not in page
    assert str(patient.code) not in page
    assert page.startswith('<div id="status"')
