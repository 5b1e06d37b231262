"""Several callers at the very same moment, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def at_once(*calls: Callable[[], Answer]) -> Sequence[Answer]:
    """The answers of all calls, which begin together; what one of them raises is raised here."""
    together = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        try:
            together.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(30) for future in [pool.submit(run, call) for call in calls]]
