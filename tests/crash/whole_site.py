"""Every process of a site, started by the harness, so that each can be killed by its own id and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from monitoring import processes
from monitoring.devstack import can_connect, postgres_binaries, redis_answers, redis_binary

ROOT = Path(__file__).resolve().parents[2]
NAME = "deltarad"
START_SECONDS = 90
WEB = "python:monitoring.web_server"
LEASE_SECONDS = 8
RECONCILE_SECONDS = 3


@dataclass
class Service:
    """One process group: how it is started, when it is ready, and how often the harness had to start it."""

    name: str
    command: Callable[[], list[str | Path]]
    is_ready: Callable[[], bool]
    log: Path
    environment: dict[str, str] | None = None
    identity: processes.Identity | None = None
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self, *, waits: bool = True) -> None:
        """Start it, again where need be: a killed server may still hold what its successor needs."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._spawn()
            while self.process.poll() is None and (waits and not self.is_ready()):
                assert time.monotonic() < deadline, f"{self.name} did not start: {self.tail()}"
                time.sleep(0.05)
            if self.process.poll() is None:
                return
            assert time.monotonic() < deadline, f"{self.name} ended at once: {self.tail()}"
            time.sleep(0.3)

    def _spawn(self) -> None:
        self.starts += 1
        if self.identity:
            self.process = processes.spawn(self.command(), log=self.log, identity=self.identity)
            return
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in self.command()],
                cwd=ROOT,
                env={**os.environ, **(self.environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=partial(processes.die_with_parent, os.getpid()),
            )

    def pids(self) -> list[int]:
        """The process and everything below it."""
        with suppress(psutil.NoSuchProcess):
            if self.process and self.process.poll() is None:
                top = psutil.Process(self.process.pid)
                return [top.pid, *(child.pid for child in top.children(recursive=True))]
        return []

    def kill(self) -> list[int]:
        """kill -9 of the whole group; the ids that died."""
        pids = self.pids()
        if self.process and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        return pids

    def look_after(self) -> bool:
        """Start it again where it ended, as a supervisor does; whether that was needed."""
        if self.process is not None and self.process.poll() is None:
            return False
        self.start(waits=False)
        return True

    def stop(self) -> None:
        """End it for good."""
        if self.process:
            processes.stop(self.process, signal.SIGTERM, 10)

    def tail(self) -> str:
        """The end of what it said."""
        return self.log.read_bytes()[-1500:].decode(errors="replace") if self.log.exists() else ""


@dataclass
class Site:
    """A whole site in one folder: PostgreSQL with its durability on, Valkey, web, worker and reconciler.

    `more`: settings besides. `is_apart`: each process has a data folder of its own, as on a machine of its own.
    """

    home: Path
    sockets: Path
    port: int
    failing: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    is_apart: bool = False

    def __post_init__(self) -> None:
        self.tokens = self.home / "tokens"
        for folder in (self.home / "logs", self.home / "data", self.home / "valkey", self.tokens):
            folder.mkdir(mode=0o700, parents=True)
        self.identity = processes.postgres_identity(self.home, postgres_binaries())
        self.cluster = self.identity.data / "postgres"
        self.environment = {
            "DATABASE_URL": f"postgresql:///{NAME}?host={self.sockets}&user={NAME}&connect_timeout=5",
            "REDIS_URL": f"unix://{self.sockets}/redis.sock",
            "DELTARAD_HOME": str(self.home),
            "DELTARAD_LOCAL": "1",
            "DELTARAD_DEBUG": "0",
            "DELTARAD_HTTPS": "0",
            "DELTARAD_RINGS": "0",
            "DELTARAD_PERTURBATIONS": "0",
            "DELTARAD_DATA_DIR": str(self.home / "data"),
            "DELTARAD_STATIC_ROOT": str(self.home / "static"),
            "DELTARAD_LEASE_SECONDS": str(LEASE_SECONDS),
            "DELTARAD_LEASE_RENEW_SECONDS": "2",
            "DELTARAD_RECONCILE_SECONDS": str(RECONCILE_SECONDS),
            "DELTARAD_ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "monitoring.settings",
            "WEB_CONCURRENCY": "2",
            **self.more,
        }
        armed = {"DELTARAD_TESTING": "1", "FAIL_LEFT": str(self.tokens), **self.failing}
        served = {**self.environment, **armed}
        python = sys.executable
        self.postgres = self._service("postgres", self._postgres, self._database_answers, identity=self.identity)
        self.valkey = self._service("valkey", self._valkey, lambda: redis_answers(self.sockets / "redis.sock"))
        self.web = self._service(
            "web",
            lambda: [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "-c", WEB, "monitoring.wsgi"],
            lambda: _listens(self.port),
            self._of("web", served),
        )
        # Two, as on two machines: what one lets fall the other one takes up.
        self.workers = [self._worker(number, served) for number in (1, 2)]
        loop: list[str | Path] = [python, "manage.py", "reconcile", "--loop"]
        own = self._of("reconciler", served)
        self.reconciler = self._service("reconciler", lambda: loop, lambda: True, own)
        self.all = (self.postgres, self.valkey, self.web, *self.workers, self.reconciler)

    def folder_of(self, name: str) -> Path:
        """The data folder of one process."""
        return self.home / f"data-{name}" if self.is_apart else self.home / "data"

    def _of(self, name: str, environment: dict[str, str]) -> dict[str, str]:
        folder = self.folder_of(name)
        folder.mkdir(mode=0o700, exist_ok=True)
        return {**environment, "DELTARAD_DATA_DIR": str(folder)}

    def _service(self, name, command, is_ready, environment=None, identity=None) -> Service:
        return Service(name, command, is_ready, self.home / "logs" / f"{name}.log", environment, identity)

    def _worker(self, number: int, environment: dict[str, str]) -> Service:
        name = f"worker{number}"
        command = [sys.executable, "-m", "celery", "-A", "monitoring", "worker", "--loglevel", "INFO"]
        command += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--hostname", f"{name}@%h"]
        log, own = self.home / "logs" / f"{name}.log", self._of(name, environment)
        return self._service(name, lambda: list(command), lambda: b"ready." in log.read_bytes(), own)

    def _postgres(self) -> list[str | Path]:
        settings = ("listen_addresses=", "timezone=UTC", "jit=off")
        own = [word for each in settings for word in ("-c", each)]
        return [self.identity.binaries / "postgres", "-D", self.cluster, "-k", self.sockets, *own]

    def _valkey(self) -> list[str | Path]:
        command: list[str | Path] = [redis_binary(), "--port", "0"]
        command += ["--unixsocket", self.sockets / "redis.sock", "--unixsocketperm", "700"]
        command += ["--dir", self.home / "valkey", "--save", ""]
        return [*command, "--appendonly", "yes", "--appendfsync", "everysec"]

    def _database_answers(self) -> bool:
        if not can_connect(self.sockets / ".s.PGSQL.5432"):
            return False
        ready: list[str | Path] = [self.identity.binaries / "pg_isready", "-q", "-h", self.sockets, "-U", NAME]
        return processes.run(ready, log=self.home / "logs" / "ready.log", identity=self.identity) == 0

    def create(self) -> None:
        """Cluster, tables and static files, and every process running."""
        log = self.home / "logs" / "initdb.log"
        make: list[str | Path] = [
            self.identity.binaries / "initdb",
            "-D",
            self.cluster,
            "-U",
            NAME,
            "--auth=trust",
            "-N",
        ]
        make += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        assert processes.run(make, log=log, identity=self.identity) == 0, log.read_text()
        single: list[str | Path] = [self.identity.binaries / "postgres", "--single", "-D", self.cluster, "postgres"]
        words = f"CREATE DATABASE {NAME}\n".encode()
        assert processes.run(single, log=log, identity=self.identity, words=words) == 0, log.read_text()
        self.postgres.start()
        self.valkey.start()
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        for service in (self.web, *self.workers, self.reconciler):
            service.start()

    def manage(self, *words: str, given: str = "") -> str:
        """What one command of the project answers; an AssertionError where it ends badly."""
        done = self.managed(*words, given=given)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    def managed(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """One command of the project, however it ends."""
        command = [sys.executable, "manage.py", *words]
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
        )

    def stop(self) -> None:
        """End everything that was started here."""
        for service in reversed(self.all):
            service.stop()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
