"""`manage.py demo`: servers, worker, web and the demo cohort, on this machine alone, until Ctrl-C."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from monitoring import processes
from patients.vocabulary import Role

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 20
ANSWER_SECONDS = 60
STOP_SECONDS = 5
# A process that ends again this soon after its start is not started a third time.
HOPELESS_SECONDS = 5


class Command(BaseCommand):
    help = "Run everything on this machine with a made-up cohort; what it stores is kept for the next start."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, help=f"where the pages are served; default {FIRST_PORT} or the next free"
        )
        parser.add_argument("--no-cohort", action="store_true", help="leave the demo patients out")

    def handle(self, *_args: Any, **options: Any) -> None:
        # A shell that starts this in the background lets it ignore Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        port = free_port(options["port"])
        logs = processes.private_folder(settings.HOME_DIR / "logs")
        with ExitStack() as running:
            try:
                self.run(port, logs, running, has_cohort=not options["no_cohort"])
            except KeyboardInterrupt:
                self.stdout.write("\nStopping ...")
        self.stdout.write("Stopped. Everything stored is kept for the next start.")

    def run(self, port: int, logs: Path, running: ExitStack, *, has_cohort: bool) -> None:
        """Start everything, tell where it is, and look after it."""
        self.stdout.write("Starting PostgreSQL, Valkey, worker and web ...")
        static = processes.spawn(manage("collectstatic", "--noinput", "--verbosity", "0"), log=logs / "static.log")
        call_command("migrate", verbosity=0)
        connections.close_all()
        worker = running.enter_context(Kept("worker", worker_command(), logs / "worker.log"))
        if static.wait() != 0:
            raise CommandError(f"The static files could not be collected: see {logs / 'static.log'}")
        web = running.enter_context(Kept("web", web_command(port), logs / "web.log"))
        wait_for_page(port, web)
        self.tell(port)
        # The logins are made with the cohort, or alone.
        cohort = processes.spawn(manage("seed_demo", *(() if has_cohort else ("--logins",))), log=None)
        is_told = False
        running.callback(processes.stop, cohort, signal.SIGKILL, STOP_SECONDS)
        # Both are told at once, then waited for one after the other.
        for kept in (worker, web):
            running.callback(kept.end)
        while True:
            time.sleep(0.5)
            for kept in (worker, web):
                kept.look_after(self)
            if cohort.poll() and not is_told:
                self.stdout.write("The demo cohort is not complete: the next start goes on with it.")
                is_told = True

    def tell(self, port: int) -> None:
        """Where the pages are and who may sign in."""
        names = [role.value for role in Role]
        self.stdout.write(
            f"\n  http://{HOST}:{port}/\n\n"
            f"  Sign in as {', '.join(names[:-1])} or {names[-1]}; the password is the same word.\n"
            f"  Made-up patients. Research use only; not a medical device.\n"
            f"  Kept in {settings.HOME_DIR}, with the logs. Ctrl-C stops everything.\n"
        )
        self.stdout.flush()


class Kept:
    """A process of the demo that is started again when it ends by itself, and stopped with the demo."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name, self.command, self.log = name, command, log
        self.started_at = 0.0

    def __enter__(self) -> "Kept":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        processes.stop(self.process, signal.SIGTERM, STOP_SECONDS)

    def start(self) -> None:
        """Start it anew."""
        self.started_at = time.monotonic()
        self.process: subprocess.Popen[bytes] = processes.spawn(self.command, log=self.log)

    def end(self) -> None:
        """Ask it to end, without waiting."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def look_after(self, command: BaseCommand) -> None:
        """Start it again where it ended; raises CommandError where that is no use."""
        if self.process.poll() is None:
            return
        if time.monotonic() - self.started_at < HOPELESS_SECONDS:
            raise CommandError(f"The {self.name} process ends at once: see {self.log}")
        command.stdout.write(f"The {self.name} process ended ({self.process.returncode}); starting it again.")
        self.start()


def manage(*words: str) -> list[str]:
    """A command of this project, by this interpreter."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def worker_command() -> list[str]:
    """One Celery worker with a process for each core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    command = [sys.executable, "-m", "celery", "--workdir", str(settings.BASE_DIR), "-A", "monitoring", "worker"]
    return [*command, "--loglevel", "INFO", "--concurrency", str(cores), "--without-gossip", "--without-mingle"]


def web_command(port: int) -> list[str]:
    """One gunicorn on the loopback address."""
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(settings.BASE_DIR), "--bind", f"{HOST}:{port}"]
    return [*command, "-c", "python:monitoring.web_server", "monitoring.wsgi"]


def free_port(wanted: int | None) -> int:
    """The wanted port, or the first free one; raises CommandError where there is none."""
    for port in [wanted] if wanted is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return port
    taken = f"Port {wanted}" if wanted is not None else f"Each port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1}"
    raise CommandError(f"{taken} is taken: choose another with --port.")


def wait_for_page(port: int, web: Kept) -> None:
    """Return when the first page answers."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while web.process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=ANSWER_SECONDS).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise CommandError(f"The pages do not answer: see {web.log}")
