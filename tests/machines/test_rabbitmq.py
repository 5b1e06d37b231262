"""RabbitMQ instead of Redis: an upload to its concluded patient; the broker killed, and killed and wiped, meanwhile.

.venv/bin/python -m pytest -m machines -n 0 -s tests/machines/test_rabbitmq.py
"""

import sys
import time

import pytest

from monitoring import processes
from tests.crash.whole_site import Site
from tests.machines import rabbit
from tests.machines.rabbit import Rabbit
from tests.machines.travelling import Travels
from tests.monitoring.backing_up.busy import free_port

pytestmark = [
    pytest.mark.machines,
    pytest.mark.skipif(not rabbit.is_installed(), reason="no RabbitMQ: apt-get install rabbitmq-server"),
]


def received(travels: Travels) -> None:
    """Wait until the newest upload is completed: from now on there is work for the broker to tell of."""
    deadline = time.monotonic() + 120
    while len(travels.ledger.lines("completed")) < travels.sent:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_uploads_are_concluded_over_rabbitmq_whatever_becomes_of_it(tmp_path):
    with processes.temporary_folder() as sockets, processes.temporary_folder() as home:
        broker = Rabbit(home / "rabbit")
        told = {"DELTARAD_BROKER_URL": broker.address, "REDIS_URL": f"unix://{home}/no-redis.sock"}
        site = Site(home / "site", sockets, free_port(), more=told)
        try:
            broker.start()
            site.create()
            travels = Travels(site, tmp_path, 3)
            quiet_s = travels.conclude(travels.start())
            assert all(b"Connected to amqp://guest:**@127.0.0.1" in worker.log.read_bytes() for worker in site.workers)
            # The hints went through it, and each was taken.
            assert broker.queues()["celery"] == 0
            assert travels.ask("SELECT max(publishes) FROM radiomics_tasks_processingrun") == [(1,)]

            killed = travels.start()
            received(travels)
            broker.kill()
            time.sleep(3)
            broker.start()
            killed_s = travels.conclude(killed)

            wiped = travels.start()
            received(travels)
            broker.kill(wipes=True)
            time.sleep(3)
            broker.start()
            wiped_s = travels.conclude(wiped)

            assert travels.concluded() == [(f"SYN-{number:04d}", 1, 1) for number in range(3)]
            checked = site.managed("check_invariants", "--files")
            assert checked.returncode == 0, checked.stdout
        finally:
            site.stop()
            broker.stop()
    sys.stdout.write(
        f"\n3 of 3 uploads concluded over RabbitMQ, 0 violations: {quiet_s:.0f} s undisturbed, {killed_s:.0f} s with "
        f"the broker killed, {wiped_s:.0f} s with the broker killed and wiped\n"
    )
