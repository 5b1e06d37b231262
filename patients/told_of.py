"""Which request and which run a log line is told of: ids alone, handed along by the context of the work."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
run_pk: ContextVar[int | None] = ContextVar("run_pk", default=None)


@contextmanager
def telling_of_request(said: str) -> Iterator[None]:
    """Every line logged inside belongs to this request."""
    token = request_id.set(said)
    try:
        yield
    finally:
        request_id.reset(token)


@contextmanager
def telling_of_run(pk: int) -> Iterator[None]:
    """Every line logged inside belongs to this run."""
    token = run_pk.set(pk)
    try:
        yield
    finally:
        run_pk.reset(token)
