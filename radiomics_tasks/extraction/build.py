"""Which build of the engine takes the numbers: name, versions and one digest over them. Loads no library."""

import hashlib
import json
from functools import cache
from importlib.metadata import version

DISTRIBUTION = "pyradiomics-bhklab"
# Raise it with every change of our own code that may change a number.
EXTRACTOR_VERSION = 1


@cache
def versions() -> dict[str, str]:
    """Version of each part that the numbers depend on."""
    parts = {name: version(name) for name in (DISTRIBUTION, "SimpleITK", "PyWavelets", "numpy")}
    return {**parts, "extractor": str(EXTRACTOR_VERSION)}


def engine() -> str:
    """The engine in words, name and version."""
    return f"{DISTRIBUTION} {versions()[DISTRIBUTION]}"


@cache
def build_digest() -> str:
    """SHA-256 (hex) over `versions`: the same build gives the same numbers bit for bit."""
    return hashlib.sha256(json.dumps(versions(), sort_keys=True).encode()).hexdigest()
