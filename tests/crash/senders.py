"""Those who use a site while it is killed: coordinators who send and file, and a reader who looks all the time."""

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg2

from radiomics_tasks.invariants.of_numbers import _LENGTHS, _TOO_EARLY
from tests.crash.ledger import Ledger

ANSWER_SECONDS = 60
AGAIN_SECONDS = 0.5
# A server that was killed and is not there yet, or one that says that its database or its disk is not.
PASSING = (500, 502, 503, 504, 507)


@dataclass(frozen=True)
class Login:
    """One login's cookies on one address."""

    port: int
    session: str
    token: str

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """One request on a connection of its own; raises OSError or HTTPException where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        own = {
            "Cookie": f"sessionid={self.session}; csrftoken={self.token}",
            "X-CSRFToken": self.token,
            "Referer": f"http://127.0.0.1:{self.port}/",
        }
        try:
            connection.request(method, path, body, own | headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()


@dataclass
class Sender(threading.Thread):
    """Sends one series after another and files each; whatever happens, it asks again with the same key."""

    login: Login
    ledger: Ledger
    # A patient's code and the file to send for it; None when there is no more.
    next_work: Callable[[], tuple[str, Path] | None]
    is_over: threading.Event
    # While it is not set nothing new is begun.
    may_begin: threading.Event
    problems: list[str] = field(default_factory=list)
    is_sending: bool = False

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.is_over.is_set():
            if not self.may_begin.wait(0.2):
                continue
            # Said before the work is taken: whoever asked all to wait must not find it idle in between.
            self.is_sending = True
            if (told := self.next_work()) is None:
                self.is_sending = False
                return
            try:
                self._send(*told)
            except Exception as problem:  # noqa: BLE001  # told at the end; the others go on
                self.problems.append(f"{type(problem).__name__}: {problem}")
            finally:
                self.is_sending = False

    def _until_done(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask until somebody answers for good."""
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                status, said, _ = self.login.ask(method, path, body, **headers)
                if status not in PASSING:
                    return status, said
            time.sleep(AGAIN_SECONDS)
        raise TimeoutError(f"{method} {path} was not answered for ten minutes")

    def _post(self, path: str, **entries: str) -> tuple[int, bytes]:
        form = urlencode({**entries, "idempotency_key": str(uuid4())}).encode()
        return self._until_done("POST", path, form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def _send(self, patient: str, path: Path) -> None:
        status, said = self._post("/uploads/", patient=patient)
        assert status == 201, (status, said[:300])
        opened = json.loads(said)
        self.ledger.note("opened", code=opened["code"], patient=patient)
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        headers = {"Content-Type": "application/octet-stream", "X-File-Name": path.name, "X-Content-SHA256": sha256}
        status, said = self._until_done("PUT", opened["files"], content, **headers)
        assert status == 201, (status, said[:300])
        self.ledger.note("received", code=opened["code"], sha256=sha256, size=len(content))
        status, said = self._post(f"{opened['files'].removesuffix('files')}complete")
        assert status == 200, (status, said[:300])
        self.ledger.note("completed", code=opened["code"])
        self._file(opened["code"])

    def _file(self, code: str) -> None:
        """As a coordinator does: look whether it was read, ask again for what failed, file what is ready."""
        deadline = time.monotonic() + 900
        while time.monotonic() < deadline:
            state = json.loads(self._until_done("GET", f"/uploads/{code}/files")[1])["state"]
            if state in ("FILED", "REFUSED"):
                self.ledger.note("settled", code=code, state=state)
                return
            if state == "NEEDS_PERSON":
                self._post(f"/uploads/{code}/file-ready")
            elif state in ("RECEIVED", "READING"):
                # Nothing happens unless its reading stands as failed.
                self._post(f"/uploads/{code}/retry")
            time.sleep(1)
        raise TimeoutError(f"upload {code} was not settled in fifteen minutes")


@dataclass
class Reader(threading.Thread):
    """I14: looks at pages and at the tables all the time, and keeps what must never be seen."""

    login: Login
    pages: list[str]
    database: str
    is_over: threading.Event
    looks: int = 0
    seen: list[tuple[float, str]] = field(default_factory=list)
    failed_at: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.is_over.is_set():
            for page in self.pages:
                self._page(page)
            self._tables()
            time.sleep(0.3)

    def _page(self, page: str) -> None:
        try:
            status, said, _ = self.login.ask("GET", page)
        except (OSError, http.client.HTTPException):
            return
        self.looks += 1
        if status >= 500:
            self.failed_at.append((time.time(), f"{status} {page}: {said[:200]!r}"))
        elif status != 200:
            self.seen.append((time.time(), f"{status} {page}"))

    def _tables(self) -> None:
        with suppress(psycopg2.Error):
            connection: Any = psycopg2.connect(self.database)
            try:
                with connection, connection.cursor() as cursor:
                    for sql in (_LENGTHS, _TOO_EARLY):
                        cursor.execute(sql)
                        self.seen += [(time.time(), f"partial snapshot {row}") for row in cursor.fetchall()]
            finally:
                connection.close()
