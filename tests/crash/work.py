"""What senders have to send: one scan after another, each written when it is asked for."""

import random
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.crash.made_up import write_upload

FIRST_DAY = date(2024, 1, 2)


class Work:
    """One scan for each patient, in order; the same seed gives the same images. Many senders may ask at once."""

    def __init__(self, patients: Sequence[str], folder: Path, seed: int) -> None:
        folder.mkdir()
        self.patients, self.folder, self.dice = patients, folder, random.Random(seed)
        self.begun = 0
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """How many were never begun."""
        return len(self.patients) - self.begun

    def next(self) -> tuple[str, Path] | None:
        """A patient's code and the zip to send for it; None when there is no more."""
        with self._lock:
            number, seed = self.begun, self.dice.randrange(10**9)
            if number >= len(self.patients):
                return None
            self.begun += 1
        path = self.folder / f"{number:04d}.zip"
        return self.patients[number], write_upload(path, f"SYN-{number:04d}", FIRST_DAY + timedelta(days=number), seed)
