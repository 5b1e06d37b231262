"""Senders that trickle, by real sockets to gunicorn: given up in measure, told so, and nobody else waits for them."""

import http.client
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from patients.models import Upload, UploadedFile
from tests.hostile_site import TOKEN, Site, hostile_site

pytestmark = pytest.mark.django_db
STALL_SECONDS = 3
# gunicorn runs four threads in one process here: twice as many senders would hold them all.
SENDERS = 8


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory) -> Iterator[Site]:
    """A site of little patience."""
    limits = {"DELTARAD_STALL_SECONDS": STALL_SECONDS}
    with django_db_blocker.unblock(), hostile_site(tmp_path_factory.mktemp("slow"), static_files, limits) as at:
        yield at


def wire_to(site: Site) -> socket.socket:
    url = urlsplit(site.address)
    return socket.create_connection((url.hostname or "", url.port or 0), timeout=60)


def head_of(site: Site, method: str, path: str, length: int, kind: str = "application/octet-stream") -> bytes:
    head = f"{method} {path} HTTP/1.1\nHost: 127.0.0.1\nCookie: {site.cookie}\nX-CSRFToken: {TOKEN}\n"
    return (head + f"Content-Type: {kind}\nContent-Length: {length}\n\n").replace("\n", "\r\n").encode()


def trickled(wires: list[socket.socket], seconds: float) -> None:
    """One byte a second on every line, as long as the other side takes it."""
    for _ in range(int(seconds)):
        for wire in wires:
            try:
                wire.send(b"x")
            except OSError:
                continue
        time.sleep(1)


def heard(wire: socket.socket) -> bytes:
    try:
        return b"".join(iter(lambda: wire.recv(65536), b""))
    except ConnectionResetError:
        return b""


def test_who_sends_a_byte_a_second_is_given_up_and_told(site: Site):
    files = site.open()
    wires = [wire_to(site) for _ in range(SENDERS)]
    for wire in wires:
        wire.sendall(head_of(site, "PUT", files, 5000))
    # Two rounds of patience for twice as many senders as threads.
    trickled(wires, 2 * STALL_SECONDS + 4)
    assert site.ask("GET", "/healthz")[0] == 200
    answers = [heard(wire) for wire in wires]
    told = [answer for answer in answers if answer.startswith(b"HTTP/1.1 408") and b"E_TOO_SLOW" in answer]
    assert len(told) >= SENDERS // 2, answers
    assert all(b"send this file again" in answer for answer in told)
    assert not UploadedFile.objects.filter(upload__code=files.split("/")[2]).exists()
    assert not [path for path in (site.data / "staging" / files.split("/")[2]).rglob("*") if path.is_file()]


def test_a_head_that_trickles_is_dropped(site: Site):
    wires = [wire_to(site) for _ in range(SENDERS)]
    for wire in wires:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    trickled(wires, 2 * STALL_SECONDS + 4)
    assert site.ask("GET", "/healthz")[0] == 200
    assert [heard(wire)[:12] for wire in wires] == [b""] * SENDERS


def test_who_sends_slowly_but_enough_is_heard_to_the_end(site: Site):
    files, content = site.open(), bytes(range(256)) * 1024
    with wire_to(site) as wire:
        wire.sendall(head_of(site, "PUT", files, len(content)))
        # Longer in all than the patience of one stall; each pause is much shorter.
        for start in range(0, len(content), 32768):
            wire.sendall(content[start : start + 32768])
            time.sleep(0.6)
        wire.shutdown(socket.SHUT_WR)
        answer = heard(wire)
    assert answer.startswith(b"HTTP/1.1 201"), answer
    assert UploadedFile.objects.get(upload__code=files.split("/")[2]).size == len(content)


def test_half_a_form_is_no_form(site: Site):
    before = Upload.objects.count()
    kind = "application/x-www-form-urlencoded"
    with wire_to(site) as wire:
        wire.sendall(head_of(site, "POST", "/uploads/", 500, kind) + b"team=1&pat")
        wire.shutdown(socket.SHUT_WR)
        answer = heard(wire)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Nothing was stored. Send it again." in answer
    with wire_to(site) as wire:
        wire.sendall(head_of(site, "POST", "/uploads/", 500, kind) + b"team=1&pat")
        answer = heard(wire)
    assert answer.startswith(b"HTTP/1.1 408")
    assert Upload.objects.count() == before


def test_a_kept_connection_serves_many_requests(site: Site):
    """Each request has its own patience."""
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=30)
    for _ in range(3):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        time.sleep(1.5)
    connection.close()
