"""Which process holds a lease, told so that one can see later whether it is gone."""

import os
import socket
from contextlib import suppress
from pathlib import Path

# A killed process stays in the list until its parent has asked how it ended; it works no more.
_ENDED = ("Z", "X")


def this_process() -> str:
    """Host, process and its start: enough to see later that the holder of a lease is gone."""
    _, started = _state_and_start(os.getpid())
    return f"{_host()}|{os.getpid()}|{started}"


def is_gone(holder: str) -> bool:
    """Whether the process that holds a lease ran on this host and works no more."""
    host, _, rest = holder.partition("|")
    pid, _, started = rest.partition("|")
    if host != _host() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    state, start = _state_and_start(int(pid))
    # Where the system does not let one look, nothing is known.
    return bool(start) and (state in _ENDED or start != started)


def _host() -> str:
    """The host and, since containers may share its name, the space in which process numbers count."""
    numbers = ""
    with suppress(OSError):
        numbers = Path("/proc/self/ns/pid").readlink().name
    return f"{socket.gethostname()} {numbers}".strip()


def _state_and_start(pid: int) -> tuple[str, str]:
    """One letter and the clock ticks of its start; empty where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
