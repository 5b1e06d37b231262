"""Named moments at which a test may have a process killed; outside of tests they are nothing.

Only where DELTARAD_TESTING is 1 does FAIL=name:probability,name:probability arm them. FAIL_LEFT names a folder
with one file `name.n` for each kill that is still to come: a kill first takes such a file, so that a point
kills as often as was asked for and no process dies for ever. FAIL_HOW is KILL (the default) or STOP, which
freezes the process until somebody lets it go on. No Django here: the limited child passes such moments, too.
"""

import os
import random
import signal
import time
from pathlib import Path

_ARMED: dict[str, float] = {}
if os.environ.get("DELTARAD_TESTING") == "1":
    _ARMED = {
        name: float(chance or 1)
        for name, _, chance in (word.partition(":") for word in os.environ.get("FAIL", "").split(",") if word)
    }

# Every name that is passed somewhere, in the order of the road.
POINTS = (
    "upload_first_chunk",
    "upload_synced",
    "upload_before_rename",
    "upload_after_rename",
    "receive_before_commit",
    "receive_after_commit",
    "complete_before_commit",
    "publish_before_send",
    "claim_before_commit",
    "claim_after_commit",
    "validate_start",
    "unzip_mid",
    "child_spawned",
    "result_read",
    "blob_before_rename",
    "blob_after_rename",
    "finish_before_commit",
    "finish_after_commit",
    "file_before_commit",
    "file_after_commit",
    "extract_mid",
    "snapshot_before_insert",
    "snapshot_mid_insert",
    "before_ack",
    "reconciler_before_publish",
    "janitor_before_unlink",
    "answer_before_commit",
    "audit_append",
)


def reached(name: str) -> None:
    """The moment `name` has come: the end of this process, if a test says so."""
    if _ARMED and random.random() < _ARMED.get(name, 0.0) and _is_left(name):
        how = os.environ.get("FAIL_HOW", "KILL")
        os.kill(os.getpid(), signal.SIGSTOP if how == "STOP" else signal.SIGKILL)


def environment() -> dict[str, str]:
    """What a child must be told to pass the same moments; nothing outside of tests."""
    names = ("DELTARAD_TESTING", "FAIL", "FAIL_LEFT", "FAIL_HOW")
    return {name: os.environ[name] for name in names if name in os.environ} if _ARMED else {}


def _is_left(name: str) -> bool:
    folder = os.environ.get("FAIL_LEFT")
    if not folder:
        return True
    for path in Path(folder).glob(f"{name}.*"):
        # What was taken tells who died where, and when.
        taken = path.with_name(f"taken-{name}-{os.getpid()}-{time.time_ns()}")
        try:
            path.rename(taken)
        except FileNotFoundError:
            continue
        return True
    return False
