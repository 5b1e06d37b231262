"""Twenty writers at once leave one unbroken chain, whoever of them links."""

import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from patients.models import AuditEvent, AuditLink
from patients.reads.trail.verified import verified_trail
from patients.words.audit_words import Deed, Origin
from patients.writes.trail.acting import Hand, acting
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import write_event

STUCK_SECONDS = 900


def write(writer: int, events: int, wrong: list[BaseException]) -> None:
    try:
        with acting(Hand(Origin.WEB, login=f"writer{writer}")):
            for number in range(events):
                with transaction.atomic():
                    write_event(Deed.SAW, detail={"n": number})
                    link_events()
    except BaseException as error:  # noqa: BLE001  # told by the test that started the thread
        wrong.append(error)
    finally:
        connection.close()


def at_once(writers: int, events: int) -> float:
    """Events a second; the chain is whole afterwards."""
    wrong: list[BaseException] = []
    threads = [threading.Thread(target=write, args=(number, events, wrong)) for number in range(writers)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(STUCK_SECONDS)
    seconds = time.monotonic() - began
    # A deadlock would be told by the database, or by threads that never come back.
    assert ([thread for thread in threads if thread.is_alive()], wrong) == ([], [])
    link_events(waits=True)
    told = verified_trail(settings.AUDIT_KEY, Path(settings.AUDIT_DIR))
    assert (told.links, told.faults, told.waiting) == (writers * events, [], 0)
    numbers = list(AuditLink.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, writers * events + 1))
    for writer in range(writers):
        # Each writer's own events stand in the chain in the order in which they were written.
        own = AuditEvent.objects.filter(login=f"writer{writer}").order_by("link__number")
        assert [detail["n"] for detail in own.values_list("detail", flat=True)] == list(range(events))
    return writers * events / seconds


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_one_chain():
    at_once(8, 25)


@pytest.mark.tamper
@pytest.mark.django_db(transaction=True)
def test_twenty_writers_of_five_hundred_events_leave_one_chain():
    rate = at_once(20, 500)
    sys.stdout.write(f"\n10,000 events by 20 writers in one chain, {rate:.0f} events a second\n")


@pytest.mark.django_db(transaction=True)
def test_a_long_transaction_keeps_nobody_waiting_and_its_events_are_linked_when_it_is_in():
    slow, goes_on = threading.Event(), threading.Event()

    def long_work() -> None:
        with transaction.atomic():
            write_event(Deed.CONCLUDED)
            slow.set()
            goes_on.wait(20)
        connection.close()

    thread = threading.Thread(target=long_work)
    thread.start()
    slow.wait(20)
    write(1, 3, [])
    assert AuditLink.objects.count() == 3
    goes_on.set()
    thread.join()
    link_events()
    assert AuditLink.objects.count() == AuditEvent.objects.count() == 4
    assert verified_trail(settings.AUDIT_KEY, Path(settings.AUDIT_DIR)).faults == []
