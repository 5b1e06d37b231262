"""Receive an upload, propose what to do with it, decline; filing has a file of its own."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from patients.files import Storage
from patients.models import Candidate, Patient, Team, Upload, UploadedFile
from patients.vocabulary import CandidateState, UploadState

NAME_LENGTH = 255
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


def open_upload(team: Team, user: AbstractBaseUser | None, patient: Patient | None = None) -> Upload:
    """A new upload that waits for files."""
    return Upload.objects.create(team=team, created_by=user, patient=patient)


def receive_file(
    storage: Storage, upload: Upload, name: str, content: Iterable[bytes], limits: ReceivingLimits, sha256: str = ""
) -> UploadedFile:
    """Stream one file into staging; the same name and bytes again are the same row.

    Raises UploadRefused: E_STATE (no longer receiving), E_TOO_BIG, E_TOO_MANY, E_EMPTY, or E_CHECKSUM where the
    sender's `sha256` is not that of what arrived.
    """
    if Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING).count() == 0:
        raise UploadRefused("E_STATE", "This upload is closed. Start a new one.")
    if upload.files.count() >= limits.files:
        raise UploadRefused("E_TOO_MANY", f"One upload takes at most {limits.files:,} files. Send the rest separately.")
    folder = storage.staging(str(upload.code))
    part = folder / f"{secrets.token_hex(16)}.part"
    try:
        digest, size = _write(part, content, limits.file_bytes)
        if sha256 and sha256 != digest:
            raise UploadRefused("E_CHECKSUM", "The file changed on the way. Try again.")
        part.replace(folder / digest)
    finally:
        part.unlink(missing_ok=True)
    shown = _clean_name(name)
    row, _ = UploadedFile.objects.get_or_create(upload=upload, name=shown, sha256=digest, defaults={"size": size})
    return row


def _write(part: Path, content: Iterable[bytes], limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        for chunk in content:
            size += len(chunk)
            if size > limit:
                raise UploadRefused(
                    "E_TOO_BIG", f"This file is larger than {limit / 1024**3:.1f} GB. Send one series per upload."
                )
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size == 0:
        raise UploadRefused("E_EMPTY", "The file is empty.")
    return digest.hexdigest(), size


def _clean_name(name: str) -> str:
    """For showing only: no control characters, the end kept where it is long."""
    readable = "".join(letter if letter.isprintable() else "�" for letter in name)
    return readable[-NAME_LENGTH:] or "unnamed"


def complete_upload(upload: Upload) -> bool:
    """Close the door behind the last file; false where somebody already did, or nothing arrived."""
    if not upload.files.exists():
        return False
    done = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING).update(
        state=UploadState.RECEIVED, completed_at=timezone.now()
    )
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
        if candidates:
            settle(upload)
        else:
            refuse_upload(upload.pk, "E_MODALITY", NOTHING_FOUND)


def refuse_upload(upload_pk: int, code: str, sentence: str) -> None:
    """Nothing of the upload can be used."""
    Upload.objects.filter(pk=upload_pk, state__in=[UploadState.RECEIVED, UploadState.READING]).update(
        state=UploadState.REFUSED, reason_code=code, reason=sentence
    )


def settle(upload: Upload) -> None:
    """The state of an upload from those of its candidates."""
    counts = dict(upload.candidates.values_list("state").annotate(n=Count("pk")))
    if not counts:
        return
    if any(counts.get(state) for state in OPEN_STATES):
        state = UploadState.NEEDS_PERSON
    elif counts.get(CandidateState.FILED) or counts.get(CandidateState.DUPLICATE):
        state = UploadState.FILED
    else:
        state = UploadState.REFUSED
    first = upload.candidates.filter(state=CandidateState.REFUSED).first() if state == UploadState.REFUSED else None
    reason = first.problems[0] if first and first.problems else {"code": "", "sentence": ""}
    Upload.objects.filter(pk=upload.pk).update(state=state, reason_code=reason["code"], reason=reason["sentence"])


def decline(candidate: Candidate, user: AbstractBaseUser | None, reason: str) -> bool:
    """A person decides that a series is not to be filed; false where somebody decided before."""
    note = {"code": "DECLINED", "sentence": f"Declined by {user or 'the operator'}: {reason or 'no reason given'}"}
    with transaction.atomic():
        row = Candidate.objects.select_for_update().get(pk=candidate.pk)
        if row.state not in OPEN_STATES:
            return False
        row.state = CandidateState.DECLINED
        row.problems = [*row.problems, note]
        row.save(update_fields=["state", "problems"])
        settle(row.upload)
    return True


def abandon_upload(upload: Upload) -> bool:
    """The sender gives up before the last file."""
    return bool(Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING).update(state=UploadState.ABANDONED))
