"""A command brings servers for its own duration, or joins those that run; each as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import os, signal, sys
# A test run under nohup hands on that SIGHUP is ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from monitoring.command_servers import servers_for
from monitoring.processes import StackError
try:
    with servers_for(sys.argv[1]) as servers:
        print("none" if servers is None else "own", os.environ.get("DATABASE_URL", ""), flush=True)
        sys.stdin.readline()
except StackError as error:
    sys.exit(str(error))
"""


class Running:
    """One command in its own process, which goes on until a line comes."""

    def __init__(self, home, name):
        environment = {**os.environ, "DELTARAD_HOME": str(home)}
        for known in ("DATABASE_URL", "REDIS_URL", "DELTARAD_LOCAL", "DELTARAD_DATA_DIR"):
            environment.pop(known, None)
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", COMMAND, name]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        )

    def line(self):
        assert self.process.stdout
        return self.process.stdout.readline().split()

    def finish(self):
        return self.process.communicate("\n", timeout=60)


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(name):
        started.append(Running(tmp_path / "home", name))
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.communicate()


def test_a_second_command_joins_the_servers_of_the_first_and_keeps_them_up(start):
    first = start("shell")
    whose, address = first.line()
    second = start("import_scan")
    assert (whose, second.line()) == ("own", ["none", address])
    first.process.stdin.write("\n")
    first.process.stdin.flush()
    time.sleep(0.5)
    assert first.process.poll() is None
    second.finish()
    first.finish()
    assert (first.process.returncode, second.process.returncode) == (0, 0)


def test_a_demo_does_not_wait_for_those_who_joined(start):
    demo = start("demo")
    demo.line()
    joined = start("shell")
    assert joined.line()[0] == "none"
    demo.finish()
    assert demo.process.returncode == 0
    assert joined.process.poll() is None


def test_a_second_demo_is_told_of_the_first(start):
    first = start("demo")
    first.line()
    _, words = start("demo").finish()
    assert f"`manage.py demo` (process {first.process.pid}) already runs" in words


def test_after_a_kill_the_next_command_brings_its_own(start, tmp_path):
    first = start("demo")
    _, address = first.line()
    sockets = Path(json.loads((tmp_path / "home" / "servers.json").read_text())["sockets"])
    first.process.kill()
    second = start("shell")
    whose, other = second.line()
    assert (whose, other != address, sockets.exists()) == ("own", True, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_in_order(start, tmp_path, number):
    running = start("shell")
    running.line()
    running.process.send_signal(number)
    running.process.wait(30)
    assert running.process.returncode == 128 + number
    assert not (tmp_path / "home" / "servers.json").exists()
    assert not (tmp_path / "home" / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize("name", ["test", "help", "check", "collectstatic"])
def test_a_command_without_a_database_starts_nothing(start, tmp_path, name):
    assert start(name).line() == ["none"]
    assert not (tmp_path / "home").exists()
