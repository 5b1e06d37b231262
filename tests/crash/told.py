"""What a storm came to: counted, added up over several runs by a file of lines, and told."""

import json
import math
import statistics
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.whole_site import LEASE_SECONDS, RECONCILE_SECONDS

BAR_SECONDS = LEASE_SECONDS + 2 * RECONCILE_SECONDS


@dataclass
class Told:
    """The faults by kind, what was broken, and how long interrupted work was left alone (s)."""

    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    recovered_s: list[float] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def sentences(self) -> str:
        """For a person."""
        recovered = sorted(self.recovered_s)
        p95 = recovered[math.ceil(0.95 * len(recovered)) - 1] if recovered else None
        return json.dumps(
            {
                "faults": sum(self.faults.values()),
                "by kind": dict(self.faults.most_common()),
                "violations": self.violations,
                "interrupted runs": len(recovered),
                "recovery s": {
                    "median": round(statistics.median(recovered), 1) if recovered else None,
                    "p95": round(p95, 1) if p95 is not None else None,
                    "max": round(recovered[-1], 1) if recovered else None,
                    "bar": BAR_SECONDS,
                    "within it": None if p95 is None else p95 <= BAR_SECONDS,
                },
                **self.notes,
            },
            indent=1,
        )


@dataclass(frozen=True)
class Bursts:
    """The bursts of all runs that wrote into one file, a line each; without a file only this run's."""

    path: Path | None

    def lines(self) -> list[dict[str, Any]]:
        """What is written so far."""
        if self.path is None or not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def add(self, **facts: Any) -> None:
        """One burst that is over."""
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(f"{json.dumps(facts)}\n")

    def summed(self) -> dict[str, Any]:
        """Over all of them."""
        lines = self.lines()
        kinds: Counter[str] = Counter()
        for line in lines:
            kinds.update(line["by kind"])
        return {
            "bursts": len(lines),
            "faults": sum(kinds.values()),
            "by kind": dict(kinds.most_common()),
            "violations": [found for line in lines for found in line["violations"]],
        }
