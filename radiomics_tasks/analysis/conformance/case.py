"""One written case after the engine has run it: what was expected, what was obtained, whether they agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """A case and its answers, key by key; `obtained` may hold more keys than were expected.

    Values are plain: text, numbers, None, and lists and mappings of them.
    """

    case_id: str
    title: str
    expected: Mapping[str, Any]
    obtained: Mapping[str, Any]

    @property
    def agrees(self) -> dict[str, bool]:
        """Whether each expected value was obtained; a key that was not obtained does not agree."""
        return {
            key: key in self.obtained and plain(value) == plain(self.obtained[key])
            for key, value in self.expected.items()
        }

    @property
    def is_met(self) -> bool:
        """Whether something was expected and all of it was obtained."""
        return bool(self.expected) and all(self.agrees.values())


def plain(value: Any) -> Any:
    """A value as it is compared and printed: numbers as exact decimals, dates as text, tuples as lists.

    Examples
    --------
    >>> plain(17.5) == plain(Decimal("17.50")), plain((date(2024, 1, 1), None))
    (True, ['2024-01-01', None])
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
