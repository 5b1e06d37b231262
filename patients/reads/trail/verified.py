"""Whether anybody changed the audit trail: each seal and link worked out again, and held against noted heads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count
from django.utils import timezone

from patients.models import AuditEvent, AuditLink
from patients.trail import digests
from patients.trail.carried import Carried
from patients.trail.heads import Head, HeadsUnreadable, anchors, newest_head
from patients.vocabulary import Word

CHUNK = 2000
# An event is linked within seconds; one that is not after this long was kept from it.
LINKED_WITHIN = timedelta(minutes=30)


class Tampering(Word):
    """What does not fit."""

    BAD_HASH = "BAD_HASH", "an event was changed"
    BAD_LINK = "BAD_LINK", "an event is not where it was linked"
    GAP = "GAP", "links are missing"
    EVENT_GONE = "EVENT_GONE", "a linked event is gone"
    FORGED = "FORGED", "an event was inserted by somebody without the key"
    COPIED = "COPIED", "an event is there twice"
    TAIL_CUT = "TAIL_CUT", "the newest events are gone"
    OTHER_CHAIN = "OTHER_CHAIN", "the chain is another one than was anchored"
    BAD_HEAD = "BAD_HEAD", "an anchored head is not one of ours"
    NO_HEADS = "NO_HEADS", "no head is noted outside the database"
    UNLINKED = "UNLINKED", "an event was kept from the chain"
    WRONG_KEY = "WRONG_KEY", "nothing fits the key"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit, with the place in the chain and the row, where there are such."""

    kind: Tampering
    sentence: str
    number: int | None = None
    event_pk: int | None = None


@dataclass(slots=True)
class Verified:
    """What a verification found."""

    events: int = 0
    links: int = 0
    head: str = digests.FIRST
    waiting: int = 0
    anchored: int = 0
    carried: int = 0
    faults: list[Fault] = field(default_factory=list)

    def found(self, kind: Tampering, sentence: str, number: int | None = None, event_pk: int | None = None) -> None:
        """Note one fault."""
        self.faults.append(Fault(kind, sentence, number, event_pk))


def verified_trail(key: str, folder: Path, carried: Iterable[Carried] = ()) -> Verified:
    """The whole trail, worked out again with the key, and held against the heads in the folder.

    `carried`: what exported files say the chain was.
    The heads are read first: events that come meanwhile only lengthen the chain.
    """
    told = Verified()
    heads = _heads(told, key, folder)
    exported = _by_place(carried)
    told.carried = sum(map(len, exported.values()))
    seals = {name: 0 for name in ("good", "bad")}
    number, digest = 0, digests.FIRST
    for link, event in _linked():
        if link.number != number + 1:
            told.found(Tampering.GAP, f"Links {number + 1} to {link.number - 1} are missing.", number + 1)
            # What was before the gap is not known: only from here on can it be followed again.
            digest = ""
        number = link.number
        _check_event(told, key, link, event, seals)
        sealed = event.seal if event else ""
        if event and digest and link.digest != digests.link(key, digest, number, sealed):
            sentence = f"Link {number} does not follow from the one before: it was changed, moved or put in between."
            told.found(Tampering.BAD_LINK, sentence, number, link.event_id)
        digest = link.digest
        _check_head(told, heads.pop(number, ()), number, digest)
        _check_carried(told, exported.pop(number, ()), digest)
        told.links += 1
    told.head = digest or digests.FIRST
    _check_tail(told, heads, number)
    _check_exported_tail(told, exported, number)
    _check_unlinked(told, key)
    _check_copies(told)
    told.events = AuditEvent.objects.count()
    if seals["bad"] > 1 and not seals["good"]:
        told.faults = [_other_key(seals["bad"])]
    return told


def _other_key(count: int) -> Fault:
    sentence = (
        f"None of the {count:,} events fits the key. DELTARAD_AUDIT_KEY is another one than they were written with, or "
        "all of them were rewritten."
    )
    return Fault(Tampering.WRONG_KEY, sentence)


