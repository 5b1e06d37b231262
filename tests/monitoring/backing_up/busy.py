"""A whole site that is worked with: coordinators send and file, readers sign and look, workers measure."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from monitoring import processes
from tests.crash.ledger import Ledger
from tests.crash.people import people_of
from tests.crash.senders import Reader, Sender
from tests.crash.whole_site import ROOT, Site
from tests.crash.work import Work

SENDERS, READERS = 2, 2
KEYS = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in ("AUDIT_KEY", "SITE_KEY", "SECRET_KEY")}))
"""


class Busy:
    """The site, those who use it, and what they were told."""

    def __init__(self, site: Site, folder: Path, seed: int, patients: int) -> None:
        self.site, self.is_over = site, threading.Event()
        self.ledger = Ledger(folder / "ledger.jsonl")
        people = people_of(site, patients)
        self.keys = json.loads(site.manage("shell", "-v", "0", "-c", KEYS).splitlines()[-1])
        may_begin = threading.Event()
        may_begin.set()
        work = Work(people.patients, folder / "uploads", seed)
        self.senders = [Sender(people.login, self.ledger, work.next, self.is_over, may_begin) for _ in range(SENDERS)]
        pages = ["/patients/", *(f"/patients/{code}/" for code in people.patients[:4]), "/due/"]
        url = site.environment["DATABASE_URL"]
        self.readers = [Reader(people.login, pages, url, self.is_over) for _ in range(READERS)]
        self.stop_signing = folder / "enough"
        command = [sys.executable, "-m", "tests.monitoring.backing_up.signing", "storm", str(self.stop_signing)]
        self.signer = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **site.environment}, stdout=subprocess.PIPE, text=True
        )
        for thread in (*self.senders, *self.readers):
            thread.start()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the site's own database."""
        return asked(self.site.environment["DATABASE_URL"], sql)

    def stop(self) -> int:
        """Let everybody finish; returns how many visits were signed."""
        self.is_over.set()
        self.stop_signing.touch()
        for thread in (*self.senders, *self.readers):
            thread.join(120)
        said, _ = self.signer.communicate(timeout=60)
        return int(said or 0)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one database."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    finally:
        connection.close()


@contextmanager
def busy_site(seed: int, patients: int) -> Iterator[Busy]:
    """A site of its own in a folder of its own, under work until the end of the block."""
    with processes.temporary_folder() as sockets, processes.temporary_folder() as home:
        site = Site(home / "site", sockets, free_port())
        busy = None
        try:
            site.create()
            busy = Busy(site, home, seed, patients)
            yield busy
        finally:
            if busy is not None and not busy.is_over.is_set():
                busy.stop()
            site.stop()
