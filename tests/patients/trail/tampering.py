"""Two hundred ways in which somebody who may write every row of the database changes the audit trail."""

import random
from collections.abc import Callable
from contextlib import contextmanager

from django.db import connection, transaction

from patients.models import AuditEvent, AuditLink
from patients.words.audit_words import Deed
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import write_event

EVENT = "patients_auditevent"
LINK = "patients_auditlink"
EDITS = ("login", "deed", "door", "address", "subject_code", "status", "at", "detail", "patient_code", "team_pks")


PORTION = 2000


def filled(events: int) -> None:
    """A trail of so many events, linked as they come; each portion is committed, as it would be at a site."""
    for first in range(0, events, PORTION):
        with transaction.atomic():
            for number in range(first, min(events, first + PORTION)):
                write_event(Deed.SAW, subject=("scan", str(number)), status=200, detail={"n": number})
                # A small trail is linked in many portions, a large one in large ones.
                if number % 7 == 6 and events < PORTION:
                    link_events()
        link_events(waits=True)


@contextmanager
def as_superuser():
    """Without triggers and foreign keys, as nobody but a superuser of the database may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def edit(cursor, dice: random.Random, count: int) -> str:
    column = dice.choice(EDITS)
    values = {
        "status": "404",
        "at": "at - interval '1 hour'",
        "detail": "'{\"n\": -1}'::jsonb",
        "patient_code": "gen_random_uuid()",
        "team_pks": "'{99}'::bigint[]",
    }
    value = values.get(column, "'FORGED'")
    cursor.execute(f"UPDATE {EVENT} SET {column} = {value} WHERE id = {_event(dice, count)}")
    return f"edit of {column}"


def delete_both(cursor, dice: random.Random, count: int) -> str:
    number = dice.randrange(1, count)
    cursor.execute(f"DELETE FROM {EVENT} WHERE id = (SELECT event_id FROM {LINK} WHERE number = {number})")
    cursor.execute(f"DELETE FROM {LINK} WHERE number = {number}")
    return "delete"


def delete_and_close(cursor, dice: random.Random, count: int) -> str:
    """What was after the removed event moves up, so that no number is missing."""
    number = dice.randrange(1, count)
    cursor.execute(f"DELETE FROM {EVENT} WHERE id = (SELECT event_id FROM {LINK} WHERE number = {number})")
    cursor.execute(f"DELETE FROM {LINK} WHERE number = {number}")
    cursor.execute(f"UPDATE {LINK} SET number = -number WHERE number > {number}")
    cursor.execute(f"UPDATE {LINK} SET number = -number - 1 WHERE number < 0")
    return "delete and close the gap"


def delete_event(cursor, dice: random.Random, count: int) -> str:
    cursor.execute(f"DELETE FROM {EVENT} WHERE id = {_event(dice, count)}")
    return "delete the event alone"


def insert(cursor, dice: random.Random, count: int) -> str:
    """A made-up event, left for the chain to take in by itself."""
    _copy(cursor, dice, count, "gen_random_uuid()")
    return "insert"


def insert_copy(cursor, dice: random.Random, count: int) -> str:
    cursor.execute(f"ALTER TABLE {EVENT} DROP CONSTRAINT patients_auditevent_code_key")
    _copy(cursor, dice, count, "code")
    return "insert a copy"


def insert_linked(cursor, dice: random.Random, count: int) -> str:
    """A made-up event with a link of its own at the end."""
    _copy(cursor, dice, count, "gen_random_uuid()")
    cursor.execute(
        f"INSERT INTO {LINK} (number, event_id, digest) SELECT {count + 1}, max(id), repeat('a', 64) FROM {EVENT}"
    )
    return "insert with a link"


def reorder(cursor, dice: random.Random, count: int) -> str:
    first, second = dice.sample(range(1, count + 1), 2)
    cursor.execute(f"UPDATE {LINK} SET number = 0 WHERE number = {first}")
    cursor.execute(f"UPDATE {LINK} SET number = {first} WHERE number = {second}")
    cursor.execute(f"UPDATE {LINK} SET number = {second} WHERE number = 0")
    return "swap two links"


def swap_moments(cursor, dice: random.Random, count: int) -> str:
    first, second = (_event(dice, count) for _ in range(2))
    cursor.execute(
        f"UPDATE {EVENT} e SET at = o.at, detail = o.detail FROM {EVENT} o "
        f"WHERE (e.id, o.id) IN (({first}, {second}), ({second}, {first})) AND e.id <> o.id"
    )
    return "swap two events" if cursor.rowcount else edit(cursor, dice, count)


def cut_tail(cursor, dice: random.Random, count: int) -> str:
    last = count - dice.randrange(1, min(40, count))
    cursor.execute(f"DELETE FROM {EVENT} WHERE id IN (SELECT event_id FROM {LINK} WHERE number > {last})")
    cursor.execute(f"DELETE FROM {LINK} WHERE number > {last}")
    return "cut the tail"


def cut_one(cursor, dice: random.Random, count: int) -> str:
    cursor.execute(f"DELETE FROM {EVENT} WHERE id = (SELECT event_id FROM {LINK} WHERE number = {count})")
    cursor.execute(f"DELETE FROM {LINK} WHERE number = {count}")
    return "cut the last event"


def empty(cursor, dice: random.Random, count: int) -> str:
    cursor.execute(f"DELETE FROM {LINK}")
    cursor.execute(f"DELETE FROM {EVENT}")
    return "empty it"


def edit_link(cursor, dice: random.Random, count: int) -> str:
    cursor.execute(f"UPDATE {LINK} SET digest = repeat('b', 64) WHERE number = {dice.randrange(1, count + 1)}")
    return "edit a link"


KINDS: tuple[Callable[..., str], ...] = (
    edit,
    edit,
    edit,
    delete_both,
    delete_and_close,
    delete_event,
    insert,
    insert_copy,
    insert_linked,
    reorder,
    swap_moments,
    cut_tail,
    cut_one,
    empty,
    edit_link,
)


def _event(dice: random.Random, count: int) -> int:
    return int(AuditLink.objects.values_list("event_id", flat=True).get(number=dice.randrange(1, count + 1)))


def _copy(cursor, dice: random.Random, count: int, code: str) -> None:
    columns = [field.column for field in AuditEvent._meta.fields if field.column not in ("id", "code")]
    names = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO {EVENT} (code, {names}) SELECT {code}, {names} FROM {EVENT} WHERE id = {_event(dice, count)}"
    )
