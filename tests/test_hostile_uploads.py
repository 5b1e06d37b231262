"""Hostile uploads over real HTTP, by gunicorn and a worker: nothing leaves its folder, nothing fills the disk."""

import http.client
import io
import json
import os
import socket
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from patients.models import Candidate, Upload, UploadedFile
from patients.vocabulary import CandidateState, Role, UploadState
from radiomics_tasks.arrivals import hand_in
from tests.factories import TeamFactory, login
from tests.live_web import running_web
from tests.live_worker import running_worker

pytestmark = pytest.mark.django_db
MB = 1 << 20
LIMITS = {
    "DELTARAD_UPLOAD_MAX_FILE_BYTES": 2 * MB,
    "DELTARAD_UPLOAD_MAX_FILES": 12,
    "DELTARAD_UPLOAD_MAX_BYTES": 3 * MB,
    "DELTARAD_UPLOAD_MAX_UNPACKED_BYTES": 4 * MB,
}
TOKEN = "a" * 32


@dataclass
class Site:
    """The web process, and a coordinator's cookie."""

    address: str
    data: Path
    cookie: str

    def ask(self, method: str, path: str, body: Any = b"", **headers: str) -> tuple[int, dict[str, Any]]:
        """One request: its status and what it says."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        known = {"Cookie": self.cookie, "X-CSRFToken": TOKEN} | headers
        chunked = {"encode_chunked": True} if "Transfer-Encoding" in headers else {}
        connection.request(method, path, body, known, **chunked)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(said) if is_json else {}

    def open(self) -> str:
        """A new upload: the address of its files."""
        status, opened = self.ask("POST", "/uploads/")
        assert status == 201
        return str(opened["files"])

    def put(self, files: str, content: bytes, name: str = "a.zip") -> tuple[int, dict[str, Any]]:
        """Send one file as the page's script does."""
        headers = {"Content-Type": "application/octet-stream", "X-File-Name": quote(name)}
        return self.ask("PUT", files, content, **headers)

    def raw(self, head: str, body: bytes = b"") -> bytes:
        """Bytes that no library would send; whatever comes back."""
        url = urlsplit(self.address)
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=30) as wire:
            wire.sendall(head.replace("\n", "\r\n").encode() + body)
            wire.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory) -> Iterator[Site]:
    """Web and worker with small limits, on rows that are committed and afterwards removed."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "data").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        for name, value in LIMITS.items():
            patch.setenv(name, str(value))
        patch.setattr(settings, "DATA_DIR", root / "data")
        person = login(TeamFactory.create(), Role.COORDINATOR, username="coordinator")
        client = Client()
        client.force_login(person)
        cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
        try:
            with running_worker(root / "worker.log"), running_web(root / "web.log", static_files, root / "data") as at:
                yield Site(at, root / "data", cookie)
        finally:
            call_command("flush", verbosity=0, interactive=False)
            Group.objects.bulk_create(Group(name=role.value) for role in Role)


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
