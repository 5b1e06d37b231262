"""A supervisor is told what does not answer, and nothing else."""

import pytest
from django.db import connection


def test_the_process_answers_without_servers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_where_both_servers_answer(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"postgresql": True, "redis": True})


@pytest.mark.django_db
def test_not_ready_without_redis(client, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"postgresql": True, "redis": False})


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_postgresql(client):
    connection.close()
    known = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        answer = client.get("/readyz")
    finally:
        connection.settings_dict["HOST"] = known
    assert (answer.status_code, answer.json()) == (503, {"postgresql": False, "redis": True})


def test_only_reading_is_allowed(client):
    assert client.post("/healthz").status_code == 405
