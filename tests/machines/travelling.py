"""Uploads that travel over a whole site, from the browser's requests to the concluded patient."""

import threading
import time
from pathlib import Path
from typing import Any

from tests.crash.ledger import Ledger
from tests.crash.people import people_of
from tests.crash.senders import Sender
from tests.crash.whole_site import Site
from tests.crash.work import Work
from tests.monitoring.backing_up.busy import asked

DONE_WITHIN_SECONDS = 300
SEED = 1
UNFINISHED = "SELECT count(*) FROM radiomics_tasks_processingrun WHERE state NOT IN ('DONE', 'FAILED', 'CANCELLED')"
CONCLUDED = """
    SELECT p.pseudonym, count(DISTINCT s.id), count(DISTINCT f.id) FROM patients_patient p
    JOIN patients_scan s ON s.patient_id = p.id
    JOIN patients_segmentation o ON o.scan_id = s.id
    JOIN patients_featuresnapshot f ON f.segmentation_id = o.id
    JOIN radiomics_tasks_processingrun r ON r.step = 'reassess_patient' AND r.subject_pk = p.id AND r.state = 'DONE'
    GROUP BY p.pseudonym ORDER BY p.pseudonym
"""


class Travels:
    """One site, its coordinator, and the uploads that are sent one after another."""

    def __init__(self, site: Site, folder: Path, patients: int) -> None:
        self.site, self.sent = site, 0
        people = people_of(site, patients)
        self.login, self.work = people.login, Work(people.patients, folder / "uploads", SEED)
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.may_begin = threading.Event()
        self.may_begin.set()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return asked(self.site.environment["DATABASE_URL"], sql)

    def start(self) -> Sender:
        """Send the next patient's scan and file it, in a thread of its own."""
        self.sent += 1
        one = iter([self.work.next()])
        sender = Sender(self.login, self.ledger, lambda: next(one, None), threading.Event(), self.may_begin)
        sender.start()
        return sender

    def conclude(self, sender: Sender) -> float:
        """Wait until it is filed and nothing is left to do; how many seconds that took."""
        began = time.monotonic()
        sender.join(DONE_WITHIN_SECONDS)
        assert (sender.is_alive(), sender.problems) == (False, [])
        while self.ask(UNFINISHED)[0][0]:
            assert time.monotonic() < began + DONE_WITHIN_SECONDS, self.site.workers[0].tail()
            time.sleep(0.5)
        return time.monotonic() - began

    def concluded(self) -> list[tuple[str, int, int]]:
        """Pseudonym, scans and snapshots of every patient that was concluded."""
        return [(name, scans, snapshots) for name, scans, snapshots in self.ask(CONCLUDED)]
