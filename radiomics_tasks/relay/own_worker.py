"""A Celery worker for the duration of one command, where none is alive."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app
from django.conf import settings

ANSWER_SECONDS = 1.5
STOP_SECONDS = 10
_PR_SET_PDEATHSIG = 1


def is_worker_alive() -> bool:
    """Whether any worker answers within a moment; a broker that is down has none."""
    try:
        return bool(current_app.control.inspect(timeout=ANSWER_SECONDS).ping())
    except Exception:  # noqa: BLE001  # whatever the broker's client raises, no worker can be reached
        return False


@contextmanager
def worker_at_hand() -> Iterator[None]:
    """Work gets done inside this block: by a running worker, else by one of our own that ends with it."""
    if is_worker_alive():
        yield
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    command = [sys.executable, "-m", "celery", "-A", "monitoring", "worker", "--loglevel", "WARNING"]
    command += ["--concurrency", str(cores), "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, preexec_fn=_end_with_parent)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Linux: the worker is told to stop when this command is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
