"""A whole site under a storm of kills, its senders, its reader, and what must hold when it is over.

.venv/bin/python -m tests.crash.storm --faults 2000 --seed 1     # random faults, in bursts
.venv/bin/python -m tests.crash.storm --each 10                  # every named moment of patients/failpoints.py

Random faults come one after another by chance, whether or not the last one was got over. After a burst of them the
site is left alone until all work is done, and is checked; then the next burst begins. With `--told FILE` each burst
is a line of that file, and a later run goes on after the last one.
"""

import argparse
import random
import socket
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from monitoring import processes
from patients.failpoints import POINTS
from tests.crash.afterwards import everything_broken, invariants_broken, ledger_broken, reader_broken, refused_pages
from tests.crash.faults import FAULTS, LASTING, Fault
from tests.crash.ledger import Ledger
from tests.crash.left_alone import Asking, LeftAlone
from tests.crash.people import people_of
from tests.crash.senders import Reader, Sender
from tests.crash.told import Bursts, Told
from tests.crash.whole_site import Site
from tests.crash.work import Work

RETRY = """
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
print(sum(runs.retry(pk) for pk in list(ProcessingRun.objects.filter(state="FAILED").values_list("pk", flat=True))))
"""
QUIET_SECONDS = 300


class Storm:
    """One site, its users and what is done to it."""

    def __init__(self, home: Path, sockets: Path, options: argparse.Namespace) -> None:
        self.options, self.home = options, home
        self.rng = random.Random(options.seed)
        chance = "1" if options.each else "0.02"
        failing = {"FAIL": ",".join(f"{name}:{chance}" for name in POINTS)}
        self.site = Site(home / "site", sockets, _free_port(), failing)
        self.ask = Asking(self.site)
        self.left_alone = LeftAlone(self.ask)
        self.ledger = Ledger(home / "ledger.jsonl")
        self.told, self.bursts = Told(), Bursts(options.told)
        self.is_over, self.may_begin = threading.Event(), threading.Event()
        self.troubled: list[float] = []
        self.lasting: list[threading.Thread] = []
        self.retried = 0
        self.began_at = time.monotonic()

    def run(self) -> Told:
        """Start, storm, quiesce, check."""
        try:
            self.site.create()
            self._users()
            if self.options.each:
                self._at_every_moment()
            else:
                self._in_bursts()
            stormed_s = time.monotonic() - self.began_at
            self._quiesce()
            self._check()
            self.told.notes |= {"storm s": round(stormed_s), "all s": round(time.monotonic() - self.began_at)}
        finally:
            self.is_over.set()
            self.site.stop()
        return self.told

    def _users(self) -> None:
        people = people_of(self.site, self.options.uploads)
        self.work = Work(people.patients, self.home / "uploads", self.options.seed)
        self.senders = [
            Sender(people.login, self.ledger, self.work.next, self.is_over, self.may_begin)
            for _ in range(self.options.senders)
        ]
        pages = ["/patients/", *(f"/patients/{code}/" for code in people.patients[:4])]
        self.reader = Reader(people.login, pages, self.site.environment["DATABASE_URL"], self.is_over)
        self.may_begin.set()
        for thread in (*self.senders, self.reader):
            thread.start()

    def _at_every_moment(self) -> None:
        """Until every named moment was reached often enough, those after the last filing included."""
        for name in POINTS:
            for number in range(self.options.each):
                (self.site.tokens / f"{name}.{number}").touch()
        while any(sender.is_alive() for sender in self.senders) and not self._lasts_too_long():
            self._watch()
            time.sleep(0.1)
        while any(self.site.tokens.glob("*.*")) and not self._lasts_too_long():
            self._watch()
            time.sleep(0.2)
            if not self._is_working() and not self._retry_failed():
                break
        missing = Counter(path.name.partition(".")[0] for path in self.site.tokens.glob("*.*"))
        self.told.notes["moments that did not come often enough"] = dict(missing)

    def _in_bursts(self) -> None:
        """Faults in bursts, each from its own seed, until there were enough; those of earlier runs count too."""
        number = sum(line["seed"] == self.options.seed for line in self.bursts.lines())
        wanted = self.options.faults - self.bursts.summed()["faults"]
        while sum(self.told.faults.values()) < wanted and not self._lasts_too_long():
            number += 1
            before, began_at = Counter(self.told.faults), time.monotonic()
            self.rng = random.Random(f"{self.options.seed}.{number}")
            self.may_begin.set()
            self._burst(min(self.options.burst, wanted - before.total()))
            is_quiet = self._settle()
            found = [] if is_quiet else ["work was not done within five minutes of the last fault"]
            found += invariants_broken(self.site) + ledger_broken(self.ledger, self.ask)
            self.told.violations += found
            self.bursts.add(
                seed=self.options.seed,
                burst=number,
                violations=found,
                seconds=round(time.monotonic() - began_at),
                uploads=len(self.ledger.lines("settled")),
                **{"by kind": dict(self.told.faults - before)},
            )
        self.told.notes["all runs"] = self.bursts.summed()
        self.told.notes["uploads"] = self.work.begun

    def _burst(self, faults: int) -> None:
        """So many faults, at moments that do not wait for anything."""
        target = self.told.faults.total() + faults
        due_at = time.monotonic() + self.rng.expovariate(1 / self.options.pause)
        while self.told.faults.total() < target and not self._lasts_too_long():
            self._watch()
            if time.monotonic() >= due_at:
                self._fault()
                due_at = time.monotonic() + self.rng.expovariate(1 / self.options.pause)
            time.sleep(0.1)

    def _settle(self) -> bool:
        """Nothing dies and nothing new is sent; whether everything that was begun is done in time."""
        self.may_begin.clear()
        for thread in self.lasting:
            thread.join()
        self.lasting.clear()
        for path in self.site.tokens.glob("*.*"):
            path.unlink(missing_ok=True)
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            self._watch()
            states = Counter(row[0] for row in self.ask("SELECT state FROM radiomics_tasks_processingrun"))
            if states["FAILED"]:
                self._retry_failed()
            elif set(states) == {"DONE"} and not any(sender.is_sending for sender in self.senders):
                return True
            time.sleep(0.5)
        return False

    def _is_working(self) -> bool:
        """Whether there is work that nobody need ask for; so, too, while the database does not answer."""
        rows = self.ask("SELECT count(*) FROM radiomics_tasks_processingrun WHERE state NOT IN ('DONE', 'FAILED')")
        return not rows or rows[0][0] > 0

    def _retry_failed(self) -> int:
        """As a person does with what stands as failed; how many there were."""
        answer = self.site.managed("shell", "-v", "0", "-c", RETRY)
        retried = int(answer.stdout.splitlines()[-1]) if answer.returncode == 0 else 0
        self.retried += retried
        return retried

    def _lasts_too_long(self) -> bool:
        return bool(time.monotonic() - self.began_at > self.options.minutes * 60)

    def _fault(self) -> None:
        # One in three comes from inside, at whichever named moment is next.
        if self.rng.random() < 1 / 3:
            for name in POINTS:
                (self.site.tokens / f"{name}.{time.time_ns()}").touch()
            return
        do = self.rng.choices(list(FAULTS), weights=list(FAULTS.values()))[0]
        if do not in LASTING:
            self._do(do)
            return
        self.lasting.append(threading.Thread(target=self._do, args=(do,), daemon=True))
        self.lasting[-1].start()

    def _do(self, do: Fault) -> None:
        self.troubled.append(time.time())
        killed = do(self.site, self.rng)
        if killed or do.__name__ == "disk_full":
            self.told.faults[do.__name__] += 1
            self.troubled.append(time.time())
            self.left_alone.died(killed, time.time())

    def _watch(self) -> None:
        """A supervisor's work, and who holds what, so that it can be told later how long that was left alone."""
        for part in self.site.all:
            if part.look_after():
                self.troubled.append(time.time())
        for path in self.site.tokens.glob("taken-*"):
            self._died_at_a_point(path)
        self.left_alone.look()

    def _died_at_a_point(self, taken: Path) -> None:
        _, name, pid, moment = taken.name.split("-")
        taken.unlink()
        self.told.faults[f"at {name}"] += 1
        self.left_alone.died([int(pid)], int(moment) / 1e9)
        self.troubled.append(int(moment) / 1e9)
        if not self.options.each:
            for other in self.site.tokens.glob("*.*"):
                other.unlink(missing_ok=True)

    def _quiesce(self) -> None:
        """Nothing dies any more; what failed in words is asked for again, as a person would."""
        if self.options.each:
            self.may_begin.set()
            while any(sender.is_alive() for sender in self.senders) and not self._lasts_too_long():
                self._watch()
                time.sleep(0.2)
        self._settle()
        self.is_over.set()
        for thread in (*self.senders, self.reader):
            thread.join(30)
        self.told.notes |= {"failed in words and retried": self.retried, "looks of the reader": self.reader.looks}

    def _check(self) -> None:
        found = [f"a sender gave up: {problem}" for sender in self.senders for problem in sender.problems]
        if self.options.each and self.work.left:
            found.append(f"{self.work.left} uploads were never begun")
        broken, notes = everything_broken(self.site, self.ledger, self.ask)
        self.told.violations += found + broken + reader_broken(self.reader, self.troubled)
        self.told.notes |= notes | refused_pages(self.reader)
        self.told.recovered_s = self.left_alone.recovered_s
        self.told.notes["interrupted runs never seen to go on"] = self.left_alone.open_runs()


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
    parser.add_argument("--uploads", type=int, default=0, help="scans that there are to send; default: enough")
    parser.add_argument("--senders", type=int, default=3)
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between two faults")
    parser.add_argument("--burst", type=int, default=60, help="faults until the site is left alone and checked")
    parser.add_argument("--told", type=Path, help="a file that gets a line for each burst")
    parser.add_argument("--minutes", type=float, default=120, help="give up after so long")
    options = parser.parse_args(words)
    options.uploads = options.uploads or max(6, options.each * len(POINTS) // 8 or 2 * options.faults)
    return options


def storm(options: argparse.Namespace) -> Told:
    """One storm in a folder of its own, removed afterwards."""
    with processes.temporary_folder() as sockets, processes.temporary_folder() as home:
        return Storm(home, sockets, options).run()


if __name__ == "__main__":
    told = storm(options_of())
    sys.stdout.write(f"{told.sentences()}\n")
    sys.exit(bool(told.violations))
