"""Checks of what is stored: all at once by a command, a few files at a time by every worker, for ever.

What is damaged is kept as a fault: its outlines' sizes and features are not used, its patient is concluded anew
without them and has a banner, until a check finds it whole again.
"""

import math
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from patients.damaged import Damaged
from patients.files import Storage
from patients.models import FileCheck, Segmentation
from patients.reads.integrity.files_held import Owned, held, held_lightly, owned_files, unknown_files
from patients.reads.integrity.rows_held import damaged_rows, unsealed_rows
from patients.reads.integrity.standing import standing_count
from patients.vocabulary import Step
from patients.words.integrity_words import Damage
from patients.writes.integrity import OF_FILES, Changed, enrol_files, forget_files, note_checked, note_found
from radiomics_tasks import runs
from radiomics_tasks.relay import heartbeats

OF_ROWS = tuple(kind for kind in Damage if kind not in OF_FILES)
# A file that no row names is the janitor's after a day; one that is still there after two is told.
UNKNOWN_AFTER_S = 2 * 24 * 3600
# How long one worker may read in one pass of its reconciler.
PASS_SECONDS = 0.5
LOCK = 0x766572696679
# Which files there are, and whether the rows hold, is asked this often by the workers.
LOOK_EVERY = timedelta(hours=1)
NEXT_LOOK = "next look"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a whole check found, and how much it looked at."""

    found: tuple[Damaged, ...]
    files: int
    unsealed: int


def verify(storage: Storage, *, is_full: bool, unknown_after_s: float = UNKNOWN_AFTER_S) -> Verified:
    """Check everything once: every file is there (`is_full`: holds the bytes of its name), every row says what it said.

    Faults are kept, those that are gone are mended, and their patients are concluded anew.
    """
    files = owned_files(storage)
    check = held if is_full else held_lightly
    found = [damaged for digest, owned in files.items() if (damaged := check(storage, digest, owned)) is not None]
    found += unknown_files(storage, files, unknown_after_s)
    rows = list(damaged_rows())
    with transaction.atomic():
        enrol_files(files)
        kinds = OF_FILES if is_full else tuple(kind for kind in OF_FILES if kind != Damage.FILE_CHANGED)
        for changed in (note_found(found, None, kinds=kinds), note_found(rows, None, kinds=OF_ROWS)):
            _conclude(changed)
        if is_full:
            note_checked(files.keys())
        _tell(len(files))
    return Verified((*found, *rows), len(files), unsealed_rows())


def verify_some(storage: Storage) -> int:
    """Check the few files that were checked longest ago, in their turn; returns how many, 0 where another is at it."""
    with transaction.atomic():
        if not _takes_turn():
            return 0
        _look_around(storage)
        count = FileCheck.objects.count()
        passes = settings.VERIFY_HOURS * 3600 / settings.RECONCILE_SECONDS
        oldest = FileCheck.objects.order_by(F("checked_at").asc(nulls_first=True))[: math.ceil(count / passes)]
        digests = [row.digest for row in oldest if _is_due(row.checked_at)]
        if not digests:
            return 0
        checked, found = _read(storage, digests)
        note_checked(checked)
        _conclude(note_found(found, [f"file {one}" for one in checked], kinds=OF_FILES))
        _tell(count)
    return len(checked)


def _tell(files: int) -> None:
    """For the status page: what stands as damaged, and how long ago the file was read that was read longest ago."""
    oldest = oldest_check()
    told = {"oldest_check": oldest.isoformat(timespec="minutes")} if oldest else {}
    heartbeats.beat(heartbeats.INTEGRITY, broken=standing_count(), files=files, **told)


def oldest_check() -> datetime | None:
    """When the file that was read longest ago was read; None where one was never read, or there is none."""
    row = FileCheck.objects.order_by(F("checked_at").asc(nulls_first=True)).first()
    return row.checked_at if row else None


def _is_due(checked_at: datetime | None) -> bool:
    return checked_at is None or checked_at < timezone.now() - timedelta(hours=settings.VERIFY_HOURS) / 2


def _read(storage: Storage, digests: Collection[str]) -> tuple[list[str], list[Damaged]]:
    """The owners are asked for only where a file does not hold."""
    until, checked, found = time.monotonic() + PASS_SECONDS, [], []
    owners: dict[str, Owned] | None = None
    for digest in digests:
        if held(storage, digest, Owned("file", None)) is not None:
            owners = owned_files(storage) if owners is None else owners
            owned = owners.get(digest)
            damaged = held(storage, digest, owned) if owned else None
            found += [damaged] if damaged else []
        checked.append(digest)
        if time.monotonic() > until:
            break
    return checked, found


_looked: dict[str, float] = {}


def _look_around(storage: Storage) -> None:
    """Once an hour: which files there are now, and whether the rows hold."""
    if time.monotonic() < _looked.get(NEXT_LOOK, 0):
        return
    _looked[NEXT_LOOK] = time.monotonic() + LOOK_EVERY.total_seconds()
    files = owned_files(storage)
    enrol_files(files)
    forget_files(set(FileCheck.objects.values_list("digest", flat=True)) - files.keys())
    _conclude(note_found(damaged_rows(), None, kinds=OF_ROWS))


def _conclude(changed: Changed) -> None:
    """Let the patients of these outlines be concluded anew; of a model or a harmonisation, all of them."""
    if changed.has_models:
        runs.arm(Step.APPLY, runs.THE_SITE)
    rows = Segmentation.objects.filter(pk__in=list(changed.segmentation_pks)).order_by("scan__patient")
    for patient_pk in rows.values_list("scan__patient", flat=True).distinct():
        runs.arm(Step.REASSESS, patient_pk)


def _takes_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone() == (True,))
