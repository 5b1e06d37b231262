"""A mask on oblique slices, resampled to axial ones so that diameters are measured in the axial plane."""

import numpy as np
import numpy.typing as npt

from radiomics_tasks.imaging.volume import IDENTITY, BoolArray, Grid, Mask

LARGEST_OBLIQUITY_DEG = 5.0
INSIDE = 0.5


def obliquity_deg(grid: Grid) -> float:
    """Angle between the slice axis and patient z, of a grid in LPS order, in degrees."""
    return float(np.degrees(np.arccos(np.clip(abs(grid.columns[2, 2]), 0.0, 1.0))))


def axial(mask: Mask) -> Mask:
    """The mask as it is where its slices are axial within 5 degrees, else on an axial grid.

    The new pixels are squares of the old grid's finest spacing; the slice distance stays.

    A voxel of the new grid is inside where trilinear interpolation of the old mask gives at least one half.
    """
    if obliquity_deg(mask.grid) <= LARGEST_OBLIQUITY_DEG:
        return mask
    padded = Mask(_grown(mask.grid), np.pad(mask.array, 1))
    target = _axial_grid(padded.grid)
    array = np.zeros(target.shape, dtype=np.bool_)
    j, i = np.meshgrid(np.arange(target.shape[1]), np.arange(target.shape[2]), indexing="ij")
    for k in range(target.shape[0]):
        points = target.to_patient_mm(np.stack([i, j, np.full_like(i, k)], axis=-1))
        array[k] = _sampled(padded.array, padded.grid.to_index(points)) >= INSIDE
    # A part thinner than a voxel may fall between the new centres; it keeps the voxels nearest to its own.
    return Mask(target, array if array.any() else _nearest(mask, target))


def _grown(grid: Grid) -> Grid:
    origin = grid.to_patient_mm((-1, -1, -1))
    shape = (grid.shape[0] + 2, grid.shape[1] + 2, grid.shape[2] + 2)
    return Grid(shape, grid.spacing_mm, (float(origin[0]), float(origin[1]), float(origin[2])), grid.direction)


def _axial_grid(grid: Grid) -> Grid:
    """An axial grid around all of `grid`."""
    far = np.asarray(grid.shape[::-1]) - 1
    corners = grid.to_patient_mm(np.array(np.meshgrid(*([0, n] for n in far))).reshape(3, -1).T)
    low, high = corners.min(axis=0), corners.max(axis=0)
    spacing = (min(grid.spacing_mm), min(grid.spacing_mm), grid.spacing_mm[2])
    counts = np.ceil((high - low) / np.asarray(spacing)).astype(int) + 1
    shape = (int(counts[2]), int(counts[1]), int(counts[0]))
    return Grid(shape, spacing, (float(low[0]), float(low[1]), float(low[2])), IDENTITY)


def _sampled(array: BoolArray, index: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Trilinear values at continuous (i, j, k); zero outside."""
    limits = np.asarray(array.shape[::-1])
    base = np.floor(index).astype(np.int64)
    part = index - base
    total = np.zeros(index.shape[:-1])
    for corner in np.ndindex(2, 2, 2):
        at = base + corner
        weight = np.prod(np.where(np.asarray(corner) == 1, part, 1 - part), axis=-1)
        inside = np.all((at >= 0) & (at < limits), axis=-1)
        safe = np.where(inside[..., None], at, 0)
        total += weight * (inside & array[safe[..., 2], safe[..., 1], safe[..., 0]])
    return total


def _nearest(mask: Mask, target: Grid) -> BoolArray:
    marked = mask.grid.to_patient_mm(np.argwhere(mask.array)[:, ::-1])
    index = np.round(target.to_index(marked)).astype(np.int64)
    array = np.zeros(target.shape, dtype=np.bool_)
    array[index[:, 2], index[:, 1], index[:, 0]] = True
    return array
