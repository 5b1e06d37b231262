"""The private servers, really started: their data survive, their folder is private, and nothing outlives a kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from monitoring import devstack, processes
from monitoring.processes import StackError

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import pathlib, sys, time
from monitoring.devstack import Servers
servers = Servers(pathlib.Path(sys.argv[1]), is_throwaway=True)
servers.start()
print(servers.sockets, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A private folder, as if no server ran and none were named."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    return processes.private_folder(tmp_path / "home")


@pytest.fixture
def servers(home):
    running = devstack.Servers(home)
    running.start()
    yield running
    running.stop()
    # Where root may enter no namespace, the data lie outside the home.
    shutil.rmtree(running.data, ignore_errors=True)


def query(servers, sql):
    command = [devstack.postgres_binaries() / "psql", servers.environment["DATABASE_URL"], "-Atqc", sql]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def processes_of(path):
    """Every living process whose command line names this folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(path).encode() in words and int(folder.name) != os.getpid():
            found.append(folder.name)
    return found


def eventually(is_so, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def test_both_servers_answer_on_private_sockets_only(servers):
    assert query(servers, "SHOW listen_addresses") == ""
    assert redis.Redis.from_url(servers.environment["REDIS_URL"]).ping()
    assert servers.sockets.stat().st_mode & 0o777 == 0o700
    assert len(str(servers.sockets / ".s.PGSQL.5432.lock")) <= 107
    assert devstack.is_running(servers.sockets)


def test_data_survive_a_restart_and_their_pages_are_checksummed(home):
    first = devstack.Servers(home)
    first.start()
    assert first.is_new
    query(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(first.environment["REDIS_URL"]).set("kept", "43")
    first.stop()
    assert not first.sockets.exists()
    second = devstack.Servers(home)
    second.start()
    try:
        assert not second.is_new
        assert query(second, "SELECT answer FROM kept") == "42"
        assert [query(second, f"SHOW {name}") for name in ("data_checksums", "fsync")] == ["on", "on"]
        assert redis.Redis.from_url(second.environment["REDIS_URL"]).get("kept") == b"43"
    finally:
        second.stop()


def test_nothing_outlives_a_killed_parent_and_the_next_start_is_not_in_its_way(home):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout
    sockets = parent.stdout.readline().strip()
    assert len(processes_of(sockets)) >= 2
    parent.kill()
    parent.wait()
    again = devstack.Servers(home, is_throwaway=True)
    assert eventually(lambda: processes_of(sockets) == [])
    again.start()
    assert query(again, "SELECT 1") == "1"
    again.stop()


def test_a_failed_start_stops_what_did_start(home, monkeypatch):
    monkeypatch.setenv("REDIS_SERVER", "/bin/false")
    with pytest.raises(StackError, match="Valkey did not start"):
        devstack.Servers(home, is_throwaway=True).start()
    assert processes_of(home) == []


def test_data_of_another_postgresql_are_refused_in_words(home, servers):
    servers.stop()
    (servers.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(StackError, match="written by PostgreSQL 9 and cannot be opened by"):
        devstack.Servers(home).start()


def test_a_lock_that_names_another_program_by_now_is_dropped(home, servers):
    servers.stop()
    (servers.data / "postmaster.pid").write_text(f"{os.getpid()}\n{servers.data}\n")
    again = devstack.Servers(home)
    again.start()
    assert query(again, "SELECT 1") == "1"
    again.stop()


def test_missing_binaries_are_named(home, monkeypatch):
    monkeypatch.setenv("PG_BINDIR", str(home))
    with pytest.raises(StackError, match="set PG_BINDIR, or DATABASE_URL"):
        devstack.Servers(home).start()


@pytest.mark.parametrize(
    ("mode", "words"), [(0o755, "is open to other users: `chmod 700"), (0o770, "is open to other users")]
)
def test_a_folder_open_to_others_is_refused(tmp_path, mode, words):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises(StackError, match=words):
        processes.private_folder(tmp_path / "open")


def test_a_link_is_no_private_folder(tmp_path):
    (tmp_path / "there").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with pytest.raises(StackError, match="is not a folder"):
        processes.private_folder(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir(mode=0o700)
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(StackError, match="belongs to user 65534"):
        processes.private_folder(tmp_path / "theirs")


def test_only_the_folder_of_a_dead_run_is_removed(monkeypatch):
    monkeypatch.setattr(processes, "LEFT_OVER_SECONDS", 0)
    with processes.temporary_folder() as held:
        dead, foreign = held.with_name(f"{held.name}-dead"), held.with_name(f"{held.name}-foreign")
        for folder in (dead, foreign):
            folder.mkdir()
        (dead / processes.MARKER).touch()
        with processes.temporary_folder():
            assert [folder.is_dir() for folder in (held, dead, foreign)] == [True, False, True]
        foreign.rmdir()


def test_a_stopped_process_takes_its_session_with_it(tmp_path):
    script = "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"
    process = processes.spawn(["/bin/sh", "-c", script], log=tmp_path / "log")
    assert eventually(lambda: bool((tmp_path / "log").read_text().strip()))
    grandchild = Path("/proc") / (tmp_path / "log").read_text().strip()
    assert grandchild.exists()
    processes.stop(process, signal.SIGTERM, 0.3)
    assert eventually(lambda: not grandchild.exists() or "Z" in (grandchild / "stat").read_text().split()[2])
