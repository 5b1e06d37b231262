"""What fills a site before it is measured, and the scans that are sent to it meanwhile."""

import argparse
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path

import psycopg2

from tests.crash.ledger import Ledger
from tests.crash.made_up import write_upload
from tests.crash.senders import Login, Sender
from tests.load.readers import Browser
from tests.load.site import LoadSite

# As one upload of a follow-up: forty slices of 256 by 256, an outline of some 20 mL.
SHAPE = (40, 256, 256)
SETTLE_SECONDS = 150
LOGINS = """import json
from tests.load.population import make_logins
print(json.dumps(make_logins({readers}, {uploaders}, {uploads})))
"""
BUILD = """from tests.load.population import Size, build
print(build(Size({size}), {first}, {step}))
"""
# Patients whose scan was sent: with features of every outline, and concluded.
CONCLUDED = """
SELECT count(*) FROM patients_patient p WHERE p.pseudonym LIKE 'SYN-NEXT-%' AND p.concluded_rules <> '' AND EXISTS (
    SELECT 1 FROM patients_scan c JOIN patients_segmentation s ON s.scan_id = c.id
    JOIN patients_featuresnapshot f ON f.segmentation_id = s.id WHERE c.patient_id = p.id)
"""


def full_site(site: LoadSite, options: argparse.Namespace, tell: Callable[[str], object]) -> dict[str, list[str]]:
    """Logins and patients, built side by side by as many processes as there are processors; who may sign in."""
    began_at = time.monotonic()
    made = site.answers(LOGINS.format(readers=options.readers, uploaders=options.uploaders, uploads=options.uploads))
    size = ", ".join(
        f"{name}={getattr(options, name)!r}"
        for name in ("patients", "scans", "lesions", "profile", "concluded", "seed")
    )
    cores = len(os.sched_getaffinity(0))
    site.answers(*(BUILD.format(size=size, first=first, step=cores) for first in range(cores)))
    with closing(psycopg2.connect(site.database)) as connection:
        connection.autocommit = True
        # As the database does by itself a minute after so many rows.
        connection.cursor().execute("VACUUM ANALYZE")
    tell(
        f"{options.patients} patients x {options.scans} scans x {options.lesions} lesions, "
        f"{options.concluded} of them concluded: built in {time.monotonic() - began_at:.0f} s"
    )
    people: dict[str, list[str]] = json.loads(made[0])
    return people


class Uploads:
    """Scans in real DICOM, sent and filed by coordinators, each for a patient of its own."""

    def __init__(self, site: LoadSite, folder: Path, people: dict[str, list[str]], options: argparse.Namespace) -> None:
        self.site, self.count = site, options.uploads
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.is_over, self.may_begin = threading.Event(), threading.Event()
        work: list[tuple[str, Path]] = []
        for number, patient in enumerate(people["patients"]):
            day = date(2024, 1, 2) + timedelta(days=number)
            path = write_upload(folder / f"{number:04d}.zip", f"SYN-NEXT-{number:04d}", day, number, SHAPE)
            work.append((patient, path))
        self.senders = [
            Sender(self._login(name, people["password"][0]), self.ledger, in_turn(work), self.is_over, self.may_begin)
            for name in people["uploaders"]
        ]

    def _login(self, name: str, password: str) -> Login:
        browser = Browser(self.site.address)
        browser.sign_in(name, password)
        browser.ask("GET", "/inbox/")
        return Login(self.site.port, browser.cookies["sessionid"], browser.cookies["csrftoken"])

    def start(self) -> None:
        """Let them send."""
        self.may_begin.set()
        for sender in self.senders:
            sender.start()

    def settled(self, tell: Callable[[str], object]) -> list[str]:
        """Wait until all that was sent is measured and concluded; what was not, in words."""
        deadline, began_at = time.monotonic() + SETTLE_SECONDS, time.monotonic()
        while (concluded := self._concluded()) < self.count and time.monotonic() < deadline:
            time.sleep(1)
        self.is_over.set()
        filed = sum(line["state"] == "FILED" for line in self.ledger.lines("settled"))
        tell(
            f"uploads: {self.count} to be sent, {filed} filed, {concluded} concluded "
            f"{time.monotonic() - began_at:.0f} s after the readers had gone"
        )
        found = [problem for sender in self.senders for problem in sender.problems]
        return found if concluded == self.count else [*found, f"{self.count - concluded} uploads are not concluded"]

    def _concluded(self) -> int:
        with closing(psycopg2.connect(self.site.database)) as connection, connection.cursor() as cursor:
            cursor.execute(CONCLUDED)
            row = cursor.fetchone()
            return int(row[0]) if row else 0


def in_turn(work: list[tuple[str, Path]]) -> Callable[[], tuple[str, Path] | None]:
    """What is left of the work, each piece given to one sender; None when there is no more."""

    def next_work() -> tuple[str, Path] | None:
        with suppress(IndexError):
            return work.pop(0)
        return None

    return next_work
