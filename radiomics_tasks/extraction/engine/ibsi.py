"""IBSI's definitions by the same kernels: its grid, its mask, its rounding, its range, its bins, its kurtosis.

Image Biomarker Standardisation Initiative, Zwanenburg 2020, doi:10.1148/radiol.2020191145. Of its features those that
the kernels have, under pyradiomics' names; texture in three dimensions, averaged over directions.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import own
from radiomics_tasks.extraction.engine.bins import Binned, binned, boxed
from radiomics_tasks.extraction.engine.firstorder import first_order_features
from radiomics_tasks.extraction.engine.resampling import Box
from radiomics_tasks.extraction.engine.shape import shape_features
from radiomics_tasks.extraction.engine.texture import texture_features
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Grid, Mask, sub_grid

Floats = npt.NDArray[np.float64]
# Of a voxel's share of the mask after linear interpolation: a half, which the rounding of a place must not decide.
INSIDE = 0.5 - 1e-9
_NORMAL_KURTOSIS = 3


def refuses(profile: Profile) -> str:
    """Why a profile cannot be measured so; empty where it can."""
    for name, only in own.ONLY.items():
        if profile.settings.get(name, only) != only:
            return f"{name} is {profile.settings[name]!r}, and the engine has only {only!r}"
    return "" if profile.is_unfiltered else "filtered images have no IBSI profile here"


def normalised(_image: sitk.Image, profile: Profile) -> sitk.Image:
    """IBSI has no normalisation of a whole scan."""
    raise ValueError(f"{profile.name} normalises the scan")


def resampled(image: sitk.Image, mask: Mask, tight: Box, profile: Profile) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask on a grid that has its middle in common with the scan's, cut to the lesion.

    Grey values are rounded to whole ones; the mask holds where half of it or more is left.
    """
    target = _target(mask.grid, tight, np.array(profile.settings["resampledPixelSpacing"], dtype=np.float64))
    found = sitk.GetArrayFromImage(_on(target, image, getattr(sitk, profile.settings["interpolator"])))
    box = tuple(
        slice(max(0, part.start - 2), min(side, part.stop + 2))
        for part, side in zip(tight, mask.grid.shape, strict=True)
    )
    near: Box = (box[0], box[1], box[2])
    share = image_of(sub_grid(mask.grid, near), mask.array[near].astype(np.float64))
    marked = sitk.GetArrayFromImage(_on(target, share, sitk.sitkLinear)) >= INSIDE
    return image_of(target, np.rint(found)), image_of(target, marked.astype(np.uint8))


def features(
    image: sitk.Image, mask: sitk.Image, wanted: Mapping[str, list[str]], profile: Profile, _threads: int = 1
) -> dict[str, float]:
    """`original_class_Quantity` to value: shape of the whole mask, the rest of what lies in the profile's range."""
    array = sitk.GetArrayViewFromImage(image).astype(np.float64)
    inside = sitk.GetArrayViewFromImage(mask) == profile.settings["label"]
    found: dict[str, float] = {}
    if "shape" in wanted:
        lesion = own.Lesion(inside, image.GetSpacing())
        found |= _of_a_sample(shape_features(lesion.mask, lesion.spacing_mm), lesion.places.size)
    kept = _in_range(array, inside, profile.settings)
    if set(wanted) - {"shape"} and kept.any():
        with np.errstate(all="ignore"):
            found |= _of_grey(array[kept], own.Lesion(kept, image.GetSpacing()), profile.settings)
    named = {f"original_{name}": value for name, value in found.items()}
    return {name: named[name] for name in profile.feature_names if name in named}


def _of_a_sample(shape: dict[str, float], voxels: int) -> dict[str, float]:
    """Axis lengths from the covariance of a sample: divided by one voxel less than pyradiomics does."""
    wider = math.sqrt(voxels / (voxels - 1)) if voxels > 1 else 1.0
    return {name: value * wider if name.endswith("AxisLength") else value for name, value in shape.items()}


def _of_grey(values: Floats, lesion: own.Lesion, settings: Mapping[str, Any]) -> dict[str, float]:
    in_bins = _binned(values, settings)
    found = first_order_features(np.sort(values), in_bins.counts, 0.0, lesion.voxel_mm3)
    found["firstorder_Kurtosis"] -= _NORMAL_KURTOSIS
    box = boxed(in_bins, lesion.bordered_places, lesion.bordered_shape)
    return found | texture_features(box, in_bins.grey)


def _binned(values: Floats, settings: Mapping[str, Any]) -> Binned:
    """Bins of a width from the lower end of the range (the minimum where there is none), or a number of bins."""
    low, high = float(values.min()), float(values.max())
    count = settings.get("binCount")
    if count is None:
        width, limits = float(settings["binWidth"]), settings.get("resegmentRange")
        start = low if limits is None else float(limits[0])
        return binned(values, start + width * np.arange(math.floor((high - start) / width) + 2, dtype=np.float64))
    edges = low + (high - low) / count * np.arange(count + 1, dtype=np.float64)
    edges[-1] = np.nextafter(high, np.inf)  # the largest value is in the last bin
    return binned(values, edges)


def _in_range(array: Floats, inside: npt.NDArray[np.bool_], settings: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """The voxels within the range of grey values, and within some standard deviations of their mean."""
    kept = inside.copy()
    limits, deviations = settings.get("resegmentRange"), settings.get("resegmentDeviations")
    if limits is not None:
        kept &= (array >= limits[0]) & (array <= limits[1])
    if deviations is not None and kept.any():
        values = array[kept]
        kept &= np.abs(array - values.mean()) <= deviations * values.std()
    return kept


def _target(grid: Grid, tight: Box, new: Floats) -> Grid:
    """The part of the new grid in which the lesion lies, with a voxel around it."""
    old, count = np.array(grid.spacing_mm), np.array(grid.shape[::-1])
    step = new / old
    whole = np.ceil(count / step)
    start = (count - 1) / 2 - (whole - 1) / 2 * step
    low = np.array([part.start - 1 for part in tight[::-1]])
    high = np.array([part.stop for part in tight[::-1]])
    first = np.maximum(np.floor((low - start) / step), 0)
    last = np.minimum(np.ceil((high - start) / step), whole - 1)
    i, j, k = (int(side) for side in last - first + 1)
    x, y, z = grid.to_patient_mm(start + first * step).tolist()
    return Grid((k, j, i), (float(new[0]), float(new[1]), float(new[2])), (x, y, z), grid.direction)


def _on(target: Grid, image: sitk.Image, interpolator: int) -> sitk.Image:
    like = image_of(target, np.zeros(target.shape, dtype=np.uint8))
    return sitk.Resample(image, like, sitk.Transform(), interpolator, 0.0, image.GetPixelID())
