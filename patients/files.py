"""Where bytes lie: private storage, files named by their SHA-256, never under a public address.

A file is written and synced before any row names it, so a row always finds its bytes;
a file that no row names is garbage for the janitor.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDER_NAME = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z-]{0,99}")


@dataclass(frozen=True, slots=True)
class Storage:
    """A private folder with two rooms: `blobs` for kept files, `staging` for what is still arriving."""

    root: Path

    def path(self, digest: str) -> Path:
        """Where the file of one digest (64 hexadecimal digits) lies."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a stored file is named by 64 hexadecimal digits")
        return self.root / "blobs" / digest[:2] / digest[2:4] / digest

    def holds(self, digest: str) -> bool:
        """Whether the file is there."""
        return self.path(digest).is_file()

    def keep_bytes(self, content: bytes) -> str:
        """Store bytes and return their digest; the same bytes are stored once."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.holds(digest):
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
        """The bytes of one digest; raises FileNotFoundError where they are not there."""
        return self.path(digest).read_bytes()

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
                _sync(file)
            target = folder / digest.hexdigest()
            part.replace(target)
            _sync_folder(folder)
        return target, digest.hexdigest(), size

    def clear_staging(self, code: str) -> None:
        """Remove what one upload or one piece of work left in staging."""
        shutil.rmtree(self._staging(code), ignore_errors=True)

    def staged(self) -> Iterator[Path]:
        """What lies in staging: folders of uploads and of work, and files that have not settled yet."""
        room = self.root / "staging"
        yield from room.iterdir() if room.is_dir() else ()

    def digests(self) -> Iterator[str]:
        """Every stored digest, in no order."""
        for path in (self.root / "blobs").glob("??/??/*"):
            yield path.name

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
        target = self.path(digest)
        if target.is_file():
            return
        self._private(target.parent)
        part.chmod(0o440)
        part.replace(target)
        _sync_folder(target.parent)

    def _private(self, folder: Path) -> Path:
        """The folder and those above it, each closed to others and synced: mkdir's own mode is for the last only."""
        if not folder.is_dir():
            if folder != self.root:
                self._private(folder.parent)
            folder.mkdir(parents=folder == self.root, exist_ok=True, mode=0o700)
            _sync_folder(folder.parent)
        return folder


def chunks(file: BinaryIO) -> Iterator[bytes]:
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
