"""How an outline was made, as one line of text: kind of file, how much a machine did, and the tool with its version."""

from collections.abc import Mapping
from typing import Any

from patients.vocabulary import AlgorithmType, OutlineFormat


def method_text(made_with: Mapping[str, Any]) -> str:
    """The line that two outlines share when they were made alike; empty where nothing was kept.

    Examples
    --------
    >>> method_text({"format": "SEG", "algorithm_type": "AUTOMATIC", "algorithm": "Net 2", "tool": "Acme PACS 4.1"})
    'DICOM SEG, Automatic, Net 2, Acme PACS 4.1'
    >>> method_text({})
    ''
    """
    if not made_with.get("format"):
        return ""
    parts = [
        OutlineFormat(made_with["format"]).label,
        AlgorithmType(made_with.get("algorithm_type") or AlgorithmType.UNKNOWN).label,
        str(made_with.get("algorithm") or ""),
        str(made_with.get("tool") or ""),
    ]
    return ", ".join(part for part in parts if part)


def annotator_text(made_with: Mapping[str, Any]) -> str:
    """Who drew it, told apart but not named: the first digits of a keyed hash; empty where the file names nobody."""
    found = str(made_with.get("annotator") or "")
    return f"reader {found}" if found else ""
