"""A site as `manage.py demo` starts it, in a folder of its own: servers, a worker with its children, the web server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil

from monitoring import processes

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
# What a process is part of, by a word of its command line; the first that fits.
PARTS = {"worker": ("celery", "radiomics_tasks.child"), "web": ("gunicorn",), "PostgreSQL": ("postgres",)}


@contextmanager
def running_site(folder: Path) -> Iterator["LoadSite"]:
    """The site, until the block ends."""
    home = processes.private_folder(folder / "home")
    site = LoadSite(home, free_port())
    command = [sys.executable, "manage.py", "demo", "--no-cohort", "--port", str(site.port)]
    with (folder / "demo.log").open("wb") as out:
        demo = subprocess.Popen(
            command,
            cwd=ROOT,
            env=site.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=partial(processes.die_with_parent, os.getpid(), signal.SIGTERM),
        )
    site.pid = demo.pid
    try:
        site.wait(demo, folder / "demo.log")
        yield site
    finally:
        processes.stop(demo, signal.SIGTERM, 60)


class LoadSite:
    """Where it is, what a command of it is told, and what its processes have used."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port, self.pid = home, port, 0
        without = ("DATABASE_URL", "REDIS_URL", "DELTARAD_DATA_DIR", "DELTARAD_STATIC_ROOT", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in without}
        self.environment = {**kept, "DELTARAD_HOME": str(home)}

    @property
    def address(self) -> str:
        """Of its pages."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, demo: "subprocess.Popen[bytes]", log: Path) -> None:
        """Until it has said where it is, which it does when its pages answer."""
        deadline = time.monotonic() + START_SECONDS
        while self.address.encode() not in log.read_bytes():
            assert demo.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)

    @property
    def database(self) -> str:
        """The address of its PostgreSQL."""
        state = json.loads((self.home / "servers.json").read_text())
        return str(state["environment"]["DATABASE_URL"])

    def starts(self, code: str) -> "subprocess.Popen[str]":
        """Python within the site's own environment, started."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def answers(self, *codes: str) -> list[str]:
        """What each says last, run side by side; an AssertionError where one of them ends badly."""
        running = [self.starts(code) for code in codes]
        said = [(*process.communicate(), process.returncode) for process in running]
        for _, trouble, status in said:
            assert status == 0, trouble[-3000:]
        return [(out.splitlines() or [""])[-1] for out, _, _ in said]

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """One command of the project, however it ends."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def used(self) -> dict[str, float]:
        """Seconds of the processor by part of the site, of what runs and of what has ended under it."""
        found: Counter[str] = Counter()
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    # The living are counted themselves; a parent's count is of those that it has buried.
                    buried = times.children_user + times.children_system
                    found[_part(process.cmdline())] += times.user + times.system + buried
        return dict(found)


def _part(words: Sequence[str]) -> str:
    line = " ".join(words)
    return next((part for part, known in PARTS.items() if any(word in line for word in known)), "the rest")


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
