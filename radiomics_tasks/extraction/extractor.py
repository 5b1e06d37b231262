"""Voxels and an outline to features, by the engine in force: our own, or pyradiomics.

The numbers are pyradiomics' own, of the scan in LPS order: its resampling grid starts at the scan's corner and
its surface mesh is not the same in a mirror, so the order of a file's axes must not decide a number.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from patients.vocabulary import Absence
from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.build import OWN, REFERENCE, Build, build_of
from radiomics_tasks.extraction.crop import Box, Crop, crop_for
from radiomics_tasks.extraction.profiles import IBSI, Profile
from radiomics_tasks.extraction.provenance import described, grey_levels, warnings_of
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Mask, Volume, place_on, sub_grid

# Where the lesion has one grey level, or no spread at all, these divide nought by nought;
# the engine then answers by convention (0, 1 or a million), which is no measurement.
_UNDEFINED_IN_ONE_LEVEL = (
    *("glcm_Correlation", "glcm_Imc1", "glcm_MCC"),
    *("ngtdm_Busyness", "ngtdm_Coarseness", "ngtdm_Contrast", "ngtdm_Strength"),
)
_UNDEFINED_WITHOUT_SPREAD = (*_UNDEFINED_IN_ONE_LEVEL, "firstorder_Skewness", "firstorder_Kurtosis")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The features of one outline, once.

    `values` and `reasons` have the length of `names`: a value that is not defined is None, with its Absence beside it.
    """

    names: tuple[str, ...]
    values: tuple[float | None, ...]
    reasons: tuple[str | None, ...]
    profile: str
    profile_digest: str
    engine: str
    build_digest: str
    versions: dict[str, str]
    provenance: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The features as plain data; floats keep every bit through JSON."""
        return asdict(self)


class Extractor(Protocol):
    """An engine bound to one scan (in LPS order) and one profile."""

    def extract(self, mask: Mask) -> Extracted:
        """The features of one outline; raises Refusal where scan or outline cannot be measured."""


class Engine(Protocol):
    """What takes the numbers: a module of functions, of pyradiomics' definitions and names."""

    def refuses(self, profile: Profile, /) -> str:
        """Why it cannot measure under a profile; empty where it can."""

    def normalised(self, image: sitk.Image, profile: Profile, /) -> sitk.Image:
        """The whole scan as the profile wants its grey values."""

    def resampled(
        self, image: sitk.Image, mask: Mask, tight: Box, profile: Profile, /
    ) -> tuple[sitk.Image, sitk.Image]:
        """Image and mask on the profile's grid, cut to the lesion with padding."""

    def features(
        self, image: sitk.Image, mask: sitk.Image, wanted: Mapping[str, list[str]], profile: Profile, threads: int, /
    ) -> dict[str, float]:
        """Name to value; an image type that this crop is too small for is left out."""


@dataclass(frozen=True, slots=True)
class _Resampled:
    image: sitk.Image
    mask: sitk.Image
    values: npt.NDArray[np.float64]  # voxels of the lesion
    extent: tuple[int, ...]  # of the lesion along (k, j, i)


