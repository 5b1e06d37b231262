"""What always holds of stored files: I7 and I8."""

import hashlib
import time
from collections.abc import Iterator

from patients.files import chunks
from patients.models import Upload
from patients.reads.scans.named_files import MANIFEST, named_by_manifests, needed_files, pictures_of
from patients.vocabulary import UploadState
from radiomics_tasks.invariants.terms import Invariant, Terms
from radiomics_tasks.relay.janitor import NEEDED, lying_in_staging, unnamed_files


def _files(terms: Terms) -> Iterator[str]:
    """A file that several rows need is looked at once."""
    seen: dict[str, str] = {}
    for digest, owner in needed_files():
        seen.setdefault(digest, owner)
    for digest, owner in list(seen.items()):
        if owner.endswith(MANIFEST):
            for picture in pictures_of(terms.storage, digest):
                seen.setdefault(picture, f"the slices of {owner}")
    for digest, owner in seen.items():
        if not terms.storage.holds(digest):
            yield f"{owner} names the file {digest}, which is not there"
    yield from _received(terms)
    if terms.reads_files:
        yield from _other_bytes(terms)


def _received(terms: Terms) -> Iterator[str]:
    """Bytes that were taken and wait to be read."""
    waiting = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING)
    for upload in Upload.objects.filter(state__in=waiting).prefetch_related("files").iterator(chunk_size=200):
        for file in upload.files.all():
            if not terms.storage.has_staged(str(upload.code), file.sha256) and _still_waits(upload):
                yield f"upload {upload.pk} received the file {file.sha256}, which is not there"


def _still_waits(upload: Upload) -> bool:
    """It may have been read since it was listed: asked again before anything is said."""
    return Upload.objects.filter(pk=upload.pk, state__in=NEEDED).exists()


def _other_bytes(terms: Terms) -> Iterator[str]:
    for digest in terms.storage.digests():
        found = hashlib.sha256()
        try:
            with terms.storage.opened(digest) as file:
                for chunk in chunks(file):
                    found.update(chunk)
        except OSError:
            yield f"the file {digest} cannot be read"
            continue
        if found.hexdigest() != digest:
            yield f"the file {digest} holds other bytes than its name says"


def _orphans(terms: Terms) -> Iterator[str]:
    too_long = 2 * terms.grace_seconds
    for digest in unnamed_files(terms.storage, too_long, named_by_manifests):
        yield f"no row names the file {digest}"
    for path in lying_in_staging(terms.storage, too_long):
        yield f"{path.name} lies in staging since {int((time.time() - path.lstat().st_mtime) / 3600)} h"


OF_FILES = (
    Invariant("I7", "Every file that a row names is there and holds the bytes of its name.", _files),
    Invariant("I8", "A file that no row names is removed after a day.", _orphans),
)
