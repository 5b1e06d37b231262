"""Which process holds a lease, told so that one can see later whether it is gone."""

import os
import socket


def this_process() -> str:
    """Host, process and its start: enough to see later that the holder of a lease is gone."""
    return f"{socket.gethostname()}|{os.getpid()}|{_started(os.getpid())}"


def is_gone(holder: str) -> bool:
    """Whether the process that holds a lease ran on this host and no longer exists."""
    host, _, rest = holder.partition("|")
    pid, _, started = rest.partition("|")
    return host == socket.gethostname() and pid.isdigit() and _started(int(pid)) != started


def _started(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123  # a kernel file
            return stat.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
