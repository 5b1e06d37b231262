"""Receive an upload, propose what to do with it, decline; filing has a file of its own."""

import errno
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, Count, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from patients.failpoints import reached
from patients.files import Storage
from patients.models import Candidate, Patient, Team, Upload, UploadedFile
from patients.vocabulary import CandidateState, UploadState
from patients.words.audit_words import Deed
from patients.words.identity_words import HoldState
from patients.writes.trail.record import record

NAME_LENGTH = 255
# The disk is full, somebody's share of it is, or it may only be read.
NO_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
DISK_FULL = "The server could not keep the file. Nothing of it was stored. Tell the administrator and try again later."
NOTHING_FOUND = "No image series found. Send the CT, MR or PET images together with their outlines."
OPEN_STATES = (CandidateState.READY, CandidateState.NEEDS_PERSON)


class UploadRefused(Exception):
    """A file or an upload that is not taken, with a stable code and a sentence for the sender."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class ReceivingLimits:
    """How much one upload may bring."""

    file_bytes: int
    files: int
    upload_bytes: int


def open_upload(team: Team, user: User | None, patient: Patient | None = None) -> Upload:
    """A new upload that waits for files."""
    with transaction.atomic():
        upload = Upload.objects.create(team=team, created_by=user, patient=patient)
        record(Deed.UPLOAD_OPENED, patient=patient, subject=upload, user=user)
    return upload


def receive_file(
    storage: Storage, upload: Upload, name: str, content: Iterable[bytes], limits: ReceivingLimits, sha256: str = ""
) -> UploadedFile:
    """Stream one file into staging; the same name and bytes again are the same row.

    Raises UploadRefused: E_STATE (no longer receiving), E_TOO_BIG (the file), E_FULL (the upload), E_TOO_MANY,
    E_EMPTY, or E_CHECKSUM where the sender's `sha256` is not that of what arrived.
    """
    _check_is_open(Upload.objects.filter(pk=upload.pk).first())
    path, digest, size = _staged(storage, upload, _limited(content, limits.file_bytes))
    try:
        if size == 0:
            raise UploadRefused("E_EMPTY", "The file is empty. Copy it again.")
        if sha256 and sha256 != digest:
            raise UploadRefused("E_CHECKSUM", "The file changed on the way. Try again.")
        return _received(upload, _clean_name(name), path, size, limits)
    except UploadRefused:
        _discard(storage, upload, digest)
        raise


def _staged(storage: Storage, upload: Upload, content: Iterable[bytes]) -> tuple[Path, str, int]:
    try:
        return storage.stage(str(upload.code), content)
    except FileNotFoundError:
        # The upload was given up, and its folder went, while this file arrived.
        _check_is_open(Upload.objects.filter(pk=upload.pk).first())
        raise
    except OSError as error:
        if error.errno in NO_PLACE:
            raise UploadRefused("E_DISK", DISK_FULL) from error
        raise


def _received(upload: Upload, name: str, path: Path, size: int, limits: ReceivingLimits) -> UploadedFile:
    """The row of a file, written while the upload is surely open: what is completed meanwhile lacks no file."""
    digest = path.name
    with transaction.atomic():
        _check_is_open(Upload.objects.select_for_update(no_key=True).get(pk=upload.pk))
        if not path.is_file():
            raise UploadRefused("E_CHECKSUM", "The file was lost on the way. Try again.")
        row = upload.files.filter(name=name, sha256=digest).first()
        if row is None and upload.files.count() >= limits.files:
            sentence = f"One upload takes at most {limits.files:,} files. Send the rest separately."
            raise UploadRefused("E_TOO_MANY", sentence)
        if row is None and bytes_of(upload) + size > limits.upload_bytes:
            raise full(limits.upload_bytes)
        if row is None:
            row = UploadedFile.objects.create(upload=upload, name=name, sha256=digest, size=size)
            record(Deed.FILE_RECEIVED, patient=upload.patient, subject=upload, sha256=digest, size=size)
        reached("receive_before_commit")
    reached("receive_after_commit")
    return row


def _discard(storage: Storage, upload: Upload, digest: str) -> None:
    """Remove what was refused, unless the same bytes are kept under another name."""
    with transaction.atomic():
        Upload.objects.select_for_update(no_key=True).filter(pk=upload.pk).first()
        if not upload.files.filter(sha256=digest).exists():
            storage.unstage(str(upload.code), digest)


def _check_is_open(upload: Upload | None) -> None:
    if upload is None or upload.state != UploadState.RECEIVING:
        raise UploadRefused("E_STATE", "This upload is closed. Start a new one.")


def _limited(content: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in content:
        size += len(chunk)
        if size > limit:
            raise too_big(limit)
        yield chunk


def bytes_of(upload: Upload) -> int:
    """How much an upload has brought so far: the sum over its files."""
    return int(upload.files.aggregate(total=Sum("size"))["total"] or 0)


def too_big(limit: int) -> UploadRefused:
    """The refusal of a file of more than so many bytes."""
    return UploadRefused(
        "E_TOO_BIG", f"This file is larger than {_in_words(limit)}. Send the scan as several smaller files."
    )


def full(limit: int) -> UploadRefused:
    """The refusal of a file with which the upload would hold more than so many bytes."""
    return UploadRefused("E_FULL", f"One upload takes at most {_in_words(limit)}. Send the rest separately.")


def _in_words(size: int) -> str:
    return f"{size / 2**30:.3g} GB" if size >= 2**30 else f"{size / 2**20:.3g} MB"


def _clean_name(name: str) -> str:
    """For showing only: no control characters, the end kept where it is long."""
    readable = "".join(letter if letter.isprintable() else "�" for letter in name)
    return readable[-NAME_LENGTH:] or "unnamed"


def complete_upload(upload: Upload) -> bool:
    """Close the door behind the last file; false where somebody already did, or nothing arrived."""
    if not upload.files.exists():
        return False
    with transaction.atomic():
        done = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING).update(
            state=UploadState.RECEIVED, completed_at=timezone.now()
        )
        if done:
            record(Deed.UPLOAD_COMPLETED, patient=upload.patient, subject=upload, files=upload.files.count())
        reached("complete_before_commit")
    return bool(done)


def begin_reading(upload_pk: int) -> Upload | None:
    """Mark a received upload as being read; None where it is settled or was never complete."""
    Upload.objects.filter(pk=upload_pk, state=UploadState.RECEIVED).update(state=UploadState.READING)
    return Upload.objects.select_related("team", "patient").filter(pk=upload_pk, state=UploadState.READING).first()


def propose(upload: Upload, candidates: Sequence[dict[str, Any]], ignored: int) -> None:
    """Store the triage table: one candidate a series, replacing what an earlier attempt proposed."""
    with transaction.atomic():
        upload.candidates.all().delete()
        Candidate.objects.bulk_create(Candidate(upload=upload, **fields) for fields in candidates)
        Upload.objects.filter(pk=upload.pk).update(ignored=ignored)
        _forget_names(upload)
        settle(upload)
        record(Deed.UPLOAD_READ, patient=upload.patient, subject=upload, series=len(candidates))


def _forget_names(upload: Upload) -> None:
    """People name files after patients; nothing is found by these names any more."""
    upload.files.update(name=Concat(Value("file "), Cast("pk", CharField())))


def settle(upload: Upload) -> None:
    """The state of an upload from those of its candidates; the upload is locked, so that the last one sees all."""
    with transaction.atomic():
        Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        counts = dict(upload.candidates.order_by().values_list("state").annotate(n=Count("pk")))
        if any(counts.get(state) for state in OPEN_STATES):
            state = UploadState.NEEDS_PERSON
        elif counts.get(CandidateState.FILED) or counts.get(CandidateState.DUPLICATE):
            state = UploadState.FILED
        else:
            state = UploadState.REFUSED
        reason = _why_refused(upload) if state == UploadState.REFUSED else {"code": "", "sentence": ""}
        Upload.objects.filter(pk=upload.pk).update(state=state, reason_code=reason["code"], reason=reason["sentence"])


def _why_refused(upload: Upload) -> dict[str, str]:
    """The first thing that stood in the way."""
    every = upload.candidates.filter(state__in=[CandidateState.REFUSED, CandidateState.DECLINED])
    found = [problem for candidate in every for problem in candidate.problems]
    return found[0] if found else {"code": "E_MODALITY", "sentence": NOTHING_FOUND}


def decline(candidate: Candidate, user: User | None, reason: str) -> bool:
    """A person decides that a series is not to be filed; false where somebody decided before."""
    note = {"code": "DECLINED", "sentence": f"Declined by {user or 'the operator'}: {reason or 'no reason given'}"}
    with transaction.atomic():
        row = Candidate.objects.select_for_update().get(pk=candidate.pk)
        if row.state not in OPEN_STATES:
            return False
        row.state = CandidateState.DECLINED
        row.problems = [*row.problems, note]
        row.save(update_fields=["state", "problems"])
        row.holds.filter(state=HoldState.OPEN).update(state=HoldState.OVERTAKEN, decided_at=timezone.now())
        settle(row.upload)
        record(Deed.SCAN_DECLINED, patient=row.patient, subject=row, user=user)
    return True


def abandon_upload(upload: Upload) -> bool:
    """The sender gives up before the last file."""
    with transaction.atomic():
        open_ones = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING)
        done = open_ones.update(state=UploadState.ABANDONED)
        if done:
            _forget_names(upload)
            record(Deed.UPLOAD_ABANDONED, patient=upload.patient, subject=upload)
    return bool(done)
