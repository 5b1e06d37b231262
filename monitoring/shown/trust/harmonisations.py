"""Versions of a harmonisation as a page lists them: scanners, covariates, doubts and what was left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patients.words.harmonisation_words import Covariate, LeftOut

# As the extraction names them.
PROFILES = {"ct": "CT", "mr": "MR", "pet": "PET"}
_KINDS = {"row": "lesion", "feature": "feature"}


@dataclass(frozen=True, slots=True)
class ScannerSeen:
    """One batch of a model: its label, how many lesions, and whether only its mean is moved."""

    label: str
    rows: int
    is_mean_only: bool


@dataclass(frozen=True, slots=True)
class VersionShown:
    """What one version saw; `refused` are scanners with the reason, `left_out` the rest, in counts."""

    rows: int
    subjects: int
    features: int
    scanners: tuple[ScannerSeen, ...]
    covariates: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]


def version_shown(content: Mapping[str, Any]) -> VersionShown:
    """A model's parameters for reading.

    Examples
    --------
    >>> whole = {"rows": 40, "subjects": 30, "features": [{}], "batches": [], "covariates": [{"covariate": "organ"}]}
    >>> gap = {"kind": "row", "name": "P-1", "why": "MISSING_VALUE"}
    >>> lone = {"kind": "batch", "name": "B", "why": "SINGLE_ROW"}
    >>> shown = version_shown({**whole, "warnings": [], "omissions": [gap, lone]})
    >>> shown.covariates, shown.left_out
    (('organ',), ('1 lesion: a feature of the model is missing',))
    >>> shown.refused[0][0]
    'B'
    """
    omissions = [(one["kind"], one["name"], LeftOut(one["why"])) for one in content["omissions"]]
    counted = Counter((kind, why) for kind, _, why in omissions if kind in _KINDS)
    return VersionShown(
        rows=content["rows"],
        subjects=content["subjects"],
        features=len(content["features"]),
        scanners=tuple(ScannerSeen(one["label"], one["rows"], one["is_mean_only"]) for one in content["batches"]),
        covariates=tuple(Covariate(one["covariate"]).label for one in content["covariates"]),
        refused=tuple((name, why.label) for kind, name, why in omissions if kind == "batch"),
        left_out=(
            *(f"{Covariate(name).label}: {why.label}" for kind, name, why in omissions if kind == "covariate"),
            *(f"{n} {_KINDS[kind]}{'s' if n > 1 else ''}: {why.label}" for (kind, why), n in counted.items()),
        ),
        warnings=tuple(content["warnings"]),
    )
