"""Sweeping up behind work that was killed: what nobody needs any more in staging and in the store goes.

Whoever finishes clears up after himself; this is for those who could not.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from patients.failpoints import reached
from patients.files import Storage
from patients.models import Upload
from patients.reads.scans.named_files import mentioned, named_by_manifests
from patients.vocabulary import UploadState

# Bytes that are still to be read, or to be completed.
NEEDED = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING)
# Which of PostgreSQL's advisory locks is this one: held shared by who keeps a file, alone by who removes one.
STORE_LOCK = 5_470_122


def sweep_staging(storage: Storage, older_than_s: float) -> int:
    """Remove what lies in staging for nothing, and return how many pieces that were.

    The folder of an upload that was read, refused or given up goes at once; what belongs to no upload
    (a killed measurement's folder, half a file) goes when nothing in it has changed for `older_than_s` seconds.
    """
    swept = 0
    for path in lying_in_staging(storage, older_than_s):
        reached("janitor_before_unlink")
        _remove(path)
        swept += 1
    return swept + _sweep_shared_staging(storage)


def lying_in_staging(storage: Storage, older_than_s: float) -> Iterator[Path]:
    """What lies in staging of this machine for nothing."""
    # Listed before the rows are asked: an upload that is opened meanwhile is not in the list.
    lying = {path: _code(path) for path in storage.staged()}
    states = _states([code for code in lying.values() if code is not None])
    for path, code in lying.items():
        state = states.get(code) if code else None
        if state not in NEEDED if state else _idle_s(path) > older_than_s:
            yield path


def _sweep_shared_staging(storage: Storage) -> int:
    """The same for what machines share: an upload whose row says that nobody will read it."""
    codes = {code: UUID(code) for code in storage.shared_staging() if _code(Path(code))}
    states = _states(list(codes.values()))
    done = [code for code, uuid in codes.items() if states.get(uuid, UploadState.RECEIVING) not in NEEDED]
    for code in done:
        storage.clear_staging(code)
    return len(done)


def _states(codes: list[UUID]) -> dict[UUID, str]:
    return dict(Upload.objects.filter(code__in=codes).values_list("code", "state")) if codes else {}


def unnamed_files(
    storage: Storage, older_than_s: float, in_manifests: Callable[[Storage], set[str]] = named_by_manifests
) -> list[str]:
    """Stored files of a certain age that no row and no manifest names."""
    old = [digest for digest in storage.digests() if storage.age_s(digest) > older_than_s]
    unnamed = set(old) - mentioned(old) if old else set()
    return sorted(unnamed - in_manifests(storage)) if unnamed else []


def sweep_store(storage: Storage, older_than_s: float) -> int:
    """Remove stored files that nobody names, and copies that this machine did not use for so long."""
    swept = 0
    for digest in unnamed_files(storage, older_than_s):
        with transaction.atomic():
            _lock_store(is_alone=True)
            # Whoever keeps the same bytes makes the file young, and names it in a row within the day.
            if storage.age_s(digest) > older_than_s and not mentioned([digest]):
                reached("janitor_before_unlink")
                storage.remove(digest)
                swept += 1
    return swept + _drop_copies(storage, older_than_s)


def _drop_copies(storage: Storage, older_than_s: float) -> int:
    """Where files are shared, those of this machine are copies and can be fetched again."""
    copies = [storage.path(digest) for digest in storage.digests_here()] if storage.shared else []
    unused = [path for path in copies if _idle_s(path) > older_than_s and storage.holds(path.name)]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def keep(storage: Storage, digest: str, source: Path) -> bool:
    """Store a file that a row will name; false where its bytes are others than its name says.

    The janitor does not remove what is kept meanwhile.
    """
    with transaction.atomic():
        _lock_store(is_alone=False)
        return storage.freshen(digest) or storage.keep_file(source) == digest


def _lock_store(*, is_alone: bool) -> None:
    """Until the transaction ends: several may keep files at once, and nobody while one is removed."""
    lock = "pg_advisory_xact_lock" if is_alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [STORE_LOCK])


def _code(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None


def _idle_s(path: Path) -> float:
    """Seconds since anything in a folder, or a file, last changed; 0 for what is gone meanwhile."""
    moments = []
    for each in (path, *path.rglob("*")):
        with suppress(OSError):
            moments.append(each.lstat().st_mtime)
    return time.time() - max(moments) if moments else 0.0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
