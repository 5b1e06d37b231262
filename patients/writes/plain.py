"""Frozen findings as plain data for a row, and the digest that tells whether a row says the same."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Plain JSON data of what `asdict` gives: dates as text, exact decimals as text, words by their value.

    >>> plain({"on": date(2024, 1, 2), "mm": Decimal("1.5"), "parts": (1, None)})
    {'on': '2024-01-02', 'mm': '1.5', 'parts': [1, None]}
    """
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | str) else value


def digest_of(finding: Any) -> str:
    """SHA-256 over everything a finding says.

    Not over asdict(): copying thousands of numbers takes ten times as long as writing them out.
    """
    return hashlib.sha256(json.dumps(_said(finding), default=_said).encode()).hexdigest()


def _said(value: Any) -> Any:
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    return value if isinstance(value, list | tuple) else str(value)
