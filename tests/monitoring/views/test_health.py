"""A supervisor is told what does not answer, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from patients.vocabulary import RunState, Step
from radiomics_tasks.models import Heartbeat, ProcessingRun
from radiomics_tasks.relay import heartbeats
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import ProcessingRunFactory


def test_the_process_answers_without_servers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_where_everything_answers(client, storage):
    reconcile()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["state"], found["broker"], found["migrations"], found["worries"]) == ("ready", True, True, [])
    assert found["reconciler_seconds"] < 60
    assert found["integrity"] == {"checked_seconds": None, "broken": None}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["redis+socket:///nowhere/redis.sock", "amqp://guest:guest@127.0.0.1:1//"])
def test_a_broker_that_is_away_degrades_and_keeps_the_pages(client, settings, storage, address):
    reconcile()
    settings.CELERY_BROKER_URL = address
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["state"], answer.json()["broker"]) == (200, "degraded", False)


@pytest.mark.django_db
def test_a_silent_reconciler_late_and_failed_work_degrade(client, storage):
    reconcile()
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    late = ProcessingRunFactory.create(step=Step.EXTRACT)
    ProcessingRun.objects.filter(pk=late.pk).update(armed_at=timezone.now() - timedelta(minutes=20))
    ProcessingRunFactory.create(step=Step.INGEST, state=RunState.FAILED, reason_code="E_CRASH")
    heartbeats.beat(heartbeats.INTEGRITY, broken=2)
    found = client.get("/readyz").json()
    assert (found["state"], found["failed"]) == ("degraded", 1)
    assert found["oldest_waiting_seconds"] >= 1200
    assert len(found["worries"]) == 4


@pytest.mark.django_db
def test_not_ready_on_tables_of_another_version(client, monkeypatch):
    monkeypatch.setattr("monitoring.views.health._whole", set())
    MigrationRecorder.Migration.objects.filter(app="radiomics_tasks").last().delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"state": "failed", "database": True, "migrations": False})


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_postgresql(client):
    client.raise_request_exception = False
    connection.close()
    known = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        answer = client.get("/readyz")
        page = client.get("/")
    finally:
        connection.settings_dict["HOST"] = known
    assert (answer.status_code, answer.json()) == (503, {"state": "failed", "database": False})
    assert page.status_code in (200, 503)


def test_only_reading_is_allowed(client):
    assert client.post("/healthz").status_code == 405
