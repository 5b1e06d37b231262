"""A scan in voxels of a few millimetres, axial, with its body and lungs: where organs are looked for."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.imaging.volume import BoolArray, FloatArray, Grid, Volume

# Axes may be turned this far against the patient's: beyond, left and back are no longer where they are looked for.
LARGEST_TURN_DEG = 15.0
BODY_HU, LUNG_HU = -300.0, -500.0
SMALLEST_BODY_MM2 = 10_000.0


@dataclass(frozen=True)
class Coarse:
    """Means of blocks of voxels.

    Parameters
    ----------
    array : (k, j, i), feet to head, front to back, patient's right to left.
    step_mm : distance of block centres along (k, j, i).
    grid : of the scan it was made from, in LPS order.
    blocks : voxels of the scan in one block along (k, j, i).
    body_above : a voxel above this value may belong to the body.
    """

    array: FloatArray
    step_mm: tuple[float, float, float]
    grid: Grid
    blocks: tuple[int, int, int]
    body_above: float = BODY_HU

    @cached_property
    def body(self) -> BoolArray:
        """The largest piece of each slice with its holes filled, couch and arms left out."""
        found = np.zeros(self.array.shape, dtype=np.bool_)
        for k, values in enumerate(self.array):
            found[k] = _largest(values > self.body_above)
        areas = found.sum(axis=(1, 2)) * self.step_mm[1] * self.step_mm[2]
        found[areas < SMALLEST_BODY_MM2] = False
        return found

    @cached_property
    def lung(self) -> BoolArray:
        """Air inside the body (CT): lung, and bowel gas that is wide."""
        air: BoolArray = ndimage.binary_opening(self.body & (self.array < LUNG_HU), np.ones((1, 3, 3)))
        return air

    @cached_property
    def middle_ji(self) -> npt.NDArray[np.float64]:
        """(slices, 2): row and column of the body's middle, NaN where a slice has no body."""
        return np.asarray([_middle(body) for body in self.body])

    def place_mm(self, k: float, j: float, i: float) -> tuple[float, float, float]:
        """Patient coordinates (LPS, mm) of a block."""
        inner = [(index + 0.5) * block - 0.5 for index, block in zip((k, j, i), self.blocks, strict=True)]
        x, y, z = self.grid.to_patient_mm(inner[::-1])
        return round(float(x), 1), round(float(y), 1), round(float(z), 1)


def coarse_of(volume: Volume, wanted_mm: tuple[float, float, float], body_above: float = BODY_HU) -> Coarse | None:
    """The scan in blocks of about `wanted_mm` (k, j, i); None where its axes are too far from the patient's."""
    if float(np.min(np.diag(volume.grid.columns))) < math.cos(math.radians(LARGEST_TURN_DEG)):
        return None
    spacing_kji = volume.grid.spacing_mm[::-1]
    blocks = [max(1, round(mm / own)) for mm, own in zip(wanted_mm, spacing_kji, strict=True)]
    blocks = [min(block, count) for block, count in zip(blocks, volume.array.shape, strict=True)]
    counts = [count // block for count, block in zip(volume.array.shape, blocks, strict=True)]
    rows, columns = counts[1] * blocks[1], counts[2] * blocks[2]
    array = np.empty(counts, dtype=np.float32)
    for k in range(counts[0]):
        slab = volume.array[k * blocks[0] : (k + 1) * blocks[0], :rows, :columns]
        array[k] = slab.reshape(-1, counts[1], blocks[1], counts[2], blocks[2]).mean(axis=(0, 2, 4))
    step = [block * own for block, own in zip(blocks, spacing_kji, strict=True)]
    sizes = (blocks[0], blocks[1], blocks[2])
    return Coarse(array, (step[0], step[1], step[2]), volume.grid, sizes, body_above)


def _largest(marked: BoolArray) -> BoolArray:
    opened = ndimage.binary_opening(marked, iterations=2)
    labelled, count = ndimage.label(opened if opened.any() else marked)
    if not count:
        return np.zeros_like(marked)
    sizes = np.bincount(labelled.ravel())
    filled: BoolArray = ndimage.binary_fill_holes(labelled == 1 + int(np.argmax(sizes[1:])))
    return filled


def _middle(body: BoolArray) -> tuple[float, float]:
    if not body.any():
        return math.nan, math.nan
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    return float(rows[0] + rows[-1]) / 2, float(columns[0] + columns[-1]) / 2
