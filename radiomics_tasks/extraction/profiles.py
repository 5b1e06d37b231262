"""Named, versioned extraction settings, one file each in profiles/, and the digest that tells them apart."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml

from radiomics_tasks.errors import NeedsPerson
from radiomics_tasks.extraction.bands import band_names

_FOLDER = Path(__file__).parent / "profiles"
_OF_MODALITY = {"CT": "ct", "MR": "mr", "PT": "pet"}
# With filtered images; asked for, since they take some fifteen times as long.
_FULL_OF_MODALITY = {"CT": "ct-full", "MR": "mr-full"}
_IBSI_OF_MODALITY = {"CT": "ct-ibsi"}
# Whose definitions a profile's numbers follow.
PYRADIOMICS, IBSI = "pyradiomics", "ibsi"


@dataclass(frozen=True)
class Profile:
    """One pinned set of extraction settings.

    Parameters
    ----------
    name, version : what people call it.
    digest : SHA-256 (hex) of all of it as JSON with sorted keys; numbers of two digests are never compared.
    modality : DICOM Modality it is meant for.
    conformance : whose definitions the numbers follow, pyradiomics' or IBSI's.
    settings : every setting of the engine, its defaults written out.
    image_types : image type (`Original`, `LoG`, …) to its own settings.
    features : feature class to the quantities of that class, in order.
    minimum_voxels, few_voxels : voxels after resampling under which texture is withheld, or warned about.
    """

    name: str
    version: int
    digest: str
    modality: str
    conformance: str
    settings: Mapping[str, Any]
    image_types: Mapping[str, Mapping[str, Any]]
    features: Mapping[str, tuple[str, ...]]
    minimum_voxels: int
    few_voxels: int

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A profile from plain data, as it stands in its file; a missing part raises KeyError."""
        return cls(
            name=str(data["name"]),
            version=int(data["version"]),
            digest=_digest(data),
            modality=str(data["modality"]),
            conformance=str(data["conformance"]),
            settings=dict(data["settings"]),
            image_types={kind: dict(own or {}) for kind, own in data["image_types"].items()},
            features={group: tuple(quantities) for group, quantities in data["features"].items()},
            minimum_voxels=int(data["minimum_voxels"]),
            few_voxels=int(data["few_voxels"]),
        )

    @property
    def spacing_mm(self) -> tuple[float, float, float] | None:
        """Voxel size after resampling along i, j, k; None where the scan's own voxels are kept."""
        spacing = self.settings["resampledPixelSpacing"]
        return None if spacing is None else (float(spacing[0]), float(spacing[1]), float(spacing[2]))

    @property
    def is_unfiltered(self) -> bool:
        """Whether features are taken from the image itself only, so that no filter looks beyond the lesion."""
        return set(self.image_types) == {"Original"}

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of all its features, always the same ones in the same order; shape is of the mask alone."""
        return tuple(
            f"{band}_{group}_{quantity}"
            for band in band_names(self.image_types)
            for group, all_ in self.features.items()
            if group != "shape" or band == "original"
            for quantity in all_
        )


def profile_for(modality: str) -> Profile:
    """The profile of a scan, by its DICOM Modality; raises NeedsPerson Q_MODALITY where there is none."""
    if modality not in _OF_MODALITY:
        said = f"says {modality}" if modality else "does not say what it is"
        raise NeedsPerson("Q_MODALITY", f"CT, MR or PET can be measured; this scan {said}. Choose the modality.")
    return profile_named(_OF_MODALITY[modality])


def full_profile_for(modality: str) -> Profile | None:
    """The profile with filtered images of a scan, by its DICOM Modality; None where there is none (PET)."""
    return profile_named(_FULL_OF_MODALITY[modality]) if modality in _FULL_OF_MODALITY else None


def further_profiles_for(modality: str) -> tuple[Profile, ...]:
    """The profiles that can be asked for beside the one that is followed, by DICOM Modality."""
    names = (all_.get(modality) for all_ in (_FULL_OF_MODALITY, _IBSI_OF_MODALITY))
    return tuple(profile_named(name) for name in names if name)


@cache
def profile_named(name: str) -> Profile:
    """A shipped profile (`ct`, `mr`, `pet`, `ct-full`, `mr-full`, `ct-ibsi`)."""
    if name not in {*_OF_MODALITY.values(), *_FULL_OF_MODALITY.values(), *_IBSI_OF_MODALITY.values()}:
        raise ValueError(f"no profile is named {name!r}")
    return Profile.from_dict(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def _digest(data: Mapping[str, Any]) -> str:
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
