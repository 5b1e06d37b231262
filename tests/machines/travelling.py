"""Uploads that travel over a whole site, from the browser's requests to the concluded patient."""

import json
import threading
import time
from datetime import date, timedelta
from pathlib import Path

from tests.crash.ledger import Ledger
from tests.crash.made_up import write_upload
from tests.crash.senders import Login, Sender
from tests.crash.services import Site
from tests.crash.storm import PEOPLE, TOKEN
from tests.monitoring.backing_up.busy import asked

DONE_WITHIN_SECONDS = 300
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
        self.site, self.folder, self.sent = site, folder, 0
        made = json.loads(site.manage("shell", "-v", "0", "-c", PEOPLE % patients).splitlines()[-1])
        self.patients, self.login = made["patients"], Login(site.port, made["session"], TOKEN)
        self.ledger = Ledger(folder / "ledger.jsonl")

    def ask(self, sql: str) -> list:
        return asked(self.site.environment["DATABASE_URL"], sql)

    def start(self) -> Sender:
        """Send the next patient's scan and file it, in a thread of its own."""
        number, self.sent = self.sent, self.sent + 1
        day = date(2024, 1, 2) + timedelta(days=number)
        path = write_upload(self.folder / f"{number}.zip", f"SYN-{number:04d}", day, number)
        sender = Sender(self.login, self.ledger, [(self.patients[number], path)], threading.Event())
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
        return [tuple(row) for row in self.ask(CONCLUDED)]
