"""What a sender was told, line by line in a file of its own: the witness that no database can be."""

import json
import threading
import time
from pathlib import Path
from typing import Any


class Ledger:
    """Only ever appended to, each line on the disk before the sender goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def note(self, what: str, **facts: Any) -> None:
        """One answer."""
        line = json.dumps({"at": time.time(), "what": what, **facts})
        with self._lock, self.path.open("a") as file:
            file.write(f"{line}\n")
            file.flush()

    def lines(self, what: str) -> list[dict[str, Any]]:
        """Every answer of one kind."""
        found = [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []
        return [line for line in found if line["what"] == what]
