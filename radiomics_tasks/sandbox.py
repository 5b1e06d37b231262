"""The parent's side of the limited process: start it, watch it, end it, and say in words how it ended."""

import json
import logging
import os
import re
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from patients import failpoints
from patients.failpoints import reached
from radiomics_tasks.errors import ChildFailure

_PROJECT = Path(__file__).resolve().parent.parent
_PROGRAM = (sys.executable, "-X", "faulthandler", "-m", "radiomics_tasks.child")
BEAT_SECONDS = 4.0
STDERR_BYTES = 64 * 1024
RESULT_BYTES = 64 * 1024 * 1024
_GLANCE_SECONDS = 0.5

# One thread in every library: sums run in one order, and each thread would reserve address space of its own.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1"
)
# What the interpreter itself may need; never a password, an address or a setting.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
# How the libraries say that there was no memory, each in its own way.
_OUT_OF_MEMORY = (b"MemoryError", b"bad_alloc", b"llocate memory", b"emory allocation", b"failed to map segment")
_SENTENCES = {
    "E_PARSER_CRASH": "The reader broke down on these files. Export the scan again, or send it without compression.",
    "E_PARSER_MEMORY": "Reading these files took more memory than is allowed. Send one series at a time.",
    "E_PARSER_TIMEOUT": "Reading these files took too long. Send one series at a time.",
    "E_EXTRACT_CRASH": "Measurement broke down. Nothing was changed. Try again.",
    "E_EXTRACT_MEMORY": "Measurement took more memory than is allowed. Nothing was changed. Outline less of the scan.",
    "E_EXTRACT_TIMEOUT": "Measurement took too long. Nothing was changed. Try again.",
}
_TOLD = re.compile(
    r'^ *File "[^"\n]*", line \d+(?:,? in [\w<>.]+)?|^Fatal Python error: [\w ]+|^[\w.]*(?:Error|Exception)\b', re.M
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one child may use.

    Parameters
    ----------
    memory_mb : address space; the libraries alone reserve about 450 MB.
    cpu_seconds : processor time.
    wall_seconds : time on the clock.
    file_mb : size of the largest file it may write.
    """

    memory_mb: int
    cpu_seconds: int
    wall_seconds: int
    file_mb: int


@dataclass(frozen=True, slots=True)
class _End:
    """How a child ended: its exit status (negative: the signal), whether the clock ended it, and its last words."""

    status: int
    is_late: bool
    last_words: bytes

    @property
    def kind(self) -> str:
        """CRASH, MEMORY or TIMEOUT; an empty string for a child that came to its own end."""
        if self.is_late or self.status == -signal.SIGXCPU:
            return "TIMEOUT"
        if not self.status:
            return ""
        # Nobody here sent that SIGKILL: it is the kernel's, which was out of memory.
        is_out_of_memory = self.status == -signal.SIGKILL or any(said in self.last_words for said in _OUT_OF_MEMORY)
        return "MEMORY" if is_out_of_memory else "CRASH"


def run_child(job: dict[str, Any], limits: ChildLimits, beat: Callable[[], None]) -> dict[str, Any]:
    """Do one job in a limited process and give back what it wrote to job["result"].

    A Refusal comes back as {"refusal": {"code", "sentence"}}; "peak_rss_mb" is the child's largest resident memory.
    `beat` is called at once and then at least every five seconds; whatever it raises (Fenced) ends the child first.

    Raises
    ------
    ChildFailure : E_PARSER_… or (kinds "extract" and "perturb") E_EXTRACT_… with CRASH, MEMORY or TIMEOUT.
    """
    result = Path(job["result"])
    result.unlink(missing_ok=True)
    started_at = time.monotonic()
    end = _run(job, limits, beat)
    seconds = time.monotonic() - started_at
    if end.kind:
        _fail(job["kind"], end.kind, end)
    try:
        found = _read_result(result)
    except (OSError, ValueError):
        _fail(job["kind"], "CRASH", end)
    reached("result_read")
    logger.info("child %s: %.1f s, %.0f MB", job["kind"], seconds, found.get("peak_rss_mb", 0))
    return found


def _run(job: dict[str, Any], limits: ChildLimits, beat: Callable[[], None]) -> _End:
    """Start the child in this thread, which stays until it has ended: the child dies with the thread (see child.py)."""
    numbers = (limits.memory_mb, limits.cpu_seconds, limits.file_mb, os.getpid())
    # In memory only: the job carries the key of the site.
    with os.fdopen(os.memfd_create("job"), "w+b") as stdin:
        stdin.write(json.dumps(job, allow_nan=False).encode())
        stdin.seek(0)
        process = subprocess.Popen(
            [*_PROGRAM, *map(str, numbers)],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=_PROJECT,
            env=_environment(Path(job["result"]).parent),
            start_new_session=True,
        )
    assert process.stderr is not None
    reached("child_spawned")
    with process.stderr:
        try:
            is_late, last_words = _watch(process.pid, process.stderr, limits.wall_seconds, beat)
        finally:
            # Not yet waited for, so the number is still this child's; its own children go with it.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        last_words = _tail(last_words, process.stderr)
    return _End(process.returncode, is_late, last_words)


def _environment(temporary: Path) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    fixed = {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    # Under a limit on file size the interpreter would leave cut bytecode behind, for every later process.
    fixed["PYTHONDONTWRITEBYTECODE"] = "1"
    return {**passed_on, **fixed, **_ONE_THREAD, "TMPDIR": str(temporary), **failpoints.environment()}


def _watch(pid: int, stderr: IO[bytes], wall_seconds: int, beat: Callable[[], None]) -> tuple[bool, bytes]:
    """Wait until the child has ended or its time is up (then True), with its last words."""
    os.set_blocking(stderr.fileno(), False)
    deadline = time.monotonic() + wall_seconds
    beat_at = time.monotonic()
    last_words, is_open = b"", True
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        now = time.monotonic()
        if now >= deadline:
            return True, last_words
        if now >= beat_at:
            beat()
            beat_at = time.monotonic() + BEAT_SECONDS
        if not is_open:
            time.sleep(_GLANCE_SECONDS / 10)
        elif select.select([stderr], [], [], _GLANCE_SECONDS)[0]:
            said = stderr.read(STDERR_BYTES)
            is_open = said != b""
            last_words = (last_words + (said or b""))[-STDERR_BYTES:]
    return False, last_words


def _tail(last_words: bytes, stderr: IO[bytes]) -> bytes:
    """What is still in the pipe of a child that has ended."""
    return (last_words + (stderr.read(STDERR_BYTES) or b""))[-STDERR_BYTES:]


def _read_result(path: Path) -> dict[str, Any]:
    """The child's answer; raises OSError or ValueError where it is not a whole JSON object of a sane size."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > RESULT_BYTES:
            raise ValueError("the answer is not a file, or too large")
        found = json.loads(file.read(), parse_constant=_refuse_constant)
    if not isinstance(found, dict):
        raise ValueError("the answer is not an object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _where(last_words: bytes) -> str:
    """The frames and kinds of error among a child's last words; messages may quote a file's header, so they go."""
    return " | ".join(found.group().strip() for found in _TOLD.finditer(last_words.decode(errors="replace")))


def _fail(kind: str, how: str, end: _End) -> NoReturn:
    code = f"E_{'EXTRACT' if kind in ('extract', 'perturb') else 'PARSER'}_{how}"
    logger.warning("child %s ended with %s (status %d): %s", kind, code, end.status, _where(end.last_words))
    raise ChildFailure(code, _SENTENCES[code])
