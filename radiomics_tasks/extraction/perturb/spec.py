"""Named, versioned kinds of perturbation, kept as data in specs.json, with the digest that tells them apart."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

_FILE = Path(__file__).with_name("specs.json")
DEFAULT = "outline-and-image"


@dataclass(frozen=True, slots=True)
class PerturbationSpec:
    """One kind of perturbation; each repeat draws anew from all of it.

    Parameters
    ----------
    name, version : what people call it; the version rises with every change of how it is done.
    repeats : how many times an outline is extracted.
    shift_voxels : the patient is moved by up to this part of a voxel of the scan along each axis, uniformly.
    rotation_degrees : and turned about each axis by up to this angle, about the lesion's centre.
    contour_voxels : the outline's surface moves outwards or inwards by at most this many voxels; the shift is a
        smooth field of normal numbers whose standard deviation is half of it.
    contour_correlation_mm : standard deviation of the Gaussian that smooths that field.
    noise_ratio : noise is added whose standard deviation is this part of the scan's own around the lesion.
    """

    name: str
    version: int
    repeats: int
    shift_voxels: float
    rotation_degrees: float
    contour_voxels: float
    contour_correlation_mm: float
    noise_ratio: float

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all of it."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The settings back from plain data; a missing or unknown one raises TypeError."""
        return cls(**data)

    def seed(self, mask_digest: str, volume_digest: str) -> str:
        """What the random numbers of one outline start from (SHA-256, hex): the same one for the same inputs."""
        return hashlib.sha256(f"{mask_digest}|{volume_digest}|{self.digest}".encode()).hexdigest()


def spec_named(name: str = DEFAULT, repeats: int | None = None) -> PerturbationSpec:
    """A shipped kind of perturbation, with another number of repeats where one is asked for.

    Raises
    ------
    ValueError
        No kind has this name, or fewer than two repeats are asked for.
    """
    known = json.loads(_FILE.read_text(encoding="utf-8"))
    if name not in known:
        raise ValueError(f"no perturbation is named {name!r}")
    spec = PerturbationSpec.from_dict(known[name])
    spec = spec if repeats is None else replace(spec, repeats=repeats)
    if spec.repeats < 2:
        raise ValueError("a spread needs at least two repeats")
    return spec
