"""Backups of a whole site while it is worked with: each comes back equal, in an empty cluster.

.venv/bin/python -m pytest -m tamper -n 0 -s tests/monitoring/backing_up/test_under_load.py
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.whole_site import ROOT
from tests.monitoring.backing_up.busy import Busy, asked, busy_site
from tests.monitoring.backing_up.clusters import Cluster, cluster, manage
from tests.monitoring.backing_up.compared import CHECKS, lost, other_files, other_rows

pytestmark = pytest.mark.tamper
BACKUPS = 10
PATIENTS = 400
# Before the first backup there is something to lose.
SCANS_FIRST = 4
UNFINISHED = "SELECT count(*) FROM radiomics_tasks_processingrun WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT')"
DONE_WITHIN_SECONDS = 300


def count(busy: Busy, table: str) -> int:
    return int(busy.ask(f"SELECT count(*) FROM patients_{table}")[0][0])


def restored(busy: Busy, elsewhere: Cluster, target: Path, name: str) -> dict[str, str]:
    """The environment of a new site that was made of a backup."""
    site = elsewhere.new(name, busy.keys) | {"DELTARAD_RINGS": "0", "DELTARAD_PERTURBATIONS": "0"}
    done = manage(site, "restore", str(target))
    assert done.returncode == 0, done.stderr
    assert "Restored and verified" in done.stdout
    return site


def is_equal(busy: Busy, site: dict[str, str], acknowledged: list[dict[str, str]]) -> None:
    """Rows, files and receipts; then what the site's own checks say of it."""
    data = Path(site["DELTARAD_DATA_DIR"])
    assert other_rows(busy, site["DATABASE_URL"]) == []
    assert other_files(data, busy.site.home / "data") == []
    assert lost(acknowledged, site["DATABASE_URL"], data) == []
    checked = manage(site, "shell", "-v", "0", "-c", CHECKS)
    assert checked.stdout.rstrip().endswith("ALL HOLD"), (checked.stdout[-1500:], checked.stderr[-1500:])


@contextmanager
def working(site: dict[str, str], log: Path) -> Iterator[None]:
    """A worker for a restored site; its broker is empty, so its reconciler must find what there is to do."""
    command = [sys.executable, "-m", "celery", "-A", "monitoring", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=site, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def goes_on(site: dict[str, str], log: Path) -> None:
    """What was waiting or half done when the backup was made is done by the restored site."""
    with working(site, log):
        deadline = time.monotonic() + DONE_WITHIN_SECONDS
        while asked(site["DATABASE_URL"], UNFINISHED)[0][0]:
            assert time.monotonic() < deadline, log.read_bytes()[-2000:].decode(errors="replace")
            time.sleep(1)
    done = manage(site, "check_invariants", "--files")
    assert done.returncode == 0, done.stdout


def test_ten_backups_under_load_come_back_equal(pytestconfig, tmp_path):
    began, backed_up_s, restored_s, told = time.monotonic(), [], [], []
    with busy_site(pytestconfig.getoption("seed"), PATIENTS) as busy, cluster() as elsewhere:
        while count(busy, "scan") < SCANS_FIRST:
            assert not [one for sender in busy.senders for one in sender.problems], busy.senders[0].problems[:3]
            assert time.monotonic() < began + 600, busy.site.web.tail()
            time.sleep(1)
        for number in range(BACKUPS):
            acknowledged = busy.ledger.lines("received")
            events, at = count(busy, "auditevent"), time.monotonic()
            target = tmp_path / (f"backup{number}.tar" if number % 2 else f"backup{number}")
            busy.site.manage("backup", str(target))
            backed_up_s.append(time.monotonic() - at)
            told.append(count(busy, "auditevent") - events)
            at = time.monotonic()
            site = restored(busy, elsewhere, target, f"load{number}")
            restored_s.append(time.monotonic() - at)
            is_equal(busy, site, acknowledged)
            sys.stdout.write(f"\nbackup {number + 1}: equal, {len(acknowledged)} receipts kept")
        waiting = asked(site["DATABASE_URL"], UNFINISHED)[0][0]
        goes_on(site, tmp_path / "worker.log")
        signed, scans = busy.stop(), count(busy, "scan")
        looks = sum(reader.looks for reader in busy.readers)
        wrong = [one for reader in busy.readers for one in (*reader.seen, *reader.failed_at)]
        problems = [one for sender in busy.senders for one in sender.problems]
    sys.stdout.write(
        f"\n{BACKUPS} of {BACKUPS} restored equal, seed {pytestconfig.getoption('seed')}: {scans} scans filed, "
        f"{signed} visits signed and {looks} pages read meanwhile, {min(told)} to {max(told)} audit events during a "
        f"backup; a backup took {statistics.median(backed_up_s):.1f} s (median), a restore {max(restored_s):.1f} s at "
        f"most; the last one did {waiting} waiting pieces of work; {time.monotonic() - began:.0f} s\n"
    )
    assert (problems, wrong) == ([], [])
    # It was load indeed.
    assert min(told) > 0 and signed > 0 and scans > SCANS_FIRST
