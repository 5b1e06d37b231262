"""What is done to a site, at seeded moments: each fault by a name, on processes that the harness started itself."""

import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg2

from tests.crash.whole_site import LEASE_SECONDS, Service, Site

Killed = list[int]
Fault = Callable[[Site, random.Random], Killed]


def _one_below(service: Service, rng: random.Random) -> Killed:
    """kill -9 of one process of a service, the first one spared."""
    below = service.pids()[1:]
    if not below:
        return []
    pid = rng.choice(below)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return [pid]


def worker(site: Site, rng: random.Random) -> Killed:
    """One worker with everything below it."""
    return rng.choice(site.workers).kill()


def worker_parent(site: Site, rng: random.Random) -> Killed:
    """One worker's first process alone."""
    pids = rng.choice(site.workers).pids()[:1]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def worker_process(site: Site, rng: random.Random) -> Killed:
    """One of the worker's own processes."""
    return _one_below(rng.choice(site.workers), rng)


def limited_child(site: Site, rng: random.Random) -> Killed:
    """A child that reads or measures, where there is one."""
    found = []
    for pid in [pid for service in site.workers for pid in service.pids()]:
        with suppress(psutil.Error):
            if "radiomics_tasks.child" in psutil.Process(pid).cmdline():
                found.append(pid)
    if found:
        with suppress(ProcessLookupError):
            os.kill(pid := rng.choice(found), signal.SIGKILL)
            return [pid]
    return []


def web(site: Site, _rng: random.Random) -> Killed:
    """The web with all its processes."""
    return site.web.kill()


def web_process(site: Site, rng: random.Random) -> Killed:
    """One web process."""
    return _one_below(site.web, rng)


def reconciler(site: Site, _rng: random.Random) -> Killed:
    """The reconciler that runs beside the workers."""
    return site.reconciler.kill()


def broker(site: Site, _rng: random.Random) -> Killed:
    """The broker, with its file."""
    return site.valkey.kill()


def broker_wiped(site: Site, _rng: random.Random) -> Killed:
    """The broker, and its file is gone: it remembers nothing."""
    pids = site.valkey.kill()
    shutil.rmtree(site.home / "valkey", ignore_errors=True)
    (site.home / "valkey").mkdir(mode=0o700)
    return pids


def postmaster(site: Site, _rng: random.Random) -> Killed:
    """PostgreSQL's first process; its backends see it and end."""
    pids = site.postgres.pids()[:1]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def backend(site: Site, rng: random.Random) -> Killed:
    """One connection's process; PostgreSQL takes all connections down and recovers."""
    with suppress(psycopg2.Error):
        connection = psycopg2.connect(site.environment["DATABASE_URL"])
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
                pids = [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()
        ours = set(site.postgres.pids())
        if chosen := [pid for pid in pids if pid in ours]:
            os.kill(pid := rng.choice(chosen), signal.SIGKILL)
            return [pid]
    return []


def stalled(site: Site, rng: random.Random) -> Killed:
    """One of the worker's processes stands still past its lease, then goes on as if nothing had been."""
    below = rng.choice(site.workers).pids()[1:]
    if not below:
        return []
    pid = rng.choice(below)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + 2)
        os.kill(pid, signal.SIGCONT)
        return [pid]
    return []


def disk_full(site: Site, rng: random.Random) -> Killed:
    """No process of web or worker can write more than a few kilobytes into a file, for a moment."""
    pids = [pid for service in (site.web, *site.workers) for pid in service.pids()]
    few = rng.choice((0, 4096, 65_536))
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (few, resource.RLIM_INFINITY))
    time.sleep(1.5)
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return []


# How often each comes, of a hundred.
FAULTS: dict[Fault, int] = {
    worker: 10,
    worker_parent: 6,
    worker_process: 18,
    limited_child: 16,
    web: 8,
    web_process: 10,
    reconciler: 6,
    broker: 5,
    broker_wiped: 5,
    postmaster: 4,
    backend: 6,
    stalled: 3,
    disk_full: 3,
}
# These take seconds: the storm goes on meanwhile.
LASTING = (stalled, disk_full)
