"""A sender that trickles keeps no thread for long: what arrives is waited for in measure, whether head or body.

Each request begins with some seconds of patience. Waiting uses them up, every byte gives some back, and who has
used them all is taken to have ended: a head is dropped, a body ends too early, which `whole_bodies` notices.
Time in which the application itself is busy does not count.
"""

import select
import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from monitoring import environment

STALL_SECONDS = environment.whole("DELTARAD_STALL_SECONDS", 30)
LEAST_BYTES_PER_SECOND = 8192


class MeasuredSocket(socket.socket):
    """A connection that is read as long as enough arrives on it."""

    patience_s = float(STALL_SECONDS)
    is_too_slow = False

    def renew(self) -> None:
        """Another request begins."""
        self.patience_s = float(STALL_SECONDS)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """What has arrived; nothing, as at the end of the line, where it took too long."""
        if self.gettimeout() is not None:
            # The server drains what nobody read, for a few seconds at most.
            return super().recv(bufsize, flags)
        if self.is_too_slow or not self._has_come():
            self.is_too_slow = True
            return b""
        content = super().recv(bufsize, flags)
        self.patience_s = min(float(STALL_SECONDS), self.patience_s + len(content) / LEAST_BYTES_PER_SECOND)
        return content

    def _has_come(self) -> bool:
        asked_at = time.monotonic()
        waiting = select.poll()
        waiting.register(self, select.POLLIN)
        has_come = bool(waiting.poll(max(0.0, self.patience_s) * 1000))
        self.patience_s -= time.monotonic() - asked_at
        return has_come


class MeasuringWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells nothing of its types
    """gunicorn's threads, each of which reads from measured connections."""

    def handle(self, conn: TConn) -> Any:
        """One request."""
        if not isinstance(conn.sock, MeasuredSocket):
            conn.sock = MeasuredSocket(fileno=conn.sock.detach())
        conn.sock.renew()
        return super().handle(conn)
