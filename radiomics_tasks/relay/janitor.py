"""Sweeping up behind work that was killed: what nobody needs any more in staging goes.

Whoever finishes clears up after himself; this is for those who could not.
"""

import shutil
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from patients.files import Storage
from patients.models import Upload
from patients.vocabulary import UploadState

# Bytes that are still to be read, or to be completed.
NEEDED = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING)


def sweep_staging(storage: Storage, older_than_s: float) -> int:
    """Remove what lies in staging for nothing, and return how many pieces that were.

    The folder of an upload that was read, refused or given up goes at once; what belongs to no upload
    (a killed measurement's folder, half a file) goes when nothing in it has changed for `older_than_s` seconds.
    """
    # Listed before the rows are asked: an upload that is opened meanwhile is not in the list.
    lying = {path: _code(path) for path in storage.staged()}
    wanted = [code for code in lying.values() if code is not None]
    states = dict(Upload.objects.filter(code__in=wanted).values_list("code", "state")) if wanted else {}
    swept = 0
    for path, code in lying.items():
        state = states.get(code) if code else None
        is_idle = state not in NEEDED if state else _idle_s(path) > older_than_s
        if is_idle:
            _remove(path)
            swept += 1
    return swept


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
