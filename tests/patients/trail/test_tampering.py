"""The audit trail tells when somebody changed it, whatever that somebody may write, and never otherwise.

.venv/bin/python -m pytest -m tamper tests/patients/trail/test_tampering.py -s
"""

import random
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from patients.models import AuditEvent, AuditLink
from patients.reads.trail.verified import Tampering, verified_trail
from patients.trail.heads import ANCHORS, NEWEST, anchors
from patients.words.audit_words import Deed
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import NotInATransaction, record
from tests.emptied import keep_trail, let_trail_be_emptied
from tests.patients.trail.tampering import KINDS, as_superuser, filled

EVENTS = 60


def verified():
    return verified_trail(settings.AUDIT_KEY, Path(settings.AUDIT_DIR))


class Undone(Exception):
    """What was done is taken back with its transaction."""


def tampered(seed: int) -> tuple[str, list[Tampering]]:
    """What one seed does to the trail, and what the verification says of it; undone afterwards."""
    dice = random.Random(seed)
    count = AuditLink.objects.count()
    try:
        with as_superuser() as cursor:
            done = KINDS[seed % len(KINDS)](cursor, dice, count)
            if dice.random() < 0.5 and "cut" not in done and "empty" not in done:
                # The site goes on working, and takes in what was put there.
                cursor.execute("SET LOCAL session_replication_role = origin")
                link_events(waits=True)
            kinds = [fault.kind for fault in verified().faults]
            raise Undone
    except Undone:
        return done, kinds


def all_found(tampers: int) -> None:
    missed = []
    for seed in range(tampers):
        done, kinds = tampered(seed)
        if not kinds:
            missed.append((seed, done))
    assert missed == []
    assert verified().faults == []


@pytest.fixture
def trail(transactional_db):
    filled(EVENTS)


def test_a_trail_that_nobody_touched_holds(trail, capsys):
    call_command("audit_verify")
    said = capsys.readouterr().out
    assert f"The audit trail holds: {EVENTS} events in one unbroken chain" in said


def test_each_kind_of_tampering_is_found(trail):
    all_found(2 * len(KINDS))


@pytest.mark.tamper
def test_two_hundred_tampers_are_found(transactional_db):
    filled(300)
    began = time.monotonic()
    all_found(200)
    sys.stdout.write(f"\n200 of 200 tampers found; {time.monotonic() - began:.0f} s\n")


@pytest.mark.tamper
def test_a_large_clean_trail_raises_no_alarm(transactional_db):
    filled(100_000)
    began = time.monotonic()
    told = verified()
    seconds = time.monotonic() - began
    sys.stdout.write(f"\n{told.links:,} clean events verified in {seconds:.1f} s, {len(told.faults)} alarms\n")
    assert (told.faults, told.links) == ([], 100_000)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_what_was_done_is_said_in_words(trail, number):
    dice = random.Random(number)
    with pytest.raises(CommandError, match="The audit trail does not hold"), as_superuser() as cursor:
        KINDS[number](cursor, dice, EVENTS)
        call_command("audit_verify")


def test_neither_change_nor_removal_nor_emptying_is_let_through(trail):
    keep_trail()
    try:
        for words in ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            for table, column in (("patients_auditevent", "id"), ("patients_auditlink", "number")):
                with pytest.raises(DatabaseError, match="only ever added to"), connection.cursor() as cursor:
                    cursor.execute(words.format(table, column, column))
    finally:
        let_trail_be_emptied()


def test_heads_that_are_gone_changed_or_of_another_chain_are_told(trail):
    folder = Path(settings.AUDIT_DIR)
    newest, kept = (folder / NEWEST).read_text(), (folder / ANCHORS).read_text()
    (folder / NEWEST).write_text(newest.replace('"number": 60', '"number": 61'))
    assert [fault.kind for fault in verified().faults] == [Tampering.BAD_HEAD]
    (folder / NEWEST).write_text("{")
    assert [fault.kind for fault in verified().faults] == [Tampering.BAD_HEAD]
    (folder / NEWEST).unlink()
    assert verified().faults == []
    (folder / ANCHORS).unlink()
    assert [fault.kind for fault in verified().faults] == [Tampering.NO_HEADS]
    (folder / ANCHORS).write_text(kept)
    with as_superuser() as cursor:
        cursor.execute("UPDATE patients_auditlink SET digest = repeat('c', 64) WHERE number = 7")
        assert Tampering.OTHER_CHAIN in [fault.kind for fault in verified().faults]
        transaction.set_rollback(True)


def test_another_key_is_told_as_such(trail, settings):
    settings.AUDIT_KEY = "another key of at least thirty-two letters"
    assert [fault.kind for fault in verified().faults] == [Tampering.WRONG_KEY]


def test_heads_are_anchored_every_hundred_events(transactional_db):
    filled(250)
    assert [head.number for head in anchors(Path(settings.AUDIT_DIR))][1:] == sorted(
        head.number for head in anchors(Path(settings.AUDIT_DIR))
    )[1:]
    assert anchors(Path(settings.AUDIT_DIR))[-1].number >= 101


def test_a_deed_is_recorded_in_its_own_transaction_or_not_at_all(transactional_db):
    with pytest.raises(NotInATransaction):
        record(Deed.COURSE_SAVED)
    with pytest.raises(Undone), transaction.atomic():
        record(Deed.COURSE_SAVED)
        raise Undone
    assert AuditEvent.objects.count() == 0


def test_free_text_is_never_taken(db):
    with pytest.raises(ValueError, match="must be a word"):
        record(Deed.COURSE_SAVED, name="Jane Doe, 1950")