class ScanExtractor:
    """An engine on one scan; what belongs to the whole scan (its digest, its normalisation) is done once.

    `engine`: the one that is wanted, own or pyradiomics; `build` tells which one it is, since pyradiomics stands in
    where ours is not built or has not what the profile asks for. `threads`: how many filtered images are measured side
    by side, by our own; the bits do not hang on it.
    """

    def __init__(self, volume: Volume, profile: Profile, engine: str = OWN, threads: int = 1) -> None:
        self._volume = volume
        self._profile = profile
        self.build, self._engine = _in_force(engine, profile)
        self._threads = threads
        # One thread: sums run in one order, so the numbers are the same to the bit on every machine.
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)

    def extract(self, mask: Mask, withheld: Mapping[str, Absence] | None = None) -> Extracted:
        """The features of one outline of the scan; `withheld`: feature classes that it must not have, and why.

        Raises Refusal E_MASK_EMPTY, E_MASK_GEOMETRY (not on the scan's grid) or E_NONFINITE
        (voxels that are not numbers where the engine would read them).
        """
        placed = mask if mask.grid == self._volume.grid else place_on(self._volume.grid, mask)
        crop = crop_for(placed.grid, placed.array, self._profile)
        self._refuse_non_numbers(crop)
        resampled = self._resample(placed, crop)
        values, reasons = self._features(resampled, withheld or {})
        provenance = {
            "volume_digest": self.volume_digest,
            "mask_digest": mask.digest,
            "profile": f"{self._profile.name} {self._profile.version}",
            "conformance": self._profile.conformance,
            **described(self._volume, placed, crop),
            "spacing_after_mm": list(resampled.image.GetSpacing()),
            "roi_voxels_after": int(resampled.values.size),
            "grey_levels": grey_levels(resampled.values, self._profile),
            "warnings": warnings_of(resampled.values, resampled.image.GetSpacing(), self._profile),
        }
        return self._told(values, reasons, provenance)

    def extract_moved(self, image: sitk.Image, mask: sitk.Image) -> tuple[float | None, ...]:
        """The values of an image and its outline (1 inside) that were resampled elsewhere, in the profile's spacing."""
        return self._features(_taken(image, mask), {})[0]

    def absent(self, reason: Absence) -> Extracted:
        """Every feature of this profile, each without a value for one reason."""
        names = self._profile.feature_names
        return self._told((None,) * len(names), (reason.value,) * len(names), {"volume_digest": self.volume_digest})

    def _told(
        self, values: tuple[float | None, ...], reasons: tuple[str | None, ...], provenance: dict[str, Any]
    ) -> Extracted:
        return Extracted(
            names=self._profile.feature_names,
            values=values,
            reasons=reasons,
            profile=self._profile.name,
            profile_digest=self._profile.digest,
            engine=self.build.engine,
            build_digest=self.build.digest,
            versions=dict(self.build.versions),
            provenance=provenance,
        )

    @cached_property
    def volume_digest(self) -> str:
        """The identity of the scan this extractor is bound to."""
        return self._volume.digest

    @cached_property
    def grey_values(self) -> npt.NDArray[np.float32]:
        """The whole scan as the profile wants its grey values, before anything is cut away."""
        if not self._profile.settings["normalize"]:
            return self._volume.array
        image = self._engine.normalised(image_of(self._volume.grid, self._volume.array), self._profile)
        whole: npt.NDArray[np.float32] = sitk.GetArrayFromImage(image)
        return whole

    def _refuse_non_numbers(self, crop: Crop) -> None:
        read = self._volume.array if self._profile.settings["normalize"] else self._volume.array[crop.box]
        bad = int(np.count_nonzero(~np.isfinite(read)))
        if bad:
            raise Refusal(
                "E_NONFINITE",
                f"{bad} voxels in or around the lesion are not numbers. Export the scan again.",
            )

    def _resample(self, placed: Mask, crop: Crop) -> _Resampled:
        image = image_of(sub_grid(placed.grid, crop.box), self.grey_values[crop.box])
        if self._profile.spacing_mm is None:
            mask = image_of(sub_grid(placed.grid, crop.box), placed.array[crop.box].astype(np.uint8))
        else:
            # The engine takes the resampling grid from the mask alone: the mask stays whole, only the image is cut.
            image, mask = self._engine.resampled(image, placed, crop.tight, self._profile)
        return _taken(image, mask)

    def _features(
        self, resampled: _Resampled, unwanted: Mapping[str, Absence]
    ) -> tuple[tuple[float | None, ...], tuple[str | None, ...]]:
        withheld = {**self._withheld(resampled), **unwanted}
        wanted = {group: list(own) for group, own in self._profile.features.items() if group not in withheld}
        found = (
            self._engine.features(resampled.image, resampled.mask, wanted, self._profile, self._threads)
            if wanted
            else {}
        )
        undefined = _undefined(found)
        values: list[float | None] = []
        reasons: list[str | None] = []
        for name in self._profile.feature_names:
            reason = withheld.get(name.split("_")[1])
            if reason is None and name not in found:
                reason = Absence.NOT_COMPUTED
            value = None if reason or name in undefined else _finite(found[name])
            values.append(value)
            reasons.append(None if value is not None else str((reason or Absence.NONFINITE).value))
        return tuple(values), tuple(reasons)

    def _withheld(self, resampled: _Resampled) -> dict[str, Absence]:
        """The feature classes that this lesion cannot have, each with the reason."""
        withheld: dict[str, Absence] = {}
        if resampled.values.size < self._profile.minimum_voxels:
            withheld = {group: Absence.SMALL_ROI for group in self._profile.features if group != "shape"}
        if not resampled.values.size:
            withheld["shape"] = Absence.NONFINITE
        elif min(resampled.extent) == 1:
            withheld["shape"] = Absence.FLAT_ROI
        return withheld


def extract(volume: Volume, mask: Mask, profile: Profile, engine: str = OWN) -> Extracted:
    """The features of one outline of a scan in LPS order; for several outlines keep one ScanExtractor."""
    return ScanExtractor(volume, profile, engine).extract(mask)


def _in_force(wanted: str, profile: Profile) -> tuple[Build, Engine]:
    """Only the engine that is used is loaded: pyradiomics takes half a second of every process."""
    build = build_of(wanted)
    if profile.conformance == IBSI:
        return _ibsi_in_force(profile)
    if build.name == OWN:
        from radiomics_tasks.extraction.engine import own

        if not own.refuses(profile):
            return build, own
    from radiomics_tasks.extraction import reference

    return build_of(REFERENCE), reference


def _ibsi_in_force(profile: Profile) -> tuple[Build, Engine]:
    """Only our own has them, whichever engine takes the other numbers."""
    from radiomics_tasks.extraction.engine import ibsi

    build = build_of(OWN)
    refusal = ibsi.refuses(profile) or ("" if build.name == OWN else "the engine's kernels are not built here")
    if refusal:
        raise Refusal("E_IBSI", f"{profile.name} cannot be measured: {refusal}.")
    return build, ibsi


def _taken(image: sitk.Image, mask: sitk.Image) -> _Resampled:
    inside = sitk.GetArrayViewFromImage(mask).astype(np.bool_)
    values = sitk.GetArrayViewFromImage(image)[inside].astype(np.float64)
    extent = tuple(int(np.ptp(places)) + 1 for places in np.nonzero(inside)) if values.size else (0, 0, 0)
    return _Resampled(image, mask, values, extent)


def _undefined(found: Mapping[str, float]) -> frozenset[str]:
    """What means nothing in an image in which the lesion has one grey level, or no spread at all."""
    undefined: set[str] = set()
    for image_type in {name.rsplit("_", 2)[0] for name in found}:
        quantities: tuple[str, ...] = ()
        if found.get(f"{image_type}_firstorder_Range") == 0:
            quantities = _UNDEFINED_WITHOUT_SPREAD
        elif found.get(f"{image_type}_firstorder_Uniformity") == 1:
            quantities = _UNDEFINED_IN_ONE_LEVEL
        undefined.update(f"{image_type}_{quantity}" for quantity in quantities)
    return frozenset(undefined)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
