"""What gunicorn is told: `gunicorn -c python:monitoring.web_server monitoring.wsgi`."""

import os
from typing import Any

from monitoring import processes

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 4
# The application is loaded once and shared by the workers.
preload_app = True
# A big file over a slow line must not be cut off; gthread's own heartbeat is independent of it.
timeout = 120
graceful_timeout = 20
keepalive = 5
accesslog = None
control_socket_disable = True


def post_fork(server: Any, _worker: Any) -> None:
    """A worker ends with its master, even a killed one."""
    processes.die_with_parent(server.pid)
