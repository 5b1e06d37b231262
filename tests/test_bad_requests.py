"""Requests of an upload that cannot be taken: a status, a sentence that says what to do, and no byte left behind."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import Candidate, Patient, Scan, Upload, UploadedFile
from patients.vocabulary import CandidateState, Role, UploadState
from tests.factories import CandidateFactory, UploadFactory, login

pytestmark = pytest.mark.django_db
CONTENT = b"slice" * 400
LIMIT = 1000


@pytest.fixture
def upload(storage, team) -> Upload:
    """An upload of the team that waits for files."""
    return UploadFactory.create(team=team, state=UploadState.RECEIVING)


def put(client: Client, upload: Upload, content: bytes = CONTENT, **headers: str) -> Any:
    address = reverse("upload_files", args=[upload.code])
    known = {"X-File-Name": "ct/0001.dcm", "X-Content-SHA256": hashlib.sha256(CONTENT).hexdigest()} | headers
    return client.put(address, content, content_type="application/octet-stream", headers=known)


def closed(client: Client, upload: Upload) -> Any:
    Upload.objects.update(state=UploadState.RECEIVED)
    return put(client, upload)


def too_large(client: Client, upload: Upload) -> Any:
    return put(client, upload, b"x" * 2_000_000)


def empty(client: Client, upload: Upload) -> Any:
    sent: dict[str, Any] = {"CONTENT_TYPE": "application/octet-stream", "CONTENT_LENGTH": "0"}
    return client.generic("PUT", reverse("upload_files", args=[upload.code]), b"", **sent)


REFUSED: dict[str, tuple[Callable[[Client, Upload], Any], int, str, str]] = {
    "compressed on the way": (
        lambda client, upload: put(client, upload, CONTENT, **{"Content-Encoding": "gzip"}),
        415,
        "E_ENCODING",
        "Send the file as it is, without Content-Encoding.",
    ),
    "over the limit": (
        too_large,
        413,
        "E_TOO_BIG",
        "This file is larger than 1.5 MB. Send the scan as several smaller files.",
    ),
    "changed on the way": (
        lambda client, upload: put(client, upload, CONTENT[:-1] + b"?"),
        422,
        "E_CHECKSUM",
        "The file changed on the way. Try again.",
    ),
    "empty": (
        empty,
        422,
        "E_EMPTY",
        "The file is empty. Copy it again.",
    ),
    "closed": (closed, 409, "E_STATE", "This upload is closed. Start a new one."),
    "complete without a file": (
        lambda client, upload: client.post(reverse("upload_complete", args=[upload.code])),
        409,
        "E_EMPTY",
        "Nothing has arrived yet. Send the files first.",
    ),
}


@pytest.mark.parametrize(("ask", "status", "code", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    as_user, owner, upload, storage, settings, ask, status, code, sentence
):
    settings.UPLOAD_MAX_FILE_BYTES = 3 << 19
    answer = ask(as_user(owner), upload)
    assert (answer.status_code, answer.json()) == (status, {"code": code, "sentence": sentence})
    assert not UploadedFile.objects.exists()
    assert [path for path in storage.root.rglob("*") if path.is_file()] == []


def test_a_length_that_lies_is_noticed_while_reading(as_user, owner, upload, storage, settings, monkeypatch):
    settings.UPLOAD_MAX_FILE_BYTES = LIMIT
    monkeypatch.setattr("monitoring.views.receiving._unfit", lambda _: None)  # a proxy that sent no honest length
    answer = put(as_user(owner), upload)
    assert (answer.status_code, answer.json()["code"]) == (413, "E_TOO_BIG")
    assert [path for path in storage.root.rglob("*") if path.is_file()] == []


DOORS = {
    "send a file": lambda client, upload: put(client, upload),
    "ask what has arrived": lambda client, upload: client.get(reverse("upload_files", args=[upload.code])),
    "complete it": lambda client, upload: client.post(reverse("upload_complete", args=[upload.code])),
    "give it up": lambda client, upload: client.post(reverse("upload_abandon", args=[upload.code])),
    "look at it": lambda client, upload: client.get(reverse("upload", args=[upload.code])),
    "file what is ready": lambda client, upload: client.post(reverse("upload_file_ready", args=[upload.code])),
    "file a series": lambda client, upload: client.post(reverse("candidate_file", args=[_series(upload).code])),
    "decline a series": lambda client, upload: client.post(reverse("candidate_decline", args=[_series(upload).code])),
}


def _series(upload: Upload) -> Candidate:
    return Candidate.objects.get(upload=upload)


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_upload_changes_nothing(as_user, stranger, team, upload, storage, door):
    CandidateFactory.create(upload=upload, proposed_pseudonym="P-1")
    reader = login(team, Role.READER, username="reader")
    admin = login(team, Role.ADMIN, username="admin")
    answers = [DOORS[door](as_user(user), upload) for user in (stranger, reader, admin)]
    assert [answer.status_code for answer in answers] == [404, 403, 404]
    assert "Your role may not upload and file scans. It takes one of: coordinator" in answers[1].content.decode()
    upload.refresh_from_db()
    assert (upload.state, _series(upload).state) == (UploadState.RECEIVING, CandidateState.READY)
    assert (UploadedFile.objects.count(), Patient.objects.count(), Scan.objects.count()) == (0, 0, 0)


def test_another_teams_upload_looks_like_none(as_user, stranger, upload):
    """The very same page, so that nobody learns which codes exist."""
    there = as_user(stranger).get(reverse("upload", args=[upload.code])).content
    nowhere = as_user(stranger).get(reverse("upload", args=["00000000-0000-4000-8000-000000000000"])).content
    assert _without_token(there) == _without_token(nowhere)


def _without_token(page: bytes) -> list[bytes]:
    return [line for line in page.splitlines() if b"CSRF" not in line and b"csrf" not in line]
