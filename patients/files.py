"""Where bytes lie: private storage, files named by their SHA-256, never under a public address.

A file is written and synced before any row names it, so a row always finds its bytes;
a file that no row names is garbage for the janitor.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


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
            part = self._part()
            with part.open("wb") as file:
                file.write(content)
                _sync(file)
            self._settle(part, digest)
        return digest

    def keep_file(self, source: Path) -> str:
        """Copy a file into the store and return its digest."""
        part = self._part()
        digest = hashlib.sha256()
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
        """The private folder in which one upload arrives."""
        folder = self.root / "staging" / code
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def clear_staging(self, code: str) -> None:
        """Remove what one upload left in staging."""
        shutil.rmtree(self.root / "staging" / code, ignore_errors=True)

    def digests(self) -> Iterator[str]:
        """Every stored digest, in no order."""
        for path in (self.root / "blobs").glob("??/??/*"):
            yield path.name

    def _part(self) -> Path:
        folder = self.root / "staging"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f"{secrets.token_hex(16)}.part"

    def _settle(self, part: Path, digest: str) -> None:
        target = self.path(digest)
        if target.is_file():
            part.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.chmod(0o440)
        part.replace(target)
        _sync_folder(target.parent)


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
