"""Restore a backup into an empty database and empty folders, and hold everything against what was backed up."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from monitoring.backing_up.manifest import (
    DUMP,
    MANIFEST,
    NAMES,
    NOT_COMPARED,
    BackupRefused,
    Manifest,
    check_files,
    read_manifest,
    tables_now,
)
from monitoring.backing_up.postgres_tools import database_name, run_tool
from patients.files import Storage
from patients.reads.trail.verified import verified_trail
from patients.trail.carried import Carried
from patients.words.audit_words import Deed
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import record
from radiomics_tasks.verifying import verify


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again."""

    manifest: Manifest
    events: int
    files: int


def restore_backup(source: Path, storage: Storage) -> Restored:
    """Put a backup back and verify it. Raises BackupRefused: before anything was changed, or saying what to remove."""
    with _unpacked(source) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        _check_is_empty(storage)
        run_tool(
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            f"--dbname={database_name()}",
            str(folder / DUMP),
        )
        connection.close()
        _compare(manifest)
        _put_files(folder, manifest, storage)
    return _verified(manifest, storage)


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """The folder of a backup; of an archive only what a backup has is taken out, never a link or a path of its own."""
    if source.is_dir():
        yield source
        return
    if not source.is_file():
        raise BackupRefused(f"There is no backup at {source.name}.")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=source.absolute().parent) as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:") as archive:
                for member in archive:
                    if not member.isfile() or not NAMES.fullmatch(member.name):
                        raise BackupRefused("The archive holds what no backup has: it is none of ours, or was changed.")
                    archive.extract(member, folder, filter="data")
        except (tarfile.TarError, EOFError, OSError):
            raise BackupRefused("The archive cannot be read to its end: it is damaged or only half there.") from None
        yield folder


def _check_is_empty(storage: Storage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        (tables,) = cursor.fetchone()
    if tables:
        raise BackupRefused("The database is not empty. Restore into a new one: nothing is ever restored over another.")
    if next(iter(storage.digests()), None) is not None:
        raise BackupRefused("The folder for scans is not empty. Let DELTARAD_DATA_DIR name a new one.")


def _compare(manifest: Manifest) -> None:
    now = tables_now()
    for table, said in manifest.tables.items():
        if table not in NOT_COMPARED and now.get(table) != said:
            raise BackupRefused(f"The table {table} is not what was backed up. Remove this database and do not use it.")


def _put_files(folder: Path, manifest: Manifest, storage: Storage) -> None:
    for name in manifest.files:
        kind, *rest = name.split("/")
        if kind == "blobs":
            if storage.keep_file(folder / name) != rest[-1]:
                raise BackupRefused(f"{name} changed while it was restored. Remove what was restored and try again.")
        elif kind == "staging":
            with (folder / name).open("rb") as file:
                storage.stage(rest[0], iter(lambda: file.read(1 << 20), b""))
        elif kind == "audit":
            place = Path(settings.AUDIT_DIR)
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place / rest[-1])


def _head(manifest: Manifest) -> list[Carried]:
    return [Carried(manifest.head_number, manifest.head, MANIFEST)] if manifest.head else []


def _verified(manifest: Manifest, storage: Storage) -> Restored:
    trail = verified_trail(settings.AUDIT_KEY, Path(settings.AUDIT_DIR), _head(manifest))
    if trail.faults:
        raise BackupRefused(f"The audit trail of this backup does not hold: {trail.faults[0].sentence}")
    told = verify(storage, is_full=True)
    damaged = [one for one in told.found if not any(digest in one.subject for digest in manifest.damaged)]
    if damaged:
        raise BackupRefused(f"What was restored is damaged: {damaged[0].sentence}")
    # Whoever was signed in when the backup was made signs in again.
    Session.objects.all().delete()
    with transaction.atomic():
        record(Deed.RESTORED, files=len(manifest.files), head=manifest.head_number)
    link_events(waits=True)
    return Restored(manifest, trail.links, told.files)
