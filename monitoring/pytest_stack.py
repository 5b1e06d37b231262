"""A pytest plugin: private servers and folders before pytest-django reads the settings.

It is named in pyproject.toml and starts at import: a conftest would be too late. The workers of
pytest-xdist inherit the servers; each has a database (by pytest-django), a Redis database and a
data folder of its own. Where DATABASE_URL is set, nothing is started.
"""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from monitoring.devstack import Servers
from monitoring.processes import temporary_folder

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def start() -> None:
    """Bring up what a run of tests needs, and take it down when the process ends."""
    held = ExitStack()
    atexit.register(held.close)
    home = held.enter_context(temporary_folder())
    os.environ["DELTARAD_HOME"] = str(home)
    (home / "static").mkdir()
    os.environ.setdefault("DELTARAD_DEBUG", "1")
    # Rings and repeats are of their own tests; every other one need not wait for them.
    os.environ.setdefault("DELTARAD_RINGS", "0")
    os.environ.setdefault("DELTARAD_PERTURBATIONS", "0")
    if not os.environ.get("DATABASE_URL"):
        servers = Servers(home, is_throwaway=True)
        held.callback(servers.stop)
        servers.start()
        os.environ.update(servers.environment)


def separate(worker: str) -> None:
    """Give one worker of pytest-xdist its own Redis database and data folder."""
    number = int(worker.removeprefix("gw")) + 1
    address = os.environ.get("REDIS_URL", "")
    if os.environ.get("DELTARAD_LOCAL") and address.startswith("unix://"):
        os.environ["REDIS_URL"] = f"{address}?db={number}"
    os.environ["DELTARAD_DATA_DIR"] = str(Path(os.environ["DELTARAD_HOME"]) / f"data-{worker}")


if WORKER:
    separate(WORKER)
else:
    start()
