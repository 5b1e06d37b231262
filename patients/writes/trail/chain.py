"""The chain of the audit trail: events are inserted side by side, and one hand at a time puts them in a row.

Inserting an event waits for nobody: a long transaction must not keep every page waiting. Whoever comes through the
door next links what has been committed since, and the worker does so, too, every few seconds.
"""

import logging
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from patients.models import AuditEvent, AuditLink
from patients.trail import digests
from patients.trail.heads import head_of, note_head

log = logging.getLogger(__name__)

# "audit" in letters: the advisory lock of whoever links.
LOCK = 0x6175646974
BATCH = 2000
# How far behind the newest linked event is looked for others at the door: they were inserted before it and committed
# after. A verification looks everywhere.
NEARBY = 5000


def link_events(*, waits: bool = False, is_thorough: bool = False) -> int:
    """Link what is committed and not linked yet; returns how many events, 0 where another one is at it.

    `waits` for the other one. `is_thorough`: looks for events from however long ago.
    """
    linked = 0
    while True:
        with transaction.atomic():
            head = _link_batch(is_thorough=is_thorough) if _takes_turn(waits=waits) else None
            if head is not None:
                number, digest, count = head
                transaction.on_commit(lambda number=number, digest=digest: _note(number, digest))  # type: ignore[misc]  # bound now
                linked += count
        if head is None or head[2] < BATCH:
            return linked


def _takes_turn(*, waits: bool) -> bool:
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone() == (True,))


def _link_batch(*, is_thorough: bool) -> tuple[int, str, int] | None:
    """The new head, and how many events it adds. The lock is held, so that the last link is the last."""
    last = AuditLink.objects.order_by("-number").values_list("number", "digest", "event_id").first()
    number, digest, newest = last or (0, digests.FIRST, 0)
    unlinked = AuditEvent.objects.filter(link=None).order_by("pk").values_list("pk", "seal")
    waiting = list((unlinked if is_thorough else unlinked.filter(pk__gt=newest - NEARBY))[:BATCH])
    if not waiting:
        return None
    links = []
    for pk, sealed in waiting:
        number += 1
        digest = digests.link(settings.AUDIT_KEY, digest, number, sealed)
        links.append(AuditLink(number=number, event_id=pk, digest=digest))
    AuditLink.objects.bulk_create(links)
    return number, digest, len(links)


def _note(number: int, digest: str) -> None:
    """The head outside the database. It is behind for a moment, never ahead; a full disk stops no page."""
    try:
        note_head(Path(settings.AUDIT_DIR), head_of(settings.AUDIT_KEY, number, digest))
    except OSError:
        log.exception("the head of the audit trail could not be noted outside the database")
