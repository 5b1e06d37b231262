"""The limited process with jobs that go wrong in every way a library can; tests of sandbox.py start it."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from radiomics_tasks import child


def segfault(job):
    return {"read": ctypes.string_at(0)}


def take_memory(job):
    return {"taken": len(bytearray(8 << 30))}


def library_out_of_memory(job):
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def loop(job):
    while True:
        pass


def sleep(job):
    Path(job["pid_file"]).write_text(str(os.getpid()))
    time.sleep(60)
    return {}


def leave_a_child(job):
    left = subprocess.Popen(["sleep", "60"])
    return {"left": left.pid}


def killed_by_the_kernel(job):
    os.kill(os.getpid(), signal.SIGKILL)


def talk_without_end(job):
    os.write(2, b"first words\n")
    for _ in range(2_000):
        os.write(2, b"x" * 1024)
    os.write(2, b"last words\n")
    raise RuntimeError("broken")


def silent(job):
    os.close(2)
    time.sleep(0.5)
    return {"said": "nothing"}


def nonsense(job):
    Path(job["result"]).write_text(job["text"])
    os._exit(0)


def link(job):
    Path(job["result"]).symlink_to(job["target"])
    os._exit(0)


def write_too_much(job):
    with (Path(job["result"]).parent / "large").open("wb") as file:
        file.write(bytes(3 << 20))
    return {}


def tell(job):
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in job["of"]}
    return {
        "environment": dict(os.environ),
        "limits": limits,
        "nice": os.nice(0),
        "session": os.getsid(0),
        "pid": os.getpid(),
        "no_new_privileges": "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(),
        "open": sorted(path.name for path in Path("/proc/self/fd").iterdir()),
    }


if __name__ == "__main__":
    child._KINDS.update({name: job for name, job in list(globals().items()) if callable(job)})
    sys.exit(child.main(sys.argv[1:]))
