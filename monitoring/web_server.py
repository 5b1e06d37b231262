"""What gunicorn is told: `gunicorn -c python:monitoring.web_server monitoring.wsgi`."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from monitoring import processes

# Read by the counting library when it is first imported, which the application does.
COUNTS = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="deltarad-counts-")))
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# Threads, which no sender keeps for long.
worker_class = "monitoring.slow_senders.MeasuringWorker"
threads = 4
# The application is loaded once and shared by the workers.
preload_app = True
# A big file over a slow line must not be cut off; gthread's own heartbeat is independent of it.
timeout = 120
graceful_timeout = 20
keepalive = 5
accesslog = None
# Its own lines, too, are one JSON object each.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "monitoring.log_lines.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
control_socket_disable = True
# A page makes tens of thousands of short-lived objects: looked through less often, and never all that was loaded.
GARBAGE = (20_000, 20, 50)


def on_exit(_server: Any) -> None:
    """The web processes counted their requests into one folder, which goes with them."""
    shutil.rmtree(COUNTS, ignore_errors=True)


def pre_fork(_server: Any, _worker: Any) -> None:
    """What the application is made of stays, so that no collection walks through it and its memory stays shared."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, _worker: Any) -> None:
    """A worker ends with its master, even a killed one."""
    processes.die_with_parent(server.pid)
    gc.set_threshold(*GARBAGE)
