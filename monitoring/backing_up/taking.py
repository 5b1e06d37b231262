"""Make a backup: the database first, in one snapshot, the files after; files never change, so they are at least as new.

What was received and not read yet is copied before and after, since it goes as soon as it was read.
"""

import shutil
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from monitoring.backing_up.manifest import DUMP, BackupRefused, Manifest, digest_of, tables_now
from monitoring.backing_up.postgres_tools import run_tool
from patients.files import Storage, chunks
from patients.models import Upload
from patients.reads.integrity.files_held import owned_files
from patients.reads.trail.head import newest_link
from patients.trail.heads import ANCHORS, NEWEST
from patients.vocabulary import UploadState
from patients.words.audit_words import Deed
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import record

WAITING = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING)


def take_backup(target: Path, storage: Storage) -> Manifest:
    """Make a backup at a place that is not there yet: a folder, or one file where the name ends in .tar.

    Raises BackupRefused; what was begun is removed then.
    """
    if target.exists():
        raise BackupRefused(f"{target.name} is there already. Name a place that is not there yet.")
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=_folder_of(target)))
    try:
        manifest = _fill(part, storage)
        if target.suffix == ".tar":
            _packed(part, target)
        else:
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def _folder_of(target: Path) -> Path:
    folder = target.absolute().parent
    if not folder.is_dir():
        raise BackupRefused(f"There is no folder {folder.name} to put the backup into.")
    return folder


def _fill(part: Path, storage: Storage) -> Manifest:
    made_at = timezone.now().isoformat(timespec="seconds")
    files: dict[str, str] = {}
    with transaction.atomic():
        record(Deed.BACKED_UP)
    link_events(waits=True, is_thorough=True)
    # Heads before the database: the chain in the dump is at least as long.
    _copy_heads(part, files)
    _copy_staging(part, storage, files)
    tables, head_number, head = _dump(part)
    _copy_staging(part, storage, files)
    damaged = _copy_blobs(part, storage, files)
    files[DUMP] = digest_of(part / DUMP)
    manifest = Manifest(made_at, head_number, files, tables, damaged, head)
    manifest.write(part)
    return manifest


def _dump(part: Path) -> tuple[dict[str, list[str]], int, str]:
    """The database as it is at one moment, and what is in it at that very moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        run_tool("pg_dump", *words, f"--file={part / DUMP}")
        return tables_now(), *newest_link()


def _copy_heads(part: Path, files: dict[str, str]) -> None:
    for name in (NEWEST, ANCHORS):
        path = Path(settings.AUDIT_DIR) / name
        if path.is_file():
            _place(part, f"audit/{name}").write_bytes(path.read_bytes())
            files[f"audit/{name}"] = digest_of(part / "audit" / name)


def _copy_staging(part: Path, storage: Storage, files: dict[str, str]) -> None:
    for upload in Upload.objects.filter(state__in=WAITING).prefetch_related("files"):
        for row in upload.files.all():
            name = f"staging/{upload.code}/{row.sha256}"
            if name not in files and storage.has_staged(str(upload.code), row.sha256):
                # It may be read, and go, at this very moment: then its scan is in the files.
                with suppress(FileNotFoundError):
                    shutil.copyfile(storage.staged_file(str(upload.code), row.sha256), _place(part, name))
                    files[name] = digest_of(part / name)


def _copy_blobs(part: Path, storage: Storage, files: dict[str, str]) -> list[str]:
    """Every stored file; those that do not hold are left out and told."""
    damaged = []
    for digest in sorted({*storage.digests(), *owned_files(storage)}):
        name = f"blobs/{digest[:2]}/{digest[2:4]}/{digest}"
        place = _place(part, name)
        try:
            with storage.opened(digest) as source, place.open("wb") as copy:
                for chunk in chunks(source):
                    copy.write(chunk)
        except OSError:
            damaged.append(digest)
            place.unlink(missing_ok=True)
            continue
        if digest_of(place) != digest:
            damaged.append(digest)
            place.unlink()
        else:
            files[name] = digest
    return damaged


def _place(part: Path, name: str) -> Path:
    path = part / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _packed(part: Path, target: Path) -> None:
    packing = target.with_name(f".{target.name}.part")
    with tarfile.open(packing, "w") as archive:
        for path in sorted(part.rglob("*")):
            if path.is_file():
                archive.add(path, str(path.relative_to(part)), recursive=False)
    packing.chmod(0o600)
    packing.rename(target)