def _heads(told: Verified, key: str, folder: Path) -> dict[int, Sequence[Head]]:
    """The anchored heads by their place; those that do not fit the key are faults."""
    try:
        newest, kept = newest_head(folder), anchors(folder)
    except HeadsUnreadable:
        told.found(Tampering.BAD_HEAD, f"A line of the heads in {folder.name} cannot be read: the file was changed.")
        return {}
    told.anchored = len(kept)
    every = [*kept, *([newest] if newest else [])]
    if not every and AuditLink.objects.exists():
        sentence = (
            "No head is noted outside the database: the files are gone, or DELTARAD_AUDIT_DIR names another folder."
        )
        told.found(Tampering.NO_HEADS, sentence)
    found: dict[int, Sequence[Head]] = {}
    for head in every:
        if head.is_sealed_by(key):
            found[head.number] = [*found.get(head.number, ()), head]
        else:
            told.found(
                Tampering.BAD_HEAD, f"The head noted at event {head.number} was not written with the key.", head.number
            )
    return found


def _linked() -> Iterator[tuple[AuditLink, AuditEvent | None]]:
    """Every link in order with its event, in portions; a link whose event is gone comes with none."""
    last = 0
    while links := list(AuditLink.objects.filter(number__gt=last).order_by("number")[:CHUNK]):
        events = AuditEvent.objects.in_bulk([link.event_id for link in links])
        for link in links:
            yield link, events.get(link.event_id)
        last = links[-1].number


def _check_event(told: Verified, key: str, link: AuditLink, event: AuditEvent | None, seals: dict[str, int]) -> None:
    if event is None:
        told.found(Tampering.EVENT_GONE, f"The event of link {link.number} is gone.", link.number, link.event_id)
    elif event.seal != digests.seal(key, _columns(event)):
        seals["bad"] += 1
        sentence = f"Event {link.number} was changed, or written without the key."
        told.found(Tampering.BAD_HASH, sentence, link.number, event.pk)
    else:
        seals["good"] += 1


def _check_head(told: Verified, heads: Sequence[Head], number: int, digest: str) -> None:
    for head in heads:
        if head.digest != digest:
            sentence = f"At event {number} the chain is another one than was noted on {head.at[:10]}."
            told.found(Tampering.OTHER_CHAIN, sentence, number)


def _by_place(carried: Iterable[Carried]) -> dict[int, list[Carried]]:
    found: dict[int, list[Carried]] = {}
    for one in carried:
        found.setdefault(one.number, []).append(one)
    return found


def _check_carried(told: Verified, carried: Sequence[Carried], digest: str) -> None:
    for one in carried:
        if one.digest != digest:
            sentence = f"At event {one.number} the chain is another one than when {one.file} was exported."
            told.found(Tampering.OTHER_CHAIN, sentence, one.number)


def _check_exported_tail(told: Verified, exported: dict[int, list[Carried]], number: int) -> None:
    beyond = [one for place, found in exported.items() if place > number for one in found]
    if beyond:
        last = max(beyond, key=lambda one: one.number)
        sentence = f"The chain ends at event {number}, and it had {last.number} when {last.file} was exported."
        told.found(Tampering.TAIL_CUT, sentence, number)


def _check_tail(told: Verified, heads: dict[int, Sequence[Head]], number: int) -> None:
    """Heads whose place the chain did not come by: beyond its end, or in a gap that is told already."""
    beyond = [place for place in heads if place > number]
    if beyond:
        gone = max(beyond) - number
        sentence = f"The chain ends at event {number}, and event {max(beyond)} was noted outside: {gone} are cut off."
        told.found(Tampering.TAIL_CUT, sentence, number)


def _check_unlinked(told: Verified, key: str) -> None:
    late = timezone.now() - LINKED_WITHIN
    for event in AuditEvent.objects.filter(link=None).order_by("pk").iterator(CHUNK):
        told.waiting += 1
        if event.seal != digests.seal(key, _columns(event)):
            sentence = f"The event in row {event.pk} was written without the key, or changed before it was linked."
            told.found(Tampering.FORGED, sentence, None, event.pk)
        elif event.at < late:
            sentence = f"The event in row {event.pk} is {LINKED_WITHIN.seconds // 60} minutes old and not in the chain."
            told.found(Tampering.UNLINKED, sentence, None, event.pk)


def _check_copies(told: Verified) -> None:
    """The database keeps codes unique; a superuser may have told it not to."""
    twice = AuditEvent.objects.order_by().values("code").annotate(n=Count("pk")).filter(n__gt=1)
    for row in twice:
        told.found(Tampering.COPIED, f"The event {row['code']} is there {row['n']} times.")


def _columns(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in digests.SEALED}
