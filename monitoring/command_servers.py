"""The servers of one manage.py command: its own for as long as it runs, or those that already run here."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any

from monitoring import processes
from monitoring.devstack import Servers, is_running, postgres_binaries
from monitoring.processes import StackError

ROOT = Path(__file__).resolve().parent.parent
STATE_FILE = "servers.json"
JOIN_SECONDS = 60
# Commands that ask nothing of a database; `test` brings servers of its own.
SERVERLESS = frozenset(
    {
        "benchmark",
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "startapp",
        "startproject",
        "test",
        "version",
        "-h",
        "--help",
        "--version",
    }
)


def home_folder() -> Path:
    """Where this checkout keeps its servers' data: DELTARAD_HOME, or `.deltarad` beside manage.py."""
    return Path(os.environ.get("DELTARAD_HOME") or ROOT / ".deltarad").absolute()


@contextmanager
def servers_for(command: str) -> Iterator[Servers | None]:
    """The servers that one manage.py command needs, in the environment, for its own duration.

    Yields them where this process started them, and None where it joined a running demo's (or another
    command's), where DATABASE_URL names servers of your own, or where the command needs none.
    """
    if command == "demo":
        os.environ["DELTARAD_LOCAL"] = "1"
    if command == "runserver":
        # A developer's server: static files as they stand, errors in full.
        os.environ.setdefault("DELTARAD_DEBUG", "1")
    if os.environ.get("DATABASE_URL") or command in SERVERLESS:
        yield None
        return
    home = processes.private_folder(home_folder())
    with ExitStack() as held:
        owner = _join(home, command, held)
        if owner is None:
            yield None
            return
        _leave_by_exit()
        servers = Servers(home, held_by=owner)
        held.callback(_release, servers, is_waiting=command != "demo")
        servers.start()
        os.environ.update(servers.environment)
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(postgres_binaries())])
        state = {
            "pid": os.getpid(),
            "command": command,
            "environment": servers.environment,
            "sockets": str(servers.sockets),
        }
        processes.write_whole(home / STATE_FILE, json.dumps(state))
        yield servers


def _join(home: Path, command: str, held: ExitStack) -> IO[str] | None:
    """Enter the environment of the servers that already run here, else take the folder for this process."""
    joined = held.enter_context(ExitStack())
    joined.enter_context(processes.lock(home / "joined.lock", is_shared=True))
    deadline = time.monotonic() + JOIN_SECONDS
    while True:
        owner = processes.lock_at_once(home / "servers.lock")
        if owner is not None:
            joined.close()
            _forget(home / STATE_FILE)
            return held.enter_context(owner)
        state = _read_state(home / STATE_FILE)
        if state is not None and is_running(Path(state["sockets"])):
            if command == "demo":
                raise StackError(f"`manage.py {state['command']}` (process {state['pid']}) already runs in {home}.")
            os.environ.update(state["environment"])
            return None
        if time.monotonic() > deadline:
            raise StackError(f"Another process holds {home} and its servers do not answer: stop it first.")
        time.sleep(0.1)


def _forget(path: Path) -> None:
    """Drop what a killed run has left: the note of its servers, and the folder of their sockets."""
    state = _read_state(path)
    if state is not None:
        processes.remove_left_over(Path(state["sockets"]))
    path.unlink(missing_ok=True)


def _release(servers: Servers, *, is_waiting: bool) -> None:
    """Stop the servers; a command waits for those who joined it, a demo is stopped by its user."""
    try:
        if is_waiting:
            # A command that comes now waits here until it can start servers of its own.
            servers.hold_joined()
        (servers.home / STATE_FILE).unlink(missing_ok=True)
    finally:
        servers.stop()


def _leave_by_exit() -> None:
    """Turn the signals that end a process into an orderly exit."""

    def leave(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, leave)


def _read_state(path: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):
        state: dict[str, Any] = json.loads(path.read_text())
        return state
    return None
