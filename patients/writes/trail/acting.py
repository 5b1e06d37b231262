"""Whose hand it is: set once at the door, in the worker or by a command, and known to every write below."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

from patients.words.audit_words import Origin

DOOR_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts: a login in the browser, background work, or whoever runs a command on the server."""

    origin: Origin
    login: str = ""
    user_pk: int | None = None
    address: str = ""
    door: str = ""
    detail: dict[str, int | str] = field(default_factory=dict)


_hand: ContextVar[Hand | None] = ContextVar("hand", default=None)


def hand() -> Hand:
    """Whose hand it is now; outside of every door it is a command's, with the account that runs it."""
    return _hand.get() or Hand(Origin.COMMAND, login=_account(), door=_command())


@contextmanager
def acting(as_hand: Hand) -> Iterator[None]:
    """Let everything inside be done by this hand."""
    token = _hand.set(as_hand)
    try:
        yield
    finally:
        _hand.reset(token)


def _account() -> str:
    """The account on the server, told from logins by its first letters."""
    try:
        return f"os:{getuser()}"
    except (OSError, KeyError):
        # A container's user may have a number only.
        return "os:unknown"


def _command() -> str:
    program = Path(sys.argv[0]).name
    words = sys.argv[1:2] if program == "manage.py" else [program]
    return (words[0] if words else program)[:DOOR_LENGTH]
