"""A RabbitMQ of our own, started by hand in its own folder and on its own ports, that can be killed and wiped."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from monitoring.processes import die_with_parent
from tests.monitoring.backing_up.busy import free_port

# The distribution's script starts it as a user and with folders of the system; this is what that script calls.
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 120


def is_installed() -> bool:
    """Whether Debian's package, or one like it, is there."""
    return (PROGRAMS / "rabbitmq-server").is_file()


class Rabbit:
    """The server; `address` is what DELTARAD_BROKER_URL says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.distribution, self.names = folder, free_port(), free_port(), free_port()
        self.address = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700)
        # Erlang's own name server, which it would otherwise start as a daemon that outlives it.
        self.name_server = self._spawn("epmd", "-port", str(self.names), "-address", "127.0.0.1")

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"deltarad{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none.conf"),
            "ERL_EPMD_PORT": str(self.names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.process = self._spawn(str(PROGRAMS / "rabbitmq-server"))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline and self.process.poll() is None, self._told()
            time.sleep(0.2)

    def _spawn(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "out.log").open("ab") as out:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )

    def _answers(self) -> bool:
        """It says its name only when it is ready; its port is open before."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as wire:
            wire.sendall(b"AMQP\x00\x00\x09\x01")
            return wire.recv(1) == b"\x01"
        return False

    def _told(self) -> str:
        return (self.folder / "out.log").read_bytes()[-2000:].decode(errors="replace")

    def kill(self, *, wipes: bool = False) -> None:
        """kill -9; `wipes`: everything that it had kept is gone, too."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if wipes:
            shutil.rmtree(self.folder / "mnesia")

    def stop(self) -> None:
        """End it, and its name server."""
        self.kill()
        self.name_server.terminate()
        self.name_server.wait(10)

    def queues(self) -> dict[str, int]:
        """Messages that wait, by queue."""
        words = [str(PROGRAMS / "rabbitmqctl"), "-q", "--no-table-headers", "list_queues", "name", "messages"]
        done = subprocess.run(words, env=self._environment, capture_output=True, text=True, check=True)
        return {name: int(count) for name, count in (line.split("\t") for line in done.stdout.splitlines())}
