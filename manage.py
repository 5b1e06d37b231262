#!/usr/bin/env python3
"""Django's manage.py; where Django is not installed, it makes .venv from requirements.lock and starts again there."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# This file alone also runs on older interpreters, to say that they are too old.
HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = HERE / "requirements.lock"
STAMP = VENV / ".installed"
UNFINISHED = "unfinished"
SUPPORTED = ([3, 13], [3, 12], [3, 11])
# Imported once at the end of set-up, which writes their bytecode: the limited children never write any.
FIRST_IMPORTS = "radiomics_tasks.extraction.reference, radiomics_tasks.imaging.measure, radiomics_tasks.imaging.reading"
# What set-up needs to know of an interpreter; pyradiomics is built from source.
PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "version": sys.version_info[:2],
    "venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
    "headers": os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")),
    "compiler": (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0],
}))
"""


def main() -> None:
    """Run one command, in the installed environment and with the servers it needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")
    if not is_installed():
        start_again_in_venv()
    build_kernels()
    from django.core.management import execute_from_command_line

    from monitoring.command_servers import servers_for
    from monitoring.processes import StackError

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        with servers_for(command) as servers:
            if servers is not None and servers.is_new and command not in ("demo", "migrate"):
                execute_from_command_line([sys.argv[0], "migrate", "--verbosity", "0"])
            execute_from_command_line(sys.argv)
    except StackError as error:
        sys.exit(str(error))


def is_installed() -> bool:
    """Whether this interpreter has what the project needs: .venv as locked, or an environment of your own."""
    has_django = importlib.util.find_spec("django") is not None
    if Path(sys.prefix).resolve() == VENV:
        # Without a stamp somebody made .venv by hand, and looks after it.
        return has_django and (not STAMP.exists() or STAMP.read_text() == wanted())
    if sys.prefix != sys.base_prefix:
        return has_django
    # A system's own Django, of whatever version, is not meant for this project: the rest tells.
    return has_django and all(importlib.util.find_spec(name) for name in ("celery", "csp", "django_htmx"))


def wanted() -> str:
    """What the stamp of a finished set-up holds."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def start_again_in_venv() -> None:
    """Replace this process by the same command in .venv, which is made or brought up to date first."""
    is_damaged = Path(sys.prefix).resolve() == VENV and importlib.util.find_spec("django") is None
    try:
        if is_damaged or not STAMP.exists() or STAMP.read_text() != wanted():
            set_up(is_damaged=is_damaged)
    except KeyboardInterrupt:
        sys.exit("\nSet-up interrupted: the next start takes it up again.")
    except OSError as error:
        sys.exit(f"Set-up failed: {error}.")
    os.environ.pop("PYTHONHOME", None)
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), str(HERE / "manage.py"), *sys.argv[1:]])


def set_up(*, is_damaged: bool) -> None:
    """Make .venv, or bring it up to date; the stamp is written last, so that an interrupted set-up is repaired."""
    began = time.monotonic()
    with LOCK.open() as held:
        wait_for(held.fileno())
        stamp = STAMP.read_text() if STAMP.exists() else None
        if stamp == wanted() and not is_damaged:
            return
        if is_damaged or stamp == UNFINISHED or not VENV_PYTHON.exists():
            python = usable_python()
            say(f"Setting up .venv with {python}, once; about half a minute.")
            shutil.rmtree(VENV, ignore_errors=True)
            VENV.mkdir()
            STAMP.write_text(UNFINISHED)
            run(held.fileno(), python, "-m", "venv", str(VENV))
        else:
            say("Bringing .venv up to date with requirements.lock.")
            STAMP.write_text(UNFINISHED)
        install(held.fileno())
        say("Trying the packages ...")
        run(held.fileno(), str(VENV_PYTHON), "-c", f"import {FIRST_IMPORTS}")
        STAMP.write_text(wanted())
    say(f"Set up in {time.monotonic() - began:.0f} s.")


def build_kernels() -> None:
    """The extraction engine's C kernels, where they are not built from these sources yet: about two seconds, once."""
    from radiomics_tasks.extraction.engine import compiled

    if compiled.is_built():
        return
    say("Building the extraction engine's kernels ...")
    refused = compiled.build()
    if refused:
        say(f"They could not be built: {refused}. pyradiomics takes the numbers, several times more slowly.")


def wait_for(lock: int) -> None:
    """Hold the lock, which the installers inherit: a killed set-up holds it until they are gone."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another start is setting up .venv: waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def install(lock: int) -> None:
    """Everything in requirements.lock, each file checked against its hash: uv by pip, the rest by uv."""
    text = LOCK.read_text()
    uv_lines = re.search(r"^uv==(\S+)(?:.*\\\n)*.*\n", text, re.MULTILINE)
    if not uv_lines:
        sys.exit("requirements.lock pins no uv: it is not the project's own.")
    only_uv = VENV / "uv.txt"
    only_uv.write_text(uv_lines.group(0))
    say(f"Installing uv {uv_lines.group(1)} ...")
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
    run(lock, *pip, "--require-hashes", "-r", str(only_uv))
    say("Installing the packages of requirements.lock ...")
    # uv looks into the system's trust store only when told to; pip does by itself where it can.
    uv = [str(VENV_PYTHON), "-m", "uv", "pip", "install", "--python", str(VENV_PYTHON), "--system-certs"]
    try:
        run(lock, *uv, "--require-hashes", "-r", str(LOCK))
    except SystemExit:
        say("uv did not succeed; trying pip, which also reads pip.conf ...")
        run(lock, *pip, "--require-hashes", "-r", str(LOCK))


def usable_python() -> str:
    """This interpreter if it can be used, else the newest on PATH that can; else a sentence with the remedy."""
    own = getattr(sys, "_base_executable", None) or sys.executable
    on_path = [shutil.which(name) for name in ("python3.13", "python3.12", "python3.11", "python3", "python")]
    lacking = None
    for python in dict.fromkeys([own, *filter(None, on_path)]):
        answer = subprocess.run([python, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if answer.returncode != 0:
            continue
        facts = json.loads(answer.stdout)
        if facts["version"] in SUPPORTED:
            packages = missing_packages(facts)
            if not packages:
                return python
            lacking = lacking or packages
    apt = "apt-get install" if os.geteuid() == 0 else "sudo apt-get install"
    if lacking is None:
        sys.exit(f"Deltarad needs Python 3.11, 3.12 or 3.13: `{apt} python3 python3-venv python3-dev gcc`.")
    sys.exit(f"Set-up lacks {' and '.join(lacking)}: `{apt} {' '.join(lacking.values())}`.")


def missing_packages(facts: dict[str, Any]) -> dict[str, str]:
    """What an interpreter lacks, in words, and the Debian package that brings it."""
    python = "python{}.{}".format(*facts["version"])
    checks = (
        (facts["venv"], "Python's venv module", f"{python}-venv"),
        (shutil.which(facts["compiler"]), "a C compiler", "gcc"),
        (facts["headers"], "Python's C headers", f"{python}-dev"),
    )
    return {name: package for is_there, name, package in checks if not is_there}


def run(lock: int, *command: str) -> None:
    """Run one step of the set-up; where it fails, its own words are on the terminal."""
    environment = {**os.environ, "PIP_USER": "0"}
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    if (
        subprocess.run(
            command, cwd=str(HERE), env=environment, pass_fds=[lock], stdout=sys.stderr, check=False
        ).returncode
        != 0
    ):
        sys.exit(f"Set-up failed at `{' '.join(command[:4])}`: see above.")


def say(words: str) -> None:
    """Tell the terminal, beside the output of the command itself."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
