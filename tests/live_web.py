"""The web as it is served to people: gunicorn on the tests' own database, with collected and hashed static files."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live_worker import ROOT, environment, wait_for_words

LISTENING = b"Listening at: "


def production(static: Path) -> dict[str, str]:
    """The settings of a site that runs for people, except that it speaks plain HTTP on this machine."""
    served = {"DELTARAD_DEBUG": "0", "DELTARAD_HTTPS": "0", "DELTARAD_STATIC_ROOT": str(static)}
    served |= {"DELTARAD_MFA": "0", "DELTARAD_MFA_WAIVED": "tests"}
    return {**environment(), **served, "DELTARAD_ALLOWED_HOSTS": "127.0.0.1", "WEB_CONCURRENCY": "1"}


def collect_static(folder: Path) -> None:
    """What `collectstatic` makes of this checkout."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=production(folder), check=True)


@contextmanager
def running_web(log: Path, static: Path, data: Path) -> Iterator[str]:
    """The address of a web process that ends with the block."""
    settings = {**production(static), "DELTARAD_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"]
    command += ["-c", "python:monitoring.web_server", "monitoring.wsgi"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=out, stderr=out)
    try:
        wait_for_words(log, LISTENING, 60)
        yield log.read_bytes().partition(LISTENING)[2].split()[0].decode()
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
