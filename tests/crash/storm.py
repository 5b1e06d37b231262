"""A whole site under a storm of kills, its senders, its reader, and what must hold when it is over.

.venv/bin/python -m tests.crash.storm --faults 200 --seed 1      # random faults, seeded
.venv/bin/python -m tests.crash.storm --each 10                  # every named moment of patients/failpoints.py
"""

import argparse
import json
import math
import random
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from monitoring import processes
from patients.failpoints import POINTS
from tests.crash.faults import FAULTS
from tests.crash.ledger import Ledger
from tests.crash.made_up import write_upload
from tests.crash.senders import Login, Reader, Sender
from tests.crash.services import LEASE_SECONDS, RECONCILE_SECONDS, Site

PEOPLE = """
import json, time
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from monitoring.security.sessions import SEEN_AT, SIGNED_IN_AT
from patients.models import Membership, Patient, Team
team = Team.objects.create(name="Storm")
user = User.objects.create_user("storm")
user.groups.add(*Group.objects.filter(name__in=["coordinator", "reader", "oncologist"]))
Membership.objects.create(team=team, user=user)
patients = [str(Patient.objects.create(pseudonym=f"SYN-{n:04d}", team=team).code) for n in range(%d)]
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
session.create()
print(json.dumps({"session": session.session_key, "patients": patients}))
"""
RETRY = """
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
print(sum(runs.retry(pk) for pk in list(ProcessingRun.objects.filter(state="FAILED").values_list("pk", flat=True))))
"""
ORPHANS = """
from patients.files import site_storage
from radiomics_tasks.relay.janitor import lying_in_staging, unnamed_files
storage = site_storage()
print(len(unnamed_files(storage, 0)), len(list(lying_in_staging(storage, 0))))
"""
TOKEN = "t" * 32
QUIET_SECONDS = 300
# For so long after something was killed a page may say that it cannot be shown.
EXCUSED_SECONDS = 20


@dataclass
class Told:
    """What a storm came to."""

    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    recovered_s: list[float] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def sentences(self) -> str:
        """For a person."""
        recovered = sorted(self.recovered_s)
        p95 = recovered[math.ceil(0.95 * len(recovered)) - 1] if recovered else None
        return json.dumps(
            {
                "faults": sum(self.faults.values()),
                "by kind": dict(self.faults.most_common()),
                "violations": self.violations,
                "interrupted runs": len(recovered),
                "recovery s": {
                    "median": round(statistics.median(recovered), 1) if recovered else None,
                    "p95": round(p95, 1) if p95 is not None else None,
                    "max": round(recovered[-1], 1) if recovered else None,
                    "bar": LEASE_SECONDS + 2 * RECONCILE_SECONDS,
                },
                **self.notes,
            },
            indent=1,
        )


