"""The head of the audit chain, outside the database: what no one can cut off there without being noticed.

`audit-heads.jsonl` is only ever appended to, every hundred events and once a day, and synced: copy it elsewhere, or
let it be printed. `audit-head.json` is the newest head of all, replaced after each transaction.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from patients.trail.digests import head_seal

EVERY = 100
ANCHORS = "audit-heads.jsonl"
NEWEST = "audit-head.json"


@dataclass(frozen=True, slots=True)
class Head:
    """How long the chain was at a moment, and its last digest."""

    number: int
    digest: str
    at: str
    seal: str

    def is_sealed_by(self, key: str) -> bool:
        """Whether it was written by somebody who has the key."""
        return self.seal == head_seal(key, self.number, self.digest, self.at)


class HeadsUnreadable(Exception):
    """A file of heads holds something that is none."""


def head_of(key: str, number: int, digest: str) -> Head:
    """The head of now."""
    at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    return Head(number, digest, at, head_seal(key, number, digest, at))


def note_head(folder: Path, head: Head) -> None:
    """Keep the newest head, and anchor it where a hundred events or a day have passed since the last anchor."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        newest = newest_head(folder)
        if newest is not None and newest.number >= head.number:
            # Another process was faster with a longer chain.
            return
        part = folder / f"{NEWEST}.part"
        part.write_text(json.dumps(asdict(head)))
        part.replace(folder / NEWEST)
        last = last_anchor(folder)
        if last is None or head.number >= last.number + EVERY or head.at[:10] != last.at[:10]:
            _append(folder / ANCHORS, head)


def anchors(folder: Path) -> list[Head]:
    """Every anchored head, oldest first. Raises HeadsUnreadable."""
    path = folder / ANCHORS
    return [_head(line) for line in path.read_text().splitlines()] if path.exists() else []


def last_anchor(folder: Path) -> Head | None:
    """The newest anchored head, read from the end of its file."""
    path = folder / ANCHORS
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1024))
        lines = file.read().splitlines()
    return _head(lines[-1].decode()) if lines else None


def newest_head(folder: Path) -> Head | None:
    """The newest head of all. Raises HeadsUnreadable."""
    path = folder / NEWEST
    return _head(path.read_text()) if path.exists() else None


def _head(line: str) -> Head:
    try:
        said = json.loads(line)
        return Head(int(said["number"]), str(said["digest"]), str(said["at"]), str(said["seal"]))
    except (ValueError, KeyError, TypeError):
        raise HeadsUnreadable("a line of the anchored heads cannot be read") from None


def _append(path: Path, head: Head) -> None:
    with path.open("a") as file:
        file.write(json.dumps(asdict(head)) + "\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "audit.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
