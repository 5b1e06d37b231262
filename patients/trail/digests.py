"""The keyed digests of the audit trail: each event alone, and each event on top of all before it.

The key is outside the database, so that whoever can write every row still cannot write one that fits. An event has
a digest of its own (`seal`) from the moment it is inserted; its place in the chain (`link`) follows.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIRST = "0" * 64
# Every column of an event that the seal covers; `seal` itself and the row's number are not among them.
SEALED = (
    "code",
    "at",
    "deed",
    "origin",
    "login",
    "user_pk",
    "address",
    "door",
    "method",
    "status",
    "patient_code",
    "subject_kind",
    "subject_code",
    "team_pks",
    "detail",
)


def canonical(event: Mapping[str, Any]) -> bytes:
    """An event as bytes that are the same before and after the database.

    >>> canonical({name: None for name in SEALED} | {"deed": "SAW"})[:39]
    b'{"address":null,"at":null,"code":null,"'
    """
    said = {name: _plain(event[name]) for name in SEALED}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | list | dict) else str(value)


def seal(key: str, event: Mapping[str, Any]) -> str:
    """The keyed digest of one event."""
    return _keyed(key, b"event", canonical(event))


def link(key: str, before: str, number: int, sealed: str) -> str:
    """The keyed digest of the event at place `number` and of all before it."""
    return _keyed(key, b"link", f"{before}|{number}|{sealed}".encode())


def head_seal(key: str, number: int, digest: str, at: str) -> str:
    """The keyed digest of one anchored head."""
    return _keyed(key, b"head", f"{number}|{digest}|{at}".encode())


def _keyed(key: str, kind: bytes, content: bytes) -> str:
    return hmac.new(key.encode(), kind + b"\0" + content, hashlib.sha256).hexdigest()
