"""Log records as one JSON object a line, for machines to read: ids, never what a patient or a request brought.

Whatever a message holds, a line stays one line of plain letters: control characters, line breaks of any kind and
whatever moves a terminal's cursor are written as escapes.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from patients.told_of import request_id, run_pk

# An attacker may choose the address that is not found, and so what is said about it.
LONGEST_MESSAGE = 2000
_UNPRINTABLE = re.compile(r"[^ -~\u00a1-\u061b\u061d-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff]")


class JsonLines(logging.Formatter):
    """Moment, level, logger, message, request and run, with the frames of an exception and never its words.

    An exception's words may quote the row or the file that it is about.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage()[:LONGEST_MESSAGE],
        }
        if request_id.get():
            line["request"] = request_id.get()
        if run_pk.get() is not None:
            line["run"] = run_pk.get()
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


class PlainLines(logging.Formatter):
    """For whoever develops: the same on one readable line, exceptions in full."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # the standard library's name
        """The line without its trace, with what is not printable as escapes."""
        return _UNPRINTABLE.sub(_escaped, super().formatMessage(record))


def frames(error: BaseException) -> list[str]:
    """Where an exception and those that led to it were raised, each with its kind, without their words."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 200:
        told += [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(seen.__traceback__)]
        told.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told


def _escaped(found: "re.Match[str]") -> str:
    return found.group().encode("unicode_escape").decode()


def logging_to_stderr(level: str, *, is_plain: bool) -> dict[str, Any]:
    """What Django's LOGGING holds: one line a record, as JSON unless it is for a person at a terminal."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {"()": "monitoring.log_lines.JsonLines"},
            "plain": {
                "()": "monitoring.log_lines.PlainLines",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain" if is_plain else "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # It tells of every attribute it copies.
            "highdicom": {"level": "WARNING"},
            # Django's own handlers would print a second, unstructured copy and send mail.
            "django": {"handlers": [], "propagate": True},
        },
    }
