"""Hostile uploads over real HTTP, by gunicorn and a worker: nothing leaves its folder, nothing fills the disk."""

import io
import os
import socket
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from patients.models import Candidate, Upload, UploadedFile
from patients.vocabulary import CandidateState, UploadState
from radiomics_tasks.arrivals import hand_in
from tests.hostile_site import TOKEN, Site, hostile_site

pytestmark = pytest.mark.django_db
MB = 1 << 20
LIMITS = {
    "DELTARAD_UPLOAD_MAX_FILE_BYTES": 2 * MB,
    "DELTARAD_UPLOAD_MAX_FILES": 12,
    "DELTARAD_UPLOAD_MAX_BYTES": 3 * MB,
    "DELTARAD_UPLOAD_MAX_UNPACKED_BYTES": 4 * MB,
}


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory) -> Iterator[Site]:
    """Web and worker with small limits, on rows that are committed and afterwards removed."""
    with django_db_blocker.unblock(), hostile_site(tmp_path_factory.mktemp("hostile"), static_files, LIMITS) as at:
        yield at


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def link() -> bytes:
    info = zipfile.ZipInfo("link.dcm")
    info.external_attr = 0o120777 << 16
    return zipped((info, b"/etc/passwd"))


def understated() -> bytes:
    """An entry of 3 MB that says it has a thousand bytes, in both its headers."""
    content = bytearray(zipped(("1.dcm", bytes(3 * MB))))
    struct.pack_into("<I", content, 22, 1000)
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 1000)
    return bytes(content)


def overlapping() -> bytes:
    """Many directory entries on the same bytes: a small file that would unpack to a huge one."""
    content = zipped(("1.dcm", bytes(MB)))
    at, end = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    directory = content[at:end] + content[at:end].replace(b"1.dcm", b"2.dcm")
    trailer = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), at, 0)
    return content[:at] + directory + trailer


