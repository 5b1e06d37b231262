"""`manage.py test`: pytest with private servers; every further argument is pytest's own."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

# One process a core of the smallest machine; a file stays in one process, with its expensive fixtures.
IN_PARALLEL = ["-n", "2", "--dist", "loadfile"]
LONG = (
    "load",
    "crash",
    "setup",
    "benchmark",
    "exhaustive",
    "agreement",
    "texture",
    "mutation",
    "tamper",
    "corpus",
    "fuzz",
    "privacy",
    "identity",
    "machines",
)
EVERYDAY = ["-m", " and ".join(f"not {marker}" for marker in LONG)]
SINGLE = ("-n", "--numprocesses", "--pdb", "--trace", "--collect-only", "--co", "--help", "-h", "--version", "-V")


class Command(BaseCommand):
    help = "Run the tests with pytest; every further argument is handed to it."

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand the arguments on as they stand: Django's own parser would refuse pytest's."""
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *pytest_arguments(argv[2:])])

    def handle(self, *args: Any, **_options: Any) -> None:
        """The same, for call_command."""
        self.run_from_argv([str(Path(settings.BASE_DIR) / "manage.py"), "test", *args])


def pytest_arguments(given: list[str]) -> list[str]:
    """The given arguments after our own defaults, each left out where the caller says otherwise.

    >>> pytest_arguments(["-m", "crash", "-n0"])
    ['-m', 'crash', '-n0']
    """
    ours: list[str] = []
    if not any(word == "-m" or word.startswith("-m=") for word in given):
        ours += EVERYDAY
    if not any(word in SINGLE or word.startswith(("-n", "--numprocesses=")) for word in given):
        ours += IN_PARALLEL
    return [*ours, *given]
