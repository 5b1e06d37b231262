"""Files that several machines share, through whatever Django storage the site names: S3, a mounted folder, …"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils import timezone

MARK_AGAIN_SECONDS = 600


class SharedStorage(Protocol):
    """What is asked of a Django storage; one without paths will do."""

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""

    def save(self, name: str, content: Any) -> str:
        """Store it; the answer is another name where this one is taken."""

    def open(self, name: str, mode: str = "rb") -> Any:
        """The file; raises FileNotFoundError (or another OSError)."""

    def delete(self, name: str) -> None:
        """Remove it."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and files of one folder."""

    def get_modified_time(self, name: str) -> datetime:
        """When it was stored, with a zone."""


class SharedFiles:
    """The files of a site at one Django storage, under the same names as in a folder."""

    def __init__(self, storage: SharedStorage) -> None:
        self._storage = storage

    def holds(self, name: str) -> bool:
        """Whether it is there."""
        return self._storage.exists(name)

    def put(self, name: str, path: Path) -> None:
        """Store a file under a name that ends with its digest: whoever was first has stored the same bytes."""
        if self._storage.exists(name):
            return
        with path.open("rb") as file:
            given = self._storage.save(name, File(file))
        if given != name:
            self._storage.delete(given)

    def freshen(self, name: str) -> bool:
        """Whether it is there; a mark beside it says that it was wanted once more, as an object cannot be touched."""
        if not self._storage.exists(name):
            return False
        if self.age_s(name) > MARK_AGAIN_SECONDS:
            with suppress(FileNotFoundError):
                self._storage.delete(_mark(name))
            self._storage.save(_mark(name), ContentFile(b""))
        return True

    def age_s(self, name: str) -> float:
        """Seconds since it was stored or marked; 0 where it is not there."""
        moments = []
        for each in (name, _mark(name)):
            with suppress(OSError):
                moments.append(self._storage.get_modified_time(each))
        return (timezone.now() - max(moments)).total_seconds() if moments else 0.0

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes as they lie there; raises OSError where they do not."""
        with self._storage.open(name, "rb") as file:
            yield file

    def remove(self, name: str) -> None:
        """Remove it with its mark; what is not there is as good as removed."""
        for each in (name, _mark(name)):
            with suppress(FileNotFoundError):
                self._storage.delete(each)

    def fetch(self, name: str, digest: str, part: Path) -> None:
        """Copy into a file of this machine; raises FileNotFoundError, or OSError where the bytes are others."""
        found = hashlib.sha256()
        with self.opened(name) as reading, part.open("wb") as writing:
            while chunk := reading.read(1 << 20):
                found.update(chunk)
                writing.write(chunk)
        if found.hexdigest() != digest:
            raise OSError(f"the shared file {digest} holds other bytes than its name says")

    def names(self, folder: str) -> list[str]:
        """The files of one folder; none where there is no such folder."""
        return self._listed(folder)[1]

    def folders(self, folder: str) -> list[str]:
        """The folders in one folder."""
        return self._listed(folder)[0]

    def _listed(self, folder: str) -> tuple[list[str], list[str]]:
        with suppress(FileNotFoundError, NotADirectoryError):
            folders, files = self._storage.listdir(folder)
            return [name for name in folders if name], [name for name in files if name]
        return [], []


def _mark(name: str) -> str:
    return f"kept/{name}"
