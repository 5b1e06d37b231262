"""kill -9 of the whole worker at seeded moments of an extraction: one snapshot each time, bit-equal, soon after.

python3 manage.py test -m crash -s           # 20 kills
CRASH_RUNS=100 CRASH_SEED=7 python3 manage.py test -m crash -s
"""

import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from patients.models import FeatureDelta, FeatureSnapshot, Measurement, Scan, Team
from patients.vocabulary import RunState, Step
from radiomics_tasks import runs
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.models import ProcessingRun
from tests.live_worker import ROOT, environment, wait_for_words

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

RUNS = int(os.environ.get("CRASH_RUNS", "20"))
SEED = int(os.environ.get("CRASH_SEED", "20261124"))
RESTART_SECONDS = 120


@contextmanager
def worker_group(log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process group of its own, so that one signal reaches all of it."""
    command = [sys.executable, "-m", "celery", "-A", "monitoring", "worker", "--loglevel", "INFO"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for_words(log, b"ready.", 60)
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def filed_scan(folder: Path) -> Scan:
    """One scan with two outlines, large enough that its extraction takes a while."""
    noise = np.random.default_rng(5).normal(60, 25, (60, 256, 256)).astype(np.int16)
    images = write_series(folder / "ct", noise, (0.8, 0.8, 2.5), acquired_on=date(2024, 1, 2), patient_id="SYN-K")
    k, j, i = np.ogrid[:60, :256, :256]
    balls = [((k - 30) * 3.1) ** 2 + (j - y) ** 2 + (i - 128) ** 2 < 45**2 for y in (70, 180)]
    specs = [OutlineSpec(f"ball {n}", ball, f"2.25.{n + 9}", f"ball {n}") for n, ball in enumerate(balls)]
    write_seg(folder / "seg.dcm", images, specs)
    upload = hand_in.wait_until_read(hand_in.hand_in([folder], Team.objects.create(name="Crash")))
    (outcome,) = hand_in.confirm(upload, hand_in.Answers(pseudonym="SYN-K"))
    assert outcome.scan is not None, outcome
    return outcome.scan


def bits(scan: Scan) -> dict[tuple[int, str], bytes]:
    """The values of the only snapshot of each outline and region, to the last bit; undefined ones as such."""
    found = {}
    for snapshot in FeatureSnapshot.objects.filter(segmentation__scan=scan):
        place = (snapshot.segmentation_id, snapshot.region)
        assert place not in found, "two snapshots of one outline"
        found[place] = b"".join(
            b"undefined" if value is None else struct.pack("<d", value) for value in snapshot.values
        )
    return found


def forget(scan: Scan) -> None:
    """Back to the moment after filing."""
    FeatureDelta.objects.filter(patient=scan.patient).delete()
    FeatureSnapshot.objects.filter(segmentation__scan=scan).delete()
    Measurement.objects.filter(segmentation__scan=scan).delete()


def wait_for(states: tuple[RunState, ...], seconds: float) -> float:
    """Seconds until the extraction stands like this."""
    began_at = time.monotonic()
    while not ProcessingRun.objects.filter(step=Step.EXTRACT, state__in=states).exists():
        assert time.monotonic() - began_at < seconds, list(ProcessingRun.objects.values("step", "state", "reason"))
        time.sleep(0.02)
    return time.monotonic() - began_at


def test_twenty_kills_leave_twenty_equal_snapshots(transactional_db, tmp_path):
    with worker_group(tmp_path / "first.log"):
        scan = filed_scan(tmp_path / "files")
        hand_in.wait_until_concluded([scan.patient])
        undisturbed = bits(scan)
        forget(scan)
        runs.arm(Step.EXTRACT, scan.pk)
        wait_for((RunState.RUNNING,), 30)
        usual = wait_for((RunState.DONE,), 120)
    assert len({outline for outline, _ in undisturbed}) == 2
    moments = random.Random(SEED)
    taken = []
    for number in range(RUNS):
        after = moments.uniform(0, usual)
        taken.append(kill_and_recover(scan, tmp_path, after))
        assert bits(scan) == undisturbed
        print(f"kill {number + 1:3d} after {after:5.2f} s: whole again {taken[-1]:5.1f} s after the restart")  # noqa: T201
    print(f"{RUNS} kills, seed {SEED}: at most {max(taken):.1f} s, usual extraction {usual:.1f} s")  # noqa: T201
    assert max(taken) < RESTART_SECONDS


def kill_and_recover(scan: Scan, folder: Path, after: float) -> float:
    """Kill the worker `after` seconds into the extraction; seconds from the restart until all is concluded."""
    forget(scan)
    with worker_group(folder / "killed.log") as worker:
        runs.arm(Step.EXTRACT, scan.pk)
        wait_for((RunState.RUNNING,), 60)
        time.sleep(after)
        kill(worker)
    began_at = time.monotonic()
    with worker_group(folder / "restarted.log"):
        wait_for((RunState.DONE,), RESTART_SECONDS)
        hand_in.wait_until_concluded([scan.patient])
        return time.monotonic() - began_at