class Storm:
    """One site, its users and what is done to it."""

    def __init__(self, home: Path, sockets: Path, options: argparse.Namespace) -> None:
        self.options = options
        self.rng = random.Random(options.seed)
        chance = "1" if options.each else "0.02"
        failing = {"FAIL": ",".join(f"{name}:{chance}" for name in POINTS)}
        self.site = Site(home / "site", sockets, _free_port(), failing)
        self.ledger = Ledger(home / "ledger.jsonl")
        self.told = Told()
        self.is_over = threading.Event()
        self.died_at: dict[int, float] = {}
        self.held: dict[int, tuple[int, float]] = {}
        self.troubled: list[float] = []
        self.retried = 0

    def run(self) -> Told:
        """Start, storm, quiesce, check."""
        began_at = time.monotonic()
        try:
            self.site.create()
            self._users()
            stormed_s = self._storm()
            self._quiesce()
            self._check()
            self.told.notes |= {"storm s": round(stormed_s), "all s": round(time.monotonic() - began_at)}
        finally:
            self.is_over.set()
            self.site.stop()
        return self.told

    def _users(self) -> None:
        answer = self.site.manage("shell", "-v", "0", "-c", PEOPLE % self.options.uploads)
        made = json.loads(answer.splitlines()[-1])
        login = Login(self.site.port, made["session"], TOKEN)
        uploads = self.site.home / "uploads"
        uploads.mkdir()
        self.work = []
        for number, patient in enumerate(made["patients"]):
            day = date(2024, 1, 2) + timedelta(days=number)
            self.work.append((patient, write_upload(uploads / f"{number:04d}.zip", f"SYN-{number:04d}", day, number)))
        self.senders = [Sender(login, self.ledger, self.work, self.is_over) for _ in range(self.options.senders)]
        pages = ["/patients/", *(f"/patients/{code}/" for code in made["patients"][:4])]
        self.reader = Reader(login, pages, self.site.environment["DATABASE_URL"], self.is_over)

    def _storm(self) -> float:
        """Until every fault was done and every upload settled; each process is started again where it died."""
        began_at = time.monotonic()
        for name in POINTS:
            for number in range(self.options.each):
                (self.site.tokens / f"{name}.{number}").touch()
        for thread in (*self.senders, self.reader):
            thread.start()
        due_at = time.monotonic() + 5
        while any(sender.is_alive() for sender in self.senders):
            self._watch()
            if not self.options.each and self._left() > 0 and time.monotonic() >= due_at:
                self._fault()
                due_at = time.monotonic() + self.rng.expovariate(1 / self.options.pause)
            time.sleep(0.1)
            if self._stalls(began_at):
                break
        self._reach_the_rest(began_at)
        return time.monotonic() - began_at

    def _reach_the_rest(self, began_at: float) -> None:
        """What comes after filing: the moments of measuring and concluding."""
        while self.options.each and any(self.site.tokens.glob("*.*")) and not self._stalls(began_at):
            self._watch()
            time.sleep(0.2)
            if not self._is_working() and not self._retry_failed():
                break
        left = (
            Counter(path.name.partition(".")[0] for path in self.site.tokens.glob("*.*")) if self.options.each else {}
        )
        self.told.notes["moments that did not come often enough"] = dict(left)

    def _is_working(self) -> bool:
        """Whether there is work that nobody need ask for; so, too, while the database does not answer."""
        rows = self._ask("SELECT count(*) FROM radiomics_tasks_processingrun WHERE state NOT IN ('DONE', 'FAILED')")
        return not rows or rows[0][0] > 0

    def _retry_failed(self) -> int:
        """As a person does with what stands as failed; how many there were."""
        answer = self.site.managed("shell", "-v", "0", "-c", RETRY)
        retried = int(answer.stdout.splitlines()[-1]) if answer.returncode == 0 else 0
        self.retried += retried
        return retried

    def _left(self) -> int:
        return int(self.options.faults) - sum(self.told.faults.values())

    def _stalls(self, began_at: float) -> bool:
        return bool(time.monotonic() - began_at > self.options.minutes * 60)

    def _fault(self) -> None:
        # One in three comes from inside, at whichever named moment is next.
        if self.rng.random() < 1 / 3:
            for name in POINTS:
                (self.site.tokens / f"{name}.{time.time_ns()}").touch()
            return
        do = self.rng.choices(list(FAULTS), weights=list(FAULTS.values()))[0]
        self.troubled.append(time.time())
        killed = do(self.site, self.rng)
        now = time.time()
        if killed or do.__name__ == "disk_full":
            self.told.faults[do.__name__] += 1
            self.troubled.append(now)
            self.died_at |= dict.fromkeys(killed, now)

    def _watch(self) -> None:
        """A supervisor's work, and who holds what, so that it can be told later how long that was left alone."""
        for service in self.site.all:
            if service.look_after():
                self.troubled.append(time.time())
        for path in self.site.tokens.glob("taken-*"):
            self._died_at_a_point(path)
        self._note_holders()

    def _note_holders(self) -> None:
        for pk, holder in self._ask("SELECT id, holder FROM radiomics_tasks_processingrun WHERE state = 'RUNNING'"):
            if "|" in holder:
                self.held[int(holder.split("|")[1])] = (pk, time.time())
        for pid, died_at in list(self.died_at.items()):
            if pid in self.held:
                self._measure(pid, self.held[pid][0], died_at)

    def _died_at_a_point(self, taken: Path) -> None:
        _, name, pid, moment = taken.name.split("-")
        taken.unlink()
        self.told.faults[f"at {name}"] += 1
        self.died_at[int(pid)] = int(moment) / 1e9
        self.troubled.append(int(moment) / 1e9)
        if not self.options.each:
            for other in self.site.tokens.glob("*.*"):
                other.unlink(missing_ok=True)

    def _measure(self, pid: int, run: int, died_at: float) -> None:
        """How long the run of a dead process was left alone; not where it had ended before."""
        before = self._ask(
            "SELECT to_state FROM patients_statechange"
            f" WHERE subject = 'run' AND row_pk = {run} AND changed_at <= to_timestamp({died_at})"
            " ORDER BY id DESC LIMIT 1"
        )
        if before and before[0][0] != "RUNNING":
            del self.died_at[pid]
            return
        rows = self._ask(
            "SELECT extract(epoch FROM min(changed_at)) FROM patients_statechange"
            f" WHERE subject = 'run' AND row_pk = {run} AND changed_at > to_timestamp({died_at})"
        )
        if rows and rows[0][0] is not None:
            self.told.recovered_s.append(float(rows[0][0]) - died_at)
            del self.died_at[pid]

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            connection = psycopg2.connect(self.site.environment["DATABASE_URL"])
        except psycopg2.Error:
            return []
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except psycopg2.Error:
            return []
        finally:
            connection.close()

    def _quiesce(self) -> None:
        """Nothing dies any more; what failed in words is asked for again, as a person would."""
        for path in self.site.tokens.iterdir():
            path.unlink()
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            self._watch()
            states = Counter(row[0] for row in self._ask("SELECT state FROM radiomics_tasks_processingrun"))
            if states["FAILED"]:
                self._retry_failed()
            elif states and set(states) <= {"DONE"} and not any(sender.is_alive() for sender in self.senders):
                break
            time.sleep(1)
        self.is_over.set()
        for thread in (*self.senders, self.reader):
            thread.join(30)
        self.told.notes |= {"failed in words and retried": self.retried, "looks of the reader": self.reader.looks}

    def _check(self) -> None:
        found = self.told.violations
        found += [f"a sender gave up: {problem}" for sender in self.senders for problem in sender.problems]
        if self.work:
            found.append(f"{len(self.work)} uploads were never begun")
        answer = self.site.managed("check_invariants", "--files", "--minutes", "0", "--json")
        found += [f"{row['invariant']} {row['broken']}" for row in map(json.loads, answer.stdout.splitlines())]
        if answer.returncode and not answer.stdout:
            found.append(f"the checker ended badly: {answer.stderr[-500:]}")
        found += self._ledger_against_rows() + self._reader_saw()
        unnamed, lying = self.site.manage("shell", "-v", "0", "-c", ORPHANS).splitlines()[-1].split()
        again = self.site.managed("recompute", "--sample", "400", "--seed", "1")
        if again.returncode:
            found.append(f"a number is not what an undisturbed computation gives: {again.stdout[-400:]}")
        scans, outlines, values = (self._ask(f"SELECT count(*) FROM patients_{table}")[0][0] for table in TABLES)
        settled = len({line["code"] for line in self.ledger.lines("settled") if line["state"] == "FILED"})
        # Every series that was sent is good: a refusal would be the work of a fault.
        refused = [line["code"] for line in self.ledger.lines("settled") if line["state"] != "FILED"]
        found += [f"upload {code} holds a good series and was refused" for code in refused]
        if not settled == scans == outlines == values:
            found.append(f"{settled} uploads were filed as {scans} scans with {outlines} outlines, {values} snapshots")
        self.told.notes |= {
            "uploads filed": settled,
            "scans": scans,
            "snapshots": values,
            "recomputed": again.stdout.strip().splitlines()[-1:],
            "stored files that no row names": int(unnamed),
            "left in staging for the janitor": int(lying),
        }

    def _ledger_against_rows(self) -> list[str]:
        """I1: whatever a sender was told was received is there, with those very bytes."""
        rows = self._ask(
            "SELECT u.code::text, u.state, f.sha256 FROM patients_upload u"
            " JOIN patients_uploadedfile f ON f.upload_id = u.id"
        )
        kept = {(code, sha256) for code, _, sha256 in rows}
        states = {code: state for code, state, _ in rows}
        found = [
            f"I1 upload {line['code']} was received and is not there with these bytes"
            for line in self.ledger.lines("received")
            if (line["code"], line["sha256"]) not in kept
        ]
        found += [
            f"I1 upload {line['code']} was completed and is {states.get(line['code'])}"
            for line in self.ledger.lines("completed")
            if states.get(line["code"]) in (None, "RECEIVING")
        ]
        return found

    def _reader_saw(self) -> list[str]:
        """I14: a page may be refused for a moment after something was killed, and never otherwise."""
        seen = [f"I14 {told}" for _, told in self.reader.seen]
        for moment, told in self.reader.failed_at:
            if not any(0 <= moment - trouble < EXCUSED_SECONDS for trouble in self.troubled):
                seen.append(f"I14 {told}")
        self.told.notes["pages refused while something was down"] = len(self.reader.failed_at)
        self.told.notes["of them"] = dict(Counter(told[:60] for _, told in self.reader.failed_at).most_common(4))
        return seen


TABLES = ("scan", "segmentation", "featuresnapshot")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def options_of(words: list[str] | None = None) -> argparse.Namespace:
    """What a storm is told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=20, help="random faults")
    parser.add_argument("--each", type=int, default=0, help="instead: so many kills at every named moment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--uploads", type=int, default=0, help="scans that are sent; default: many enough")
    parser.add_argument("--senders", type=int, default=3)
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two faults")
    parser.add_argument("--minutes", type=float, default=120, help="give up after so long")
    options = parser.parse_args(words)
    options.uploads = options.uploads or max(6, (options.each * len(POINTS) or options.faults) // 8)
    return options


def storm(options: argparse.Namespace) -> Told:
    """One storm in a folder of its own, removed afterwards."""
    with processes.temporary_folder() as sockets, processes.temporary_folder() as home:
        return Storm(home, sockets, options).run()


if __name__ == "__main__":
    told = storm(options_of())
    sys.stdout.write(f"{told.sentences()}\n")
    sys.exit(bool(told.violations))
