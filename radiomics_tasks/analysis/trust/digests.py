"""The digest of a file of rules or of a model: over its content, not over how it is laid out."""

import hashlib
import json
from typing import Any


def content_digest(data: Any) -> str:
    """SHA-256 of plain data, the same for every order of keys and every layout.

    Examples
    --------
    >>> content_digest({"a": 1, "b": 2}) == content_digest({"b": 2, "a": 1}) != content_digest({"a": 1, "b": 3})
    True
    """
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
