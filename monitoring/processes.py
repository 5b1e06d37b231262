"""Child processes that never outlive their parent, private folders and locks; standard library only."""

import ctypes
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
# The end of a socket's name must fit: 107 bytes in all, and PostgreSQL adds its own file name.
SOCKET_FOLDER_BYTES = 80
LEFT_OVER_SECONDS = 60
PREFIX = "deltarad-run-"
# Only a folder that holds this file is ever removed as left over: others may use such names, too.
MARKER = ".removed-when-left-over"
_LIBC = ctypes.CDLL(None, use_errno=True)


class StackError(Exception):
    """The servers cannot run here, said in one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who PostgreSQL runs as, with binaries and a data folder which that account can reach.

    PostgreSQL refuses to run as root: root enters a user namespace of its own in which it has another
    number (files stay root's), and where namespaces are refused it steps down to an unprivileged account.
    """

    binaries: Path
    data: Path
    enters_namespace: bool = False
    account: pwd.struct_passwd | None = None


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    death_signal: signal.Signals = signal.SIGKILL,
    identity: Identity | None = None,
    words: bytes | None = None,
    inherited: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a process that gets `death_signal` when the calling thread's process ends, however it ends.

    It has a session of its own, so that Ctrl-C reaches the parent alone, which stops its children in order.
    Without a log it speaks to the terminal.
    """
    account = identity.account if identity else None
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE if words is not None else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            preexec_fn=partial(_prepare, os.getpid(), death_signal, identity),
            pass_fds=inherited,
            cwd="/" if account else None,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def run(
    command: Sequence[str | Path], *, log: Path, identity: Identity | None = None, words: bytes | None = None
) -> int:
    """Run a process to its end and return its exit status."""
    process = spawn(command, log=log, identity=identity, words=words)
    process.communicate(words)
    return process.returncode


def stop(process: "subprocess.Popen[bytes]", gently: signal.Signals, seconds: float) -> None:
    """End a process and everything in its session: gently first, by force after `seconds`."""
    if process.returncode is not None:
        # Its number may be somebody else's by now.
        return
    with suppress(ProcessLookupError):
        process.send_signal(gently)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _prepare(parent: int, death_signal: signal.Signals, identity: Identity | None) -> None:
    if identity and identity.enters_namespace:
        _enter_namespace()
    # After the change of identity, which would clear it.
    die_with_parent(parent, death_signal)


def die_with_parent(parent: int, death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Let this process get a signal when the one that started it ends (Linux)."""
    if sys.platform == "linux":
        _LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _enter_namespace() -> None:
    """Let root be seen as `nobody` by this process alone; on the disk it stays root."""
    if _LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text("65534 0 1")
    Path("/proc/self/uid_map").write_text("65534 0 1")


def has_namespaces() -> bool:
    """Whether root may enter a user namespace here (many containers refuse it)."""
    try:
        subprocess.run(["/bin/true"], check=True, preexec_fn=_enter_namespace)
    except (subprocess.SubprocessError, OSError):
        return False
    return True


def postgres_identity(home: Path, binaries: Path) -> Identity:
    """Who PostgreSQL runs as when its data belong to `home`."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return Identity(binaries, home)
    if has_namespaces():
        return Identity(binaries, home, enters_namespace=True)
    return _stepped_down(home, binaries)


def _stepped_down(home: Path, binaries: Path) -> Identity:
    """An unprivileged account with binaries and data where it can reach them: not under root's own home."""
    account = _account()
    place = Path("/var/tmp") / f"deltarad-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    _checked_folder(place, owner=0, mode=0o711)
    data = place / "data"
    if not data.exists():
        data.mkdir(mode=0o700)
        os.chown(data, account.pw_uid, account.pw_gid)
    _checked_folder(data, owner=account.pw_uid, mode=0o700)
    return Identity(_reachable(binaries, place), data, account=account)


def _account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise StackError("PostgreSQL does not run as root, and this system has neither `postgres` nor `nobody`.")


def _reachable(binaries: Path, place: Path) -> Path:
    """The binaries, copied with the libraries beside them where another account could not read them."""
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in [binaries, *binaries.parents]):
        return binaries
    package = binaries.parent.parent
    copy = place / "binaries"
    shutil.rmtree(copy, ignore_errors=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, copy / folder.name)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044 | (path.stat().st_mode & 0o100) // 8))
    return copy / package.name / binaries.parent.name / binaries.name


def private_folder(path: Path) -> Path:
    """Make a folder that only this user can enter, or check that it is one."""
    return _checked_folder(path, owner=os.geteuid(), mode=0o700)


def _checked_folder(path: Path, *, owner: int, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StackError(f"{path} is not a folder: move it away.")
    if found.st_uid != owner:
        raise StackError(f"{path} belongs to user {found.st_uid}, not to {owner}: run as that user or move it away.")
    if stat.S_IMODE(found.st_mode) & ~mode & 0o777:
        raise StackError(f"{path} is open to other users: `chmod {mode:o} {path}` first.")
    return path


@contextmanager
def temporary_folder(identity: Identity | None = None) -> Iterator[Path]:
    """A private folder with a short name, removed at the end.

    It is held by a lock, so that the folder of a killed run can be told and removed.
    """
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent)) > SOCKET_FOLDER_BYTES:
        parent = Path("/tmp")
    _remove_old(parent)
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        (path / MARKER).touch(mode=0o600)
        if identity and identity.account:
            os.chown(path, identity.account.pw_uid, identity.account.pw_gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def _remove_old(parent: Path) -> None:
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > LEFT_OVER_SECONDS:
                remove_left_over(path)


def remove_left_over(path: Path) -> None:
    """Drop the temporary folder of a killed run, if it is one of ours and held by nobody."""
    with suppress(OSError):
        owners = {os.geteuid()} if os.geteuid() else {0, _account().pw_uid}
        if not (path / MARKER).is_file() or path.lstat().st_uid not in owners:
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def lock(path: Path, *, is_shared: bool = False) -> IO[str]:
    """Hold a lock file, waiting for it; closing it lets go, as does the end of the process."""
    file = path.open("a")
    fcntl.flock(file, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)
    return file


def lock_at_once(path: Path) -> IO[str] | None:
    """Hold a lock file, or None where another process has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write_whole(path: Path, words: str) -> None:
    """Write a file that nobody ever sees half-written."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(words)
    part.replace(path)
