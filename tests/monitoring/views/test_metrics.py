"""Metrics: for this machine or for who has the token, and no label that a patient or a caller could have chosen."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from patients.vocabulary import RunState, Step
from radiomics_tasks.relay.reconcile import reconcile
from tests.factories import ProcessingRunFactory, followed_patient

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-a-supervisor"


def families(answer):
    return {family.name: family for family in text_string_to_metric_families(answer.content.decode())}


def test_how_the_work_stands(client, storage):
    reconcile()
    ProcessingRunFactory.create(step=Step.EXTRACT, state=RunState.FAILED)
    found = families(client.get("/metrics"))
    samples = [one for one in found["deltarad_runs"].samples if one.labels["state"] == "failed"]
    failed = {one.labels["step"]: one.value for one in samples}
    assert failed[Step.EXTRACT.value] == 1
    assert failed[Step.INGEST.value] == 0
    (sign,) = [one for one in found["deltarad_sign_of_life_seconds"].samples if one.labels["of"] == "reconciler"]
    assert 0 <= sign.value < 60
    assert 0 < found["deltarad_disk_free_ratio"].samples[0].value < 1


def test_requests_are_counted_by_the_name_of_their_view(client, storage):
    client.get("/healthz")
    client.get("/nowhere/Patient%20Sentinel")
    client.generic("SENTINEL", "/healthz")
    text = client.get("/metrics").content.decode()
    assert 'deltarad_requests_total{method="GET",status="200",view="healthz"}' in text
    assert 'method="other"' in text
    assert "entinel" not in text


def test_no_patient_is_in_it(client, team, storage):
    patient = followed_patient(team, storage=storage)
    text = client.get("/metrics").content.decode()
    assert patient.pseudonym not in text
    assert str(patient.code) not in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded"])
def test_without_a_token_only_this_machine(client, storage, header):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", headers={header: "192.0.2.1"}).status_code == 404


def test_with_a_token_only_who_has_it(client, storage, settings):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    own = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=own, REMOTE_ADDR="192.0.2.1").status_code == 200