ARCHIVES: dict[str, tuple[bytes, str]] = {
    "a bomb in one file": (zipped(("1.dcm", bytes(3 * MB))), "E_ZIP_FILE_TOO_BIG"),
    "a bomb of many files": (zipped(*[(f"{n}.dcm", bytes(MB)) for n in range(5)]), "E_ZIP_TOTAL"),
    "a bomb that lies": (understated(), "E_ZIP_LIED"),
    "a bomb folded onto itself": (overlapping(), "E_ZIP_OVERLAP"),
    "an archive in an archive": (zipped(("1.zip", zipped(("1.dcm", b"1")))), "E_NESTED_ARCHIVE"),
    "too many files": (zipped(*[(f"{n}.dcm", b"1") for n in range(13)]), "E_ZIP_TOO_MANY"),
    "a path upwards": (zipped(("../../escaped.dcm", b"1")), "E_ZIP_PATH"),
    "a rooted path": (zipped((f"{tempfile.gettempdir()}/escaped.dcm", b"1")), "E_ZIP_PATH"),
    "a link": (link(), "E_ZIP_SPECIAL"),
}


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused_in_words_and_nothing_of_it_stays(site: Site, name: str):
    content, code = ARCHIVES[name]
    files = site.open()
    assert site.put(files, content, name="../../evil.zip")[0] == 201
    assert site.ask("POST", files.replace("/files", "/complete"))[0] == 200
    upload = hand_in.wait_until_read(Upload.objects.get(code=files.split("/")[2]))
    found = Candidate.objects.get(upload=upload)
    assert (upload.state, found.state) == (UploadState.REFUSED, CandidateState.REFUSED)
    assert [known["code"] for known in found.problems] == [code]
    deadline = time.monotonic() + 10
    while (left := list((site.data / "staging").iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []
    escaped = [*site.data.parent.rglob("*scaped*"), *Path(tempfile.gettempdir()).glob("*scaped*")]
    assert escaped == []


def arrived(files: str) -> list[int]:
    return list(UploadedFile.objects.filter(upload__code=files.split("/")[2]).values_list("size", flat=True))


def test_no_more_files_than_allowed(site: Site):
    files = site.open()
    answers = [site.put(files, b"%d" % n, f"{n}.dcm") for n in range(14)]
    assert [status for status, _ in answers] == [201] * 12 + [409] * 2
    assert answers[-1][1]["sentence"] == "One upload takes at most 12 files. Send the rest separately."


def test_no_more_bytes_than_allowed(site: Site):
    files = site.open()
    answers = [site.put(files, os.urandom(MB), f"{n}.dcm") for n in range(4)]
    assert [status for status, _ in answers] == [201, 201, 201, 413]
    assert answers[-1][1] == {"code": "E_FULL", "sentence": "One upload takes at most 3 MB. Send the rest separately."}
    assert (sum(arrived(files)), bytes_in(site.data / "staging" / files.split("/")[2])) == (3 * MB, 3 * MB)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(site: Site):
    head = f"PUT {site.open()} HTTP/1.1\nHost: 127.0.0.1\nCookie: {site.cookie}\nX-CSRFToken: {TOKEN}\n"
    head += "Content-Type: application/octet-stream\nContent-Length: 999999999999\n\n"
    answer = site.raw(head)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"E_TOO_BIG" in answer


def test_a_file_that_breaks_off_leaves_nothing(site: Site):
    files = site.open()
    head = f"PUT {files} HTTP/1.1\nHost: 127.0.0.1\nCookie: {site.cookie}\nX-CSRFToken: {TOKEN}\n"
    head += "Content-Type: application/octet-stream\nContent-Length: 5000\n\n"
    answer = site.raw(head, b"x" * 2000)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"The connection broke off. Send this file again." in answer
    assert arrived(files) == []
    assert not list((site.data / "staging").glob("*.part"))
    assert bytes_in(site.data / "staging" / files.split("/")[2]) == 0


ODD: dict[str, Callable[[str], str]] = {
    "two lengths": lambda head: head + "Content-Length: 3\nContent-Length: 4\n\n",
    "a length and chunks": lambda head: head + "Content-Length: 3\nTransfer-Encoding: chunked\n\n",
    "a negative length": lambda head: head + "Content-Length: -3\n\n",
    "a name without an end": lambda head: head + f"Content-Length: 3\nX-File-Name: {'x' * 20_000}\n\n",
    "a name over two lines": lambda head: head + "Content-Length: 3\nX-File-Name: a\n b\n\n",
}


@pytest.mark.parametrize("name", ODD)
def test_a_request_that_can_be_read_in_two_ways_is_not_taken(site: Site, name: str):
    files = site.open()
    head = f"PUT {files} HTTP/1.1\nHost: 127.0.0.1\nCookie: {site.cookie}\nX-CSRFToken: {TOKEN}\n"
    answer = site.raw(ODD[name](head + "Content-Type: application/octet-stream\n"), b"abc")
    assert answer[:10] in (b"HTTP/1.1 4", b"")
    assert arrived(files) == []


def test_chunks_without_a_length_are_not_taken(site: Site):
    headers = {"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"}
    status, said = site.ask("PUT", site.open(), [b"abc"], **headers)
    assert (status, said["code"]) == (411, "E_LENGTH")


def test_no_name_stands_in_an_address_or_a_log(site: Site):
    files = site.open()
    assert site.put(files, b"abc", "Doe^Jane/0001.dcm")[1]["name"] == "Doe^Jane/0001.dcm"
    logs = [(site.data.parent / name).read_text() for name in ("web.log", "worker.log")]
    assert [log for log in logs if "Jane" in log] == []


def test_a_slow_sender_keeps_nobody_else_waiting(site: Site):
    before, files = bytes_in(site.data / "staging"), site.open()
    head = f"PUT {files} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {site.cookie}\r\nX-CSRFToken: {TOKEN}\r\n"
    head += "Content-Type: application/octet-stream\r\nContent-Length: 5000\r\n\r\n"
    url = urlsplit(site.address)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=30) as wire:
        for letter in head.encode() + b"xxx":
            wire.send(bytes([letter]))
        started = time.monotonic()
        assert [site.ask("GET", "/healthz")[0] for _ in range(5)] == [200] * 5
        assert time.monotonic() - started < 10
    deadline = time.monotonic() + 10
    while (left := bytes_in(site.data / "staging") - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (arrived(files), left) == ([], 0)
