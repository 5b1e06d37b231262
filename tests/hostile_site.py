"""A site as it is served to people, by gunicorn and a worker, with small limits: what hostile uploads are sent to."""

import hashlib
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from patients.models import Upload
from patients.vocabulary import Role
from tests.factories import TeamFactory, login
from tests.live_web import running_web
from tests.live_worker import running_worker

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

    def send(self, folder: Path) -> tuple[Upload, list[tuple[int, str]]]:
        """A folder as the page's script sends it; the upload, and every answer that was no receipt."""
        files = self.open()
        refused = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            headers = {"X-Content-SHA256": hashlib.sha256(content).hexdigest()}
            name = quote(str(path.relative_to(folder.parent)))
            headers |= {"Content-Type": "application/octet-stream", "X-File-Name": name}
            status, said = self.ask("PUT", files, content, **headers)
            if status != 201:
                refused.append((status, str(said.get("code", ""))))
        status, said = self.ask("POST", files.replace("/files", "/complete"))
        if status != 200:
            refused.append((status, str(said.get("code", ""))))
        return Upload.objects.get(code=files.split("/")[2]), refused


@contextmanager
def hostile_site(root: Path, static: Path, limits: Mapping[str, int]) -> Iterator[Site]:
    """Web and worker on rows that are committed and afterwards removed."""
    (root / "data").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setenv(name, str(value))
        patch.setattr(settings, "DATA_DIR", root / "data")
        person = login(TeamFactory.create(), Role.COORDINATOR, username="coordinator")
        client = Client()
        client.force_login(person)
        cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
        try:
            with running_worker(root / "worker.log"), running_web(root / "web.log", static, root / "data") as at:
                yield Site(at, root / "data", cookie)
        finally:
            call_command("flush", verbosity=0, interactive=False)
            Group.objects.bulk_create(Group(name=role.value) for role in Role)
