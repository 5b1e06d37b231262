"""Stored files held against the digests in their names, with whose they are."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from patients.damaged import Damaged
from patients.files import Storage, chunks
from patients.models import Candidate, Scan, Segmentation
from patients.reads.scans.named_files import named_by_manifests, needed_files, pictures_of
from patients.words.integrity_words import Damage

OWNER_READS = 0o400


@dataclass(slots=True)
class Owned:
    """Whose one file is: a sentence for people, its patient, and the outlines that are measured on it."""

    what: str
    patient_pk: int | None
    segmentation_pks: set[int] = field(default_factory=set)


def owned_files(storage: Storage) -> dict[str, Owned]:
    """Every digest that the rows need, with whose it is."""
    files: dict[str, Owned] = {}
    outlines: dict[int, set[int]] = {}
    rows = Segmentation.objects.values_list("pk", "scan_id", "scan__patient_id", "mask_file", "slices")
    for pk, scan_pk, patient_pk, mask, slices in rows.iterator():
        outlines.setdefault(scan_pk, set()).add(pk)
        files.setdefault(mask, Owned("outline", patient_pk)).segmentation_pks.add(pk)
        manifest = slices.get("manifest")
        if manifest:
            files.setdefault(manifest, Owned("slices of an outline", patient_pk))
            for picture in pictures_of(storage, manifest):
                files.setdefault(picture, Owned("picture of a slice", patient_pk))
    for pk, patient_pk, volume, instances in Scan.objects.values_list("pk", "patient_id", "volume_file", "instances"):
        files.setdefault(volume, Owned("scan", patient_pk)).segmentation_pks.update(outlines.get(pk, ()))
        for instance in instances:
            files.setdefault(instance, Owned("image of a scan", patient_pk))
    for digest, _ in needed_files():
        files.setdefault(digest, Owned("series in an upload", None))
    return files


def held(storage: Storage, digest: str, owned: Owned) -> Damaged | None:
    """What is wrong with one file, or None: it is there, may be read, and holds the bytes of its name."""
    short = digest[:12]
    try:
        if _may_not_be_read(storage, digest):
            return _damaged(Damage.FILE_UNREADABLE, digest, owned, f"The {owned.what} {short} may not be read.")
        now = hashlib.sha256()
        with storage.opened(digest) as file:
            for chunk in chunks(file):
                now.update(chunk)
    except FileNotFoundError:
        return _damaged(Damage.FILE_MISSING, digest, owned, f"The {owned.what} {short} is not in the store.")
    except OSError:
        return _damaged(Damage.FILE_UNREADABLE, digest, owned, f"The {owned.what} {short} cannot be read.")
    if now.hexdigest() == digest:
        return None
    sentence = f"The {owned.what} {short} holds other bytes than were stored."
    return _damaged(Damage.FILE_CHANGED, digest, owned, sentence)


def held_lightly(storage: Storage, digest: str, owned: Owned) -> Damaged | None:
    """The same without reading a byte: it is there and may be read."""
    if not storage.holds(digest):
        return _damaged(Damage.FILE_MISSING, digest, owned, f"The {owned.what} {digest[:12]} is not in the store.")
    if _may_not_be_read(storage, digest):
        return _damaged(Damage.FILE_UNREADABLE, digest, owned, f"The {owned.what} {digest[:12]} may not be read.")
    return None


def _may_not_be_read(storage: Storage, digest: str) -> bool:
    """Told by its mode: root may read whatever that says."""
    return storage.shared is None and not storage.path(digest).stat().st_mode & OWNER_READS


def unknown_files(storage: Storage, known: Collection[str], older_than_s: float) -> Iterator[Damaged]:
    """Files in the store that no row names, and that are too old to wait for one."""
    candidates = _of_settled_uploads()
    named = named_by_manifests(storage)
    for digest in storage.digests():
        if digest in known or digest in named or digest in candidates or storage.age_s(digest) < older_than_s:
            continue
        yield Damaged(Damage.FILE_UNKNOWN, f"file {digest}", f"No row names the file {digest[:12]}.")


def _of_settled_uploads() -> set[str]:
    """What uploads that were settled brought: kept until the janitor finds that nothing mentions it."""
    found: set[str] = set()
    for facts in Candidate.objects.values_list("facts", flat=True).iterator():
        found |= {name for name in _texts(facts) if len(name) == 64}
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _all(value.values())
    elif isinstance(value, list):
        yield from _all(value)


def _all(values: Iterable[object]) -> Iterator[str]:
    for one in values:
        yield from _texts(one)


def _damaged(kind: Damage, digest: str, owned: Owned, sentence: str) -> Damaged:
    return Damaged(kind, f"file {digest}", sentence, owned.patient_pk, tuple(sorted(owned.segmentation_pks)))
