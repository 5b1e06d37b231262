"""The settings as a start of their own reads them: what a hospital must set, and what the browser is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from monitoring.assets import PlotlyFinder

ROOT = Path(__file__).resolve().parents[2]
HOSPITAL = {
    "DATABASE_URL": "postgresql://deltarad:secret@db.example/deltarad",
    "REDIS_URL": "rediss://:secret@redis.example:6379/0",
    "DELTARAD_SECRET_KEY": "a" * 20 + "bcdefghijklmnopqrstuvwxyz0123456789" * 2,
    "DELTARAD_SITE_KEY": "0123456789" * 5,
    "DELTARAD_AUDIT_KEY": "9876543210" * 5,
    "DELTARAD_ALLOWED_HOSTS": "deltarad.example",
}


def start(tmp_path, *words, **environment):
    """One manage.py command under an environment of its own."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    plain |= {"DELTARAD_HOME": str(tmp_path / "home"), **environment}
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=plain, capture_output=True, text=True, check=False)


def test_a_hospital_that_sets_everything_passes_the_deployment_checks(tmp_path):
    run = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **HOSPITAL)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["DELTARAD_SECRET_KEY", "DELTARAD_SITE_KEY", "DELTARAD_AUDIT_KEY"])
def test_a_hospital_without_its_keys_does_not_start(tmp_path, name):
    run = start(tmp_path, "check", **{key: value for key, value in HOSPITAL.items() if key != name})
    assert run.returncode != 0
    assert f"{name} must be set where DATABASE_URL names your own server." in run.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DELTARAD_TIME_ZONE", "Mars/Olympus", "must be a zone such as Europe/Berlin"),
        ("DELTARAD_LEASE_RENEW_SECONDS", "50", "must be at most half of DELTARAD_LEASE_SECONDS"),
        ("DELTARAD_LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_words(tmp_path, name, value, words):
    run = start(tmp_path, "check", **{name: value})
    assert run.returncode != 0
    assert f"{name} {words}" in run.stderr


def test_without_servers_nothing_is_written(tmp_path):
    assert start(tmp_path, "check").returncode == 0
    assert not (tmp_path / "home").exists()


def test_only_the_script_of_plotly_is_published():
    assert finders.find("plotly/plotly.min.js")
    assert finders.find("plotly/widgetbundle.js") is None
    listed = [(storage.prefix, name) for name, storage in PlotlyFinder().list([])]
    assert listed == [("plotly", "plotly.min.js")]


def test_static_files_are_hashed_and_compressed(tmp_path):
    run = start(tmp_path, "collectstatic", "--noinput", "--verbosity", "0")
    assert run.returncode == 0, run.stderr
    root = tmp_path / "home" / "static"
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    assert (root / (names["plotly/plotly.min.js"] + ".gz")).stat().st_size < 1_700_000
    assert any(name.startswith("django_htmx/htmx-") for name in names)


def test_the_browser_is_told_what_it_may_load(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    parts = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert parts["default-src"] == parts["script-src"] == ["'self'"]
    assert parts["object-src"] == parts["base-uri"] == parts["frame-ancestors"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & {word for words in parts.values() for word in words}


def test_the_relay_is_durable():
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    hidden_seconds = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert isinstance(hidden_seconds, int)
    assert hidden_seconds >= 1.2 * settings.CELERY_TASK_TIME_LIMIT > settings.CHILD_EXTRACT_SECONDS


def test_scans_lie_in_a_private_folder():
    assert settings.DATA_DIR.stat().st_mode & 0o007 == 0
