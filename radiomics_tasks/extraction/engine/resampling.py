"""Normalisation and resampling as pyradiomics does them, without its passes over the whole mask."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import SimpleITK as sitk

Box = tuple[slice, slice, slice]


def normalised(image: sitk.Image, settings: Mapping[str, Any]) -> sitk.Image:
    """The whole scan as z-score times a scale, outliers drawn in where the settings say so."""
    image = sitk.Normalize(image)
    outliers = settings["removeOutliers"]
    if outliers is not None:
        array = np.clip(sitk.GetArrayViewFromImage(image), -outliers, outliers)
        drawn_in = sitk.GetImageFromArray(array)
        drawn_in.CopyInformation(image)
        image = drawn_in
    image *= settings["normalizeScale"]
    return image


def resampled(
    image: sitk.Image, mask: sitk.Image, tight: Box, settings: Mapping[str, Any]
) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask on the profile's grid, which starts at the mask's own corner, cut to the lesion with padding.

    `tight` is the lesion's box over the mask's array. Along an axis where the lesion is one voxel thick nothing is
    resampled.
    """
    old = np.array(mask.GetSpacing())
    low = np.array([part.start for part in tight[::-1]])
    thick = np.array([part.stop - part.start for part in tight[::-1]])
    wanted = np.array(settings["resampledPixelSpacing"], dtype=np.float64)
    new = np.where(thick != 1, np.where(wanted == 0, old, wanted), old)
    if np.allclose(np.array(image.GetSpacing()), new):
        return _cut_to_image(image, mask, tight, int(settings["padDistance"]))
    ratio = old / new
    first = np.floor((low - 0.5) * ratio - settings["padDistance"])
    last = np.ceil((low + thick - 0.5) * ratio + settings["padDistance"])
    most = np.ceil(np.array(mask.GetSize()) * ratio) - 1
    first, last = np.where(first < 0, 0, first), np.where(last > most, most, last)
    origin = mask.TransformContinuousIndexToPhysicalPoint((0.5 * (new - old) / old + first / ratio).tolist())
    grid = sitk.ResampleImageFilter()
    grid.SetOutputSpacing(new.tolist())
    grid.SetOutputDirection(mask.GetDirection())
    grid.SetSize((last - first + 1).astype(int).tolist())
    grid.SetOutputOrigin(origin)
    grid.SetOutputPixelType(image.GetPixelID())
    grid.SetInterpolator(getattr(sitk, settings["interpolator"]))
    found = grid.Execute(image)
    grid.SetOutputPixelType(mask.GetPixelID())
    grid.SetInterpolator(sitk.sitkNearestNeighbor)
    return found, grid.Execute(mask)


def _cut_to_image(image: sitk.Image, mask: sitk.Image, tight: Box, padding: int) -> tuple[sitk.Image, sitk.Image]:
    """Where the spacing is right already: the mask on the image's grid, both cut to the lesion with padding."""
    if image.GetSize() != mask.GetSize() or image.GetOrigin() != mask.GetOrigin():
        mask = sitk.Resample(mask, image, sitk.Transform(), sitk.sitkNearestNeighbor)
        places = np.nonzero(sitk.GetArrayViewFromImage(mask))
        tight = tuple(slice(int(place.min()), int(place.max()) + 1) for place in places)  # type: ignore[assignment]
    parts = [
        slice(max(0, part.start - padding), min(side, part.stop + padding))
        for part, side in zip(tight[::-1], image.GetSize(), strict=True)
    ]
    return image[parts[0], parts[1], parts[2]], mask[parts[0], parts[1], parts[2]]
