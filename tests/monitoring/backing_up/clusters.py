"""An empty PostgreSQL beside the tests' own, and manage.py on it: where a backup is restored to."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from monitoring.devstack import Servers
from monitoring.processes import temporary_folder

ROOT = Path(__file__).resolve().parents[3]
KEYS = ("AUDIT_KEY", "SITE_KEY", "SECRET_KEY")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server with any number of databases, each with a home of its own."""

    address: str
    redis: str
    folder: Path

    def new(self, name: str, keys: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a site whose database and folders are empty; `keys`: of another site than the tests'."""
        known = {key: getattr(settings, key) for key in KEYS} | dict(keys or {})
        home = self.folder / name
        home.mkdir()
        url = self.address
        subprocess.run(
            [sys.executable, "-c", CREATE, url, name], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        return {
            **os.environ,
            "DELTARAD_HOME": str(home),
            "DELTARAD_DATA_DIR": str(home / "data"),
            "DELTARAD_AUDIT_DIR": str(home / "audit"),
            "DELTARAD_LOCAL": "1",
            "DATABASE_URL": url.replace("/deltarad?", f"/{name}?"),
            "REDIS_URL": self.redis,
            **{f"DELTARAD_{key}": value for key, value in known.items()},
        }


CREATE = """
import sys, psycopg2
connection = psycopg2.connect(sys.argv[1])
connection.autocommit = True
connection.cursor().execute(f'CREATE DATABASE "{sys.argv[2]}"')
"""


@contextmanager
def cluster() -> Iterator[Cluster]:
    with temporary_folder() as folder:
        named = os.environ.pop("REDIS_URL", None)
        servers = Servers(folder / "servers", is_throwaway=True)
        try:
            servers.start()
            yield Cluster(servers.environment["DATABASE_URL"], servers.environment["REDIS_URL"], folder)
        finally:
            servers.stop()
            if named:
                os.environ["REDIS_URL"] = named


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
