"""Which build of which engine takes the numbers: name, versions and one digest over them. Loads no library."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from radiomics_tasks.extraction.engine.compiled import is_built, source_digest

# Our own engine, and the one whose numbers are the definition.
OWN, REFERENCE = "own", "pyradiomics"
ENGINES = (OWN, REFERENCE)
DISTRIBUTION = "pyradiomics-bhklab"
KERNELS = "deltarad-kernels"
# Raise the first with every change of code around the engines that may change a number, the second with one of our
# own engine's Python; its C sources are in the digest by themselves.
EXTRACTOR_VERSION = 1
OWN_VERSION = 1


@dataclass(frozen=True)
class Build:
    """One build: the same build gives the same numbers bit for bit.

    Parameters
    ----------
    name : OWN or REFERENCE.
    engine : in words, name and version.
    versions : of each part that the numbers depend on.
    digest : SHA-256 (hex) over `versions`.
    """

    name: str
    engine: str
    versions: dict[str, str]
    digest: str


def build_of(wanted: str) -> Build:
    """The build in force where this engine is wanted: the reference stands in where our own is not built."""
    if wanted not in ENGINES:
        raise ValueError(f"no engine is named {wanted!r}")
    return _build(REFERENCE if wanted == OWN and not is_built() else wanted)


def engine_of(versions: Mapping[str, str]) -> str:
    """Which engine took numbers with these versions."""
    return OWN if KERNELS in versions else REFERENCE


@cache
def _build(name: str) -> Build:
    parts = ("SimpleITK", "PyWavelets", "numpy")
    versions = {part: version(part) for part in (DISTRIBUTION, *parts) if name == REFERENCE or part != DISTRIBUTION}
    if name == OWN:
        versions |= {KERNELS: source_digest()[:16], "engine": str(OWN_VERSION)}
        engine = f"deltarad {OWN_VERSION} (kernels {source_digest()[:8]})"
    else:
        engine = f"{DISTRIBUTION} {versions[DISTRIBUTION]}"
    versions["extractor"] = str(EXTRACTOR_VERSION)
    digest = hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()
    return Build(name, engine, versions, digest)
