"""What was measured, as a table with its verdicts."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.load.readers import Look

# Kind of page and the most that its 95th percentile may be under load (ms).
BARS_MS = {"patient": 400, "list": 300}
MOST_RATIO = 1.5
# Too few for a 95th percentile: shown, not judged.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of one kind of page (ms)."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        """The nearest-rank percentiles of at least one duration (s)."""
        in_order = sorted(1000 * one for one in seconds)

        def rank(share: float) -> float:
            return in_order[max(0, math.ceil(share * len(in_order)) - 1)]

        return cls(len(in_order), statistics.median(in_order), rank(0.95), rank(0.99))


def spreads(looks: Iterable[Look]) -> dict[str, Spread]:
    """By kind of page, of those that were shown."""
    taken: dict[str, list[float]] = defaultdict(list)
    for one in looks:
        if one.status == 200:
            taken[one.kind].append(one.seconds)
    return {kind: Spread.of(seconds) for kind, seconds in taken.items()}


def broken(looks: Iterable[Look]) -> list[str]:
    """Each look that was not shown, in words: errors of the server above all."""
    return [f"{one.status} {one.kind}" for one in looks if one.status != 200]


def table(idle: dict[str, Spread], loaded: dict[str, Spread]) -> str:
    """One line a kind of page."""
    columns = f"{'p50':>6}{'p95':>6}{'p99':>6}"
    head = f"{'page (ms)':<22}{'idle n':>7}{columns}{'loaded n':>10}{columns}{'p95 ratio':>11}  verdict"
    lines = [head]
    for kind in sorted({*idle, *loaded}):
        one, other = idle.get(kind), loaded.get(kind)
        ratio = f"{other.p95 / one.p95:.2f}" if one and other else ""
        verdict = "; ".join(missed(kind, one, other)) or ("ok" if kind in BARS_MS and other else "")
        lines.append(f"{kind:<22}{_cells(one, 7)}{_cells(other, 10)}{ratio:>11}  {verdict}")
    return "\n".join(lines)


def _cells(spread: Spread | None, width: int) -> str:
    if spread is None:
        return " " * (width + 18)
    return f"{spread.count:>{width}}{spread.p50:>6.0f}{spread.p95:>6.0f}{spread.p99:>6.0f}"


def missed(kind: str, idle: Spread | None, loaded: Spread | None) -> list[str]:
    """The bars that one kind of page does not meet; other kinds have none of their own."""
    if kind not in BARS_MS:
        return []
    if loaded is None or loaded.count < FEWEST:
        return [f"fewer than {FEWEST} looks"]
    found = []
    if loaded.p95 > BARS_MS[kind]:
        found.append(f"p95 over {BARS_MS[kind]} ms")
    if idle and loaded.p95 > MOST_RATIO * idle.p95:
        found.append(f"p95 over {MOST_RATIO} times idle")
    return found
