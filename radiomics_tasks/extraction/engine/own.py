"""All features of one image and its mask, by kernels of our own: pyradiomics' definitions and names."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import resampling
from radiomics_tasks.extraction.engine.bins import binned, boxed, edges_of
from radiomics_tasks.extraction.engine.filters import FILTERS, Crop, Filtered, filtered
from radiomics_tasks.extraction.engine.firstorder import first_order_features
from radiomics_tasks.extraction.engine.shape import shape_features
from radiomics_tasks.extraction.engine.texture import texture_features
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.volume import Mask

# Settings whose other values these kernels do not have.
ONLY = {"distances": [1], "symmetricalGLCM": True, "weightingNorm": None, "gldm_a": 0, "force2D": False}
_TEXTURE = frozenset({"glcm", "glrlm", "glszm", "gldm", "ngtdm"})


def refuses(profile: Profile) -> str:
    """Why a profile cannot be measured by these kernels; empty where it can."""
    for name, only in ONLY.items():
        if profile.settings.get(name, only) != only:
            return f"{name} is {profile.settings[name]!r}, and the engine has only {only!r}"
    if profile.settings.get("resegmentRange") is not None:
        return "resegmentRange is set"
    if profile.image_types.get("Wavelet", {}).get("wavelet", "coif1") != "coif1":
        return "the engine's wavelet is coif1"
    strange = sorted(set(profile.image_types) - set(FILTERS))
    return f"it has no {' and no '.join(strange)}" if strange else ""


def normalised(image: sitk.Image, profile: Profile) -> sitk.Image:
    """The whole scan, normalised as the profile says."""
    return resampling.normalised(image, profile.settings)


def resampled(image: sitk.Image, mask: Mask, tight: resampling.Box, profile: Profile) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask on the profile's grid, cut to the lesion with padding."""
    return resampling.resampled(image, mask, tight, profile.settings)


class Lesion:
    """Where a lesion's voxels lie: in the crop, in their own box, and in that box with its border."""

    def __init__(self, mask: npt.NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> None:
        places = np.flatnonzero(mask)
        k, j, i = np.unravel_index(places, mask.shape)
        low = [int(axis.min()) for axis in (k, j, i)]
        high = [int(axis.max()) + 1 for axis in (k, j, i)]
        self.places = places
        self.box = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
        self.mask = mask[self.box]
        self.places_in_box = np.flatnonzero(self.mask)
        self.spacing_mm = spacing_mm
        self.voxel_mm3 = float(np.multiply.reduce(spacing_mm))
        planes, rows, row = (b - a + 2 for a, b in zip(low, high, strict=True))
        self.bordered_shape = (planes, rows, row)
        self.bordered_places = ((k - (low[0] - 1)) * rows + (j - (low[1] - 1))) * row + (i - (low[2] - 1))


def features(
    image: sitk.Image, mask: sitk.Image, wanted: Mapping[str, list[str]], profile: Profile, threads: int = 1
) -> dict[str, float]:
    """`imagetype_class_Quantity` to value; an image that a filter does not have for this crop is left out.

    Each filtered image is one thread's, from filter to features: the bits are the same for any number of threads.
    """
    lesion = Lesion(sitk.GetArrayViewFromImage(mask) == profile.settings["label"], image.GetSpacing())
    crop = Crop(image, lesion.box, lesion.places, lesion.places_in_box)
    classes = frozenset(wanted) - {"shape"}

    def of(told: Filtered) -> dict[str, float]:
        name, compute = told
        return _named(name, of_image(compute(), lesion, classes, profile.settings))

    found: dict[str, float] = {}
    if "shape" in wanted:
        found |= _named("original", shape_features(lesion.mask, lesion.spacing_mm))
    images = filtered(crop, profile.image_types) if classes else iter(())
    # Divisions by nought end as NaN, which the extractor tells as not defined.
    with np.errstate(all="ignore"), ThreadPoolExecutor(threads) as pool:
        for one in map(of, images) if threads == 1 else pool.map(of, images):
            found |= one
    return {name: found[name] for name in profile.feature_names if name in found}


def of_image(
    values: npt.NDArray[Any], lesion: Lesion, wanted: frozenset[str], settings: Mapping[str, Any]
) -> dict[str, float]:
    """`class_Quantity` to value, of one image's values inside the lesion."""
    rising = np.sort(values)
    in_bins = binned(values.astype(np.float64), edges_of(rising[0], rising[-1], settings))
    found: dict[str, float] = {}
    if "firstorder" in wanted:
        shift = float(settings.get("voxelArrayShift", 0))
        found |= first_order_features(rising.astype(np.float64), in_bins.counts, shift, lesion.voxel_mm3)
    if wanted & _TEXTURE:
        box = boxed(in_bins, lesion.bordered_places, lesion.bordered_shape)
        found |= texture_features(box, in_bins.grey)
    return found


def _named(image_type: str, found: Mapping[str, float]) -> dict[str, float]:
    return {f"{image_type}_{name}": value for name, value in found.items()}
