"""Where bytes lie: private storage, files named by their SHA-256, never under a public address.

A file is written and synced before any row names it, so a row always finds its bytes;
a file that no row names is garbage for the janitor. Where the site shares its files through a Django
storage, that one is the record, and the folder of this machine holds copies of what was used lately.
"""

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files.storage import storages

from patients.failpoints import reached
from patients.shared_files import SharedFiles

CHUNK_BYTES = 1 << 20
# A file that was used in this time need not be marked as used again.
FRESH_SECONDS = 600
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDER_NAME = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z-]{0,99}")


class FileChanged(OSError):
    """A stored file no longer holds the bytes of its name: nothing is made of it."""


@dataclass(frozen=True, slots=True)
class Storage:
    """A private folder with two rooms: `blobs` for kept files, `staging` for what is still arriving."""

    root: Path
    shared: SharedFiles | None = None

    def path(self, digest: str) -> Path:
        """Where the file of one digest (64 hexadecimal digits) lies on this machine."""
        return self.root / _name(digest)

    def holds(self, digest: str) -> bool:
        """Whether the file is there."""
        return self.shared.holds(_name(digest)) if self.shared else self.path(digest).is_file()

    def local(self, digest: str) -> Path:
        """The file on this machine, fetched where it is not; raises FileNotFoundError where it is nowhere.

        What is used again is kept on for another while.
        """
        path = self.path(digest)
        if self.shared and not _freshened(path):
            with self._arriving() as part:
                self.shared.fetch(_name(digest), digest, part)
                self._settle_here(part, digest)
        return path

    @contextmanager
    def opened(self, digest: str) -> Iterator[IO[bytes]]:
        """The bytes as the record holds them, never a copy; raises OSError where they cannot be read."""
        if self.shared:
            with self.shared.opened(_name(digest)) as shared:
                yield shared
        else:
            with self.path(digest).open("rb") as file:
                yield file

    def freshen(self, digest: str) -> bool:
        """Whether the file is there; if so the janitor waits another day for a row that names it."""
        return self.shared.freshen(_name(digest)) if self.shared else _freshened(self.path(digest))

    def age_s(self, digest: str) -> float:
        """Seconds since a file was stored or kept once more; 0 where it is not there."""
        if self.shared:
            return self.shared.age_s(_name(digest))
        with suppress(OSError):
            return time.time() - self.path(digest).stat().st_mtime
        return 0.0

    def keep_bytes(self, content: bytes) -> str:
        """Store bytes and return their digest; the same bytes are stored once."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.freshen(digest):
            with self._arriving() as part:
                with part.open("wb") as file:
                    file.write(content)
                    _sync(file)
                self._settle(part, digest)
        return digest

    def keep_file(self, source: Path) -> str:
        """Copy a file into the store and return its digest."""
        digest = hashlib.sha256()
        with self._arriving() as part:
            with source.open("rb") as reading, part.open("wb") as writing:
                for chunk in chunks(reading):
                    digest.update(chunk)
                    writing.write(chunk)
                _sync(writing)
            self._settle(part, digest.hexdigest())
        return digest.hexdigest()

    def read(self, digest: str) -> bytes:
        """The bytes of one digest; raises FileNotFoundError where they are not there, FileChanged where others are."""
        content = self.local(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise FileChanged(f"the stored file {digest} holds other bytes than were stored")
        return content

    def whole(self, digest: str) -> Path:
        """The file on this machine, read once and held against its name; raises FileChanged.

        Of one that is not there it is the place: whoever opens it tells so.
        """
        path, now = self.local(digest), hashlib.sha256()
        if not path.is_file():
            return path
        with path.open("rb") as file:
            for chunk in chunks(file):
                now.update(chunk)
        if now.hexdigest() != digest:
            raise FileChanged(f"the stored file {digest} holds other bytes than were stored")
        return path

    def staging(self, code: str) -> Path:
        """The private folder in which one upload arrives, or one piece of work lays its files down."""
        return self._private(self._staging(code))

    def stage(self, code: str, content: Iterable[bytes]) -> tuple[Path, str, int]:
        """Stream into one staging folder: the file's path, which ends with its digest, the digest and the size.

        Whatever `content` raises on the way is passed on, and nothing is left behind.
        """
        folder, digest, size = self.staging(code), hashlib.sha256(), 0
        with self._arriving() as part:
            with part.open("wb") as file:
                for chunk in content:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                    reached("upload_first_chunk")
                _sync(file)
            reached("upload_synced")
            target = folder / digest.hexdigest()
            if self.shared:
                self.shared.put(f"staging/{code}/{target.name}", part)
            reached("upload_before_rename")
            part.replace(target)
            _sync_folder(folder)
        reached("upload_after_rename")
        return target, digest.hexdigest(), size

    def has_staged(self, code: str, digest: str) -> bool:
        """Whether a received file still lies in staging, on this machine or the shared storage."""
        if (self._staging(code) / digest).is_file():
            return True
        return bool(self.shared and self.shared.holds(f"staging/{code}/{digest}"))

    def staged_file(self, code: str, digest: str) -> Path:
        """A received file on this machine, fetched where another one received it."""
        path = self.staging(code) / digest
        if self.shared and not path.is_file():
            with self._arriving() as part:
                self.shared.fetch(f"staging/{code}/{digest}", digest, part)
                part.replace(path)
        return path

    def unstage(self, code: str, digest: str) -> None:
        """Remove one received file."""
        (self._staging(code) / digest).unlink(missing_ok=True)
        if self.shared:
            self.shared.remove(f"staging/{code}/{digest}")

    def clear_staging(self, code: str) -> None:
        """Remove what one upload or one piece of work left in staging."""
        shutil.rmtree(self._staging(code), ignore_errors=True)
        if self.shared:
            for name in self.shared.names(f"staging/{code}"):
                self.shared.remove(f"staging/{code}/{name}")

    def shared_staging(self) -> list[str]:
        """The codes of uploads of which something lies at the shared storage."""
        found = self.shared.folders("staging") if self.shared else []
        return [code for code in found if self.shared and self.shared.names(f"staging/{code}")]

    def staged(self) -> Iterator[Path]:
        """What lies in staging: folders of uploads and of work, and files that have not settled yet."""
        room = self.root / "staging"
        yield from room.iterdir() if room.is_dir() else ()

    def digests(self) -> Iterator[str]:
        """Every stored digest, in no order."""
        if self.shared:
            for one in self.shared.folders("blobs"):
                for two in self.shared.folders(f"blobs/{one}"):
                    yield from self.shared.names(f"blobs/{one}/{two}")
        else:
            yield from self.digests_here()

    def digests_here(self) -> Iterator[str]:
        """Every digest of which this machine has the file."""
        for path in (self.root / "blobs").glob("??/??/*"):
            yield path.name

    def remove(self, digest: str) -> None:
        """Remove a file for good; the janitor alone does so."""
        self.path(digest).unlink(missing_ok=True)
        if self.shared:
            self.shared.remove(_name(digest))

    def _staging(self, code: str) -> Path:
        if not _FOLDER_NAME.fullmatch(code):
            raise ValueError("a staging folder is named by letters, digits and hyphens")
        return self.root / "staging" / code

    @contextmanager
    def _arriving(self) -> Iterator[Path]:
        """A new file's place until its digest is known; what does not settle is removed."""
        part = self._private(self.root / "staging") / f"{secrets.token_hex(16)}.part"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    def _settle(self, part: Path, digest: str) -> None:
        if self.shared:
            self.shared.put(_name(digest), part)
        self._settle_here(part, digest)

    def _settle_here(self, part: Path, digest: str) -> None:
        target = self.path(digest)
        if _freshened(target):
            return
        self._private(target.parent)
        part.chmod(0o440)
        reached("blob_before_rename")
        part.replace(target)
        _sync_folder(target.parent)
        reached("blob_after_rename")

    def _private(self, folder: Path) -> Path:
        """The folder and those above it, each closed to others and synced: mkdir's own mode is for the last only."""
        if not folder.is_dir():
            if folder != self.root:
                self._private(folder.parent)
            folder.mkdir(parents=folder == self.root, exist_ok=True, mode=0o700)
            _sync_folder(folder.parent)
        return folder


def site_storage() -> Storage:
    """The storage of this site, as its settings say."""
    has_shared = "files" in storages.backends
    return Storage(Path(settings.DATA_DIR), SharedFiles(storages["files"]) if has_shared else None)


def _name(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("a stored file is named by 64 hexadecimal digits")
    return f"blobs/{digest[:2]}/{digest[2:4]}/{digest}"


def _freshened(path: Path) -> bool:
    """Whether the file is there, as young as if it were stored just now."""
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > FRESH_SECONDS:
            os.utime(path)
        return path.is_file()
    return False


def chunks(file: BinaryIO | IO[bytes]) -> Iterator[bytes]:
    """The file in pieces small enough to hold."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
