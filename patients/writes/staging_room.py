"""Whether there is room for what somebody is about to send: on the disk, for the login and for the team."""

import shutil
from dataclasses import dataclass

from django.db.models import Q, Sum

from patients.files import Storage
from patients.models import Upload, UploadedFile
from patients.vocabulary import UploadState

# Bytes of these lie in staging.
WAITING = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READING)


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """How much may wait in staging at once, and how much of the disk stays free (a share of one)."""

    user_bytes: int
    team_bytes: int
    free_ratio: float


@dataclass(frozen=True, slots=True)
class NoRoom:
    """Why there is none: a stable code, a sentence for the sender, and for whom it is full."""

    code: str
    sentence: str


def lacking_room(storage: Storage, upload: Upload, coming_bytes: int, limits: RoomLimits) -> NoRoom | None:
    """Why so many more bytes cannot be taken; None where they can."""
    if not disk_has_room(storage, coming_bytes, limits.free_ratio):
        return NoRoom("E_DISK", "The server's disk is nearly full. Nothing was stored. Tell the administrator.")
    sender = upload.created_by_id
    if sender is not None and waiting_bytes(Q(upload__created_by=sender)) + coming_bytes > limits.user_bytes:
        return _quota("You have", limits.user_bytes)
    if waiting_bytes(Q(upload__team=upload.team_id)) + coming_bytes > limits.team_bytes:
        return _quota("Your team has", limits.team_bytes)
    return None


def _quota(who: str, size: int) -> NoRoom:
    sentence = f"{who} as much waiting to be read as is allowed, {_in_words(size)}. Send more when some of it is read."
    return NoRoom("E_QUOTA", sentence)


def disk_has_room(storage: Storage, coming_bytes: int, free_ratio: float) -> bool:
    """Whether the share of the disk that must stay free is free with so many more bytes, too."""
    place = next(folder for folder in (storage.root, *storage.root.parents) if folder.is_dir())
    usage = shutil.disk_usage(place)
    return usage.free - coming_bytes >= free_ratio * usage.total


def waiting_bytes(whose: Q) -> int:
    """How much lies in staging of somebody's uploads."""
    rows = UploadedFile.objects.filter(whose, upload__state__in=WAITING)
    return int(rows.aggregate(total=Sum("size"))["total"] or 0)


def _in_words(size: int) -> str:
    return f"{size / 2**30:.3g} GB" if size >= 2**30 else f"{size / 2**20:.3g} MB"
