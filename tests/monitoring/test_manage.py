"""manage.py sets itself up: the right interpreter or a sentence; and, slowly, from nothing in a fresh clone."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from monitoring.management.commands import demo
from monitoring.management.commands.test import EVERYDAY, IN_PARALLEL, pytest_arguments

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {"version": [3, 12], "venv": True, "headers": True, "compiler": "sh"}


@pytest.fixture
def manage():
    """manage.py as a module, without running it."""
    spec = importlib.util.spec_from_file_location("manage_under_test", ROOT / "manage.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def interpreters(tmp_path, monkeypatch):
    """Pretended interpreters, alone on PATH; the one that runs is too old."""

    def pretend(**facts_of):
        for name, facts in {"own": {**WHOLE, "version": [3, 9]}, **facts_of}.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text("#!/bin/sh\nexit 1\n" if facts is None else f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
            path.chmod(0o755)
        (tmp_path / "sh").symlink_to("/bin/sh")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "_base_executable", str(tmp_path / "own"))
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        return tmp_path

    return pretend


def test_the_newest_interpreter_that_really_runs_is_taken(manage, interpreters):
    folder = interpreters(python3_13=None, python3_12=WHOLE, python3_11={**WHOLE, "version": [3, 11]})
    assert manage.usable_python() == str(folder / "python3.12")


def test_the_interpreter_that_runs_is_taken_first(manage, interpreters):
    folder = interpreters(own=WHOLE, python3_13={**WHOLE, "version": [3, 13]})
    assert manage.usable_python() == str(folder / "own")


def test_an_interpreter_that_lacks_something_gives_way_to_a_whole_one(manage, interpreters):
    folder = interpreters(own={**WHOLE, "venv": False}, python3_11={**WHOLE, "version": [3, 11]})
    assert manage.usable_python() == str(folder / "python3.11")


def test_without_a_usable_interpreter_one_sentence_says_which(manage, interpreters):
    interpreters(python3={**WHOLE, "version": [3, 14]})
    with pytest.raises(SystemExit, match=r"^Deltarad needs Python 3.11, 3.12 or 3.13: `sudo apt-get install python3 "):
        manage.usable_python()


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ({"venv": False}, "Set-up lacks Python's venv module: `sudo apt-get install python3.12-venv`."),
        ({"compiler": "no-such-cc"}, "Set-up lacks a C compiler: `sudo apt-get install gcc`."),
        ({"headers": False}, "Set-up lacks Python's C headers: `sudo apt-get install python3.12-dev`."),
        (
            {"compiler": "no-such-cc", "headers": False},
            "Set-up lacks a C compiler and Python's C headers: `sudo apt-get install gcc python3.12-dev`.",
        ),
    ],
)
def test_a_missing_prerequisite_is_named_with_its_remedy(manage, interpreters, lacking, sentence):
    interpreters(python3={**WHOLE, **lacking})
    with pytest.raises(SystemExit) as stopped:
        manage.usable_python()
    assert stopped.value.code == sentence


def test_manage_is_short_and_of_the_standard_library(manage):
    assert len((ROOT / "manage.py").read_text().splitlines()) < 220
    assert manage.LOCK.is_file()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], [*EVERYDAY, *IN_PARALLEL]),
        (["-m", "crash"], [*IN_PARALLEL, "-m", "crash"]),
        (["-n0", "-m", "setup"], ["-n0", "-m", "setup"]),
        (["--pdb", "tests/x.py"], [*EVERYDAY, "--pdb", "tests/x.py"]),
    ],
)
def test_our_defaults_give_way_to_the_caller(given, expected):
    assert pytest_arguments(given) == expected


def test_a_taken_port_is_said_in_words_and_the_next_one_is_found():
    with socket.socket() as taken:
        taken.bind((demo.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken: choose another with --port"):
            demo.free_port(port)
        assert demo.free_port(None) in range(demo.FIRST_PORT, demo.FIRST_PORT + demo.PORTS_TRIED)


# ---- from nothing, in a fresh clone


@pytest.fixture(scope="module")
def caches(tmp_path_factory):
    """An empty home: nothing was ever installed by this user."""
    return tmp_path_factory.mktemp("empty-home")


@pytest.fixture
def clone(tmp_path):
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "deltarad")], check=True)
    return tmp_path / "deltarad"


@pytest.fixture
def command(clone, caches):
    """Starts `python3 manage.py …` with an empty environment, as a process of its own."""
    started: list[subprocess.Popen[str]] = []
    path = f"{Path(sys.base_prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin"

    def begin(*words):
        log = (clone.parent / f"{len(started)}.log").open("w+")
        environment = {"HOME": str(caches), "PATH": path}
        line = ["python3", "manage.py", *words]
        started.append(subprocess.Popen(line, cwd=clone, env=environment, stdout=log, stderr=log, text=True))
        return started[-1]

    yield begin
    for running in started:
        running.kill()
        running.wait()


def output(clone, number):
    return (clone.parent / f"{number}.log").read_text()


def seconds_until_page(port, running, most_seconds):
    began = time.monotonic()
    while running.poll() is None and time.monotonic() - began < most_seconds:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
            return time.monotonic() - began
        time.sleep(0.1)
    pytest.fail(f"no page after {most_seconds} s")


def living(clone):
    """Every process that runs in or from this clone, whatever it is called."""
    found = subprocess.run(["pgrep", "-af", str(clone)], capture_output=True, text=True, check=False).stdout
    return [line for line in found.splitlines() if "pgrep" not in line]


def all_gone(clone, seconds=10):
    deadline = time.monotonic() + seconds
    while living(clone) and time.monotonic() < deadline:
        time.sleep(0.1)
    return living(clone) == []


@pytest.mark.setup
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_demo_from_nothing_again_and_gone(clone, command, number, record_property):
    port = demo.free_port(None)
    for most_seconds in (60, 10):
        running = command("demo", "--no-cohort", "--port", str(port))
        seconds = seconds_until_page(port, running, most_seconds)
        record_property(f"seconds of {most_seconds}", seconds)
        running.send_signal(number)
        running.wait(60)
        assert all_gone(clone), living(clone)


@pytest.mark.setup
def test_an_interrupted_set_up_is_repaired_by_the_next_start(clone, command):
    broken = command("version")
    while broken.poll() is None and not list(clone.glob(".venv/lib/python*/site-packages/numpy")):
        time.sleep(0.02)
    broken.kill()
    broken.wait()
    assert (clone / ".venv" / ".installed").read_text() == "unfinished"
    assert command("version").wait(300) == 0
    assert "5.2" in output(clone, 1)


@pytest.mark.setup
def test_two_starts_at_once_share_one_set_up(clone, command):
    starts = [command("version") for _ in range(2)]
    assert [start.wait(300) for start in starts] == [0, 0]
    assert [("Set up in" in output(clone, number)) for number in range(2)].count(True) == 1
