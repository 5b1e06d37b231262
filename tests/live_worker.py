"""A real Celery worker on the tests' own database, for everything that goes over the relay."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def test_database_url() -> str:
    """The address of the database that this test run uses, as another process must spell it."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))


def environment() -> dict[str, str]:
    """What a process of ours needs to stand on the same database, broker and files as the test."""
    return {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "DELTARAD_DATA_DIR": str(settings.DATA_DIR),
        "DELTARAD_SECRET_KEY": settings.SECRET_KEY,
        "DELTARAD_SITE_KEY": settings.SITE_KEY,
    }


@contextmanager
def running_worker(log: Path, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A prefork worker with two processes; it is ready when it says so in its log."""
    command = [sys.executable, "-m", "celery", "-A", "monitoring", "worker", "--loglevel", "INFO"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**environment(), **more}, stdout=out, stderr=out)
    try:
        wait_for_words(log, b"ready.", 60)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_words(log: Path, words: bytes, seconds: float) -> None:
    """Return when the log holds the words; fail with its end where it does not in time."""
    deadline = time.monotonic() + seconds
    while words not in log.read_bytes():
        assert time.monotonic() < deadline, log.read_bytes()[-3000:].decode(errors="replace")
        time.sleep(0.1)
