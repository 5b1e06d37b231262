"""Normalisation and resampling as pyradiomics does them, without its passes over the whole mask."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import kernels
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Grid, Mask

Box = tuple[slice, slice, slice]
Places = npt.NDArray[np.float64]


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


def resampled(image: sitk.Image, mask: Mask, tight: Box, settings: Mapping[str, Any]) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask on the profile's grid, which starts at the mask's own corner, cut to the lesion with padding.

    `tight` is the lesion's box over the mask's array. Along an axis where the lesion is one voxel thick nothing is
    resampled.
    """
    old = np.array(mask.grid.spacing_mm)
    low = np.array([part.start for part in tight[::-1]])
    thick = np.array([part.stop - part.start for part in tight[::-1]])
    wanted = np.array(settings["resampledPixelSpacing"], dtype=np.float64)
    new = np.where(thick != 1, np.where(wanted == 0, old, wanted), old)
    if np.allclose(np.array(image.GetSpacing()), new):
        return _cut_to_image(
            image, image_of(mask.grid, mask.array.astype(np.uint8)), tight, int(settings["padDistance"])
        )
    ratio = old / new
    first = np.floor((low - 0.5) * ratio - settings["padDistance"])
    last = np.ceil((low + thick - 0.5) * ratio + settings["padDistance"])
    most = np.ceil(np.array(mask.grid.shape[::-1]) * ratio) - 1
    first, last = np.where(first < 0, 0, first), np.where(last > most, most, last)
    corner = _frame_of(mask.grid)
    origin = corner.TransformContinuousIndexToPhysicalPoint((0.5 * (new - old) / old + first / ratio).tolist())
    shape = tuple(int(side) for side in (last - first + 1)[::-1])
    target = Grid((shape[0], shape[1], shape[2]), tuple(new.tolist()), origin, mask.grid.direction)
    is_of_reals = image.GetPixelID() in (sitk.sitkFloat32, sitk.sitkFloat64)
    if settings["interpolator"] == "sitkBSpline" and is_of_reals and _is_straight(mask.grid):
        return _along_axes(image, mask, corner, target)
    return _by_itk(image, mask, target, settings["interpolator"])


def _by_itk(image: sitk.Image, mask: Mask, target: Grid, interpolator: str) -> tuple[sitk.Image, sitk.Image]:
    grid = sitk.ResampleImageFilter()
    grid.SetOutputSpacing(target.spacing_mm)
    grid.SetOutputDirection(target.direction)
    grid.SetSize(target.shape[::-1])
    grid.SetOutputOrigin(target.origin_mm)
    grid.SetOutputPixelType(image.GetPixelID())
    grid.SetInterpolator(getattr(sitk, interpolator))
    found = grid.Execute(image)
    grid.SetOutputPixelType(sitk.sitkUInt8)
    grid.SetInterpolator(sitk.sitkNearestNeighbor)
    return found, grid.Execute(image_of(mask.grid, mask.array.astype(np.uint8)))


def _along_axes(image: sitk.Image, mask: Mask, corner: sitk.Image, target: Grid) -> tuple[sitk.Image, sitk.Image]:
    """The same to the bit, by a kernel of our own, where the axes of the two grids are those of space."""
    voxels = sitk.GetArrayViewFromImage(image)
    found = kernels.spline(np.ascontiguousarray(voxels), places_on(image, target))
    places = [_nearest(place, side) for place, side in zip(places_on(corner, target), mask.grid.shape, strict=True)]
    marked = np.zeros(target.shape, dtype=np.uint8)
    within = np.ix_(*(np.flatnonzero(place >= 0) for place in places))
    marked[within] = mask.array[np.ix_(*(place[place >= 0] for place in places))]
    return image_of(target, found), image_of(target, marked)


def places_on(image: sitk.Image, target: Grid) -> tuple[Places, Places, Places]:
    """Where the voxels of a target lie on an image, as continuous indices along k, j, i, in ITK's arithmetic.

    ITK takes the start and the end of each line along i from the geometry and divides what lies between.
    """
    frame = _frame_of(target)

    def place(index: tuple[int, int, int], axis: int) -> float:
        point = frame.TransformIndexToPhysicalPoint(index)
        return float(image.TransformPhysicalPointToContinuousIndex(point)[axis])

    nk, nj, ni = target.shape
    start, end = place((0, 0, 0), 0), place((ni, 0, 0), 0)
    along_i = start + (np.arange(ni, dtype=np.float64) / ni) * (end - start)
    along_j = np.array([place((0, j, 0), 1) for j in range(nj)])
    return np.array([place((0, 0, k), 2) for k in range(nk)]), along_j, along_i


def _nearest(places: Places, side: int) -> npt.NDArray[np.int64]:
    """The voxel next to each place, halves upwards; -1 outside."""
    nearest = np.rint(2 * places + 0.5).astype(np.int64) >> 1
    return np.where((places >= -0.5) & (places < side - 0.5), nearest, -1)


def _is_straight(grid: Grid) -> bool:
    """Whether each axis of a grid is one axis of space, so that one coordinate does not move another by a last bit."""
    direction = np.array(grid.direction).reshape(3, 3)
    return bool(np.all(direction[~np.eye(3, dtype=np.bool_)] == 0))


def _frame_of(grid: Grid) -> sitk.Image:
    """The geometry of a grid, without its voxels."""
    frame = sitk.Image([1, 1, 1], sitk.sitkUInt8)
    frame.SetSpacing(grid.spacing_mm)
    frame.SetOrigin(grid.origin_mm)
    frame.SetDirection(grid.direction)
    return frame


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
