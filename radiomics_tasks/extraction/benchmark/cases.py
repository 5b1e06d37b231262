"""What the engines are held against each other on: made-up lesions in one large scan, and pairs of files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

SIZES_ML = (1.0, 30.0, 300.0, 800.0)
SHAPE = (200, 512, 512)
SPACING_MM = (0.75, 0.75, 1.5)


@dataclass(frozen=True, slots=True)
class Case:
    """One image and its mask (1 inside), as files."""

    name: str
    image: Path
    mask: Path


def made_up_cases(
    folder: Path, sizes_ml: tuple[float, ...] = SIZES_ML, shape: tuple[int, int, int] = SHAPE
) -> list[Case]:
    """A lesion of each size in the middle of one scan, written to a folder."""
    rng = np.random.default_rng(20_240_601)
    image = folder / "scan.nrrd"
    _write(_tissue(rng, shape), image)
    bumps = _smooth(rng, tuple(side // 4 + 1 for side in shape), 4.0)
    cases = []
    for size in sizes_ml:
        mask = folder / f"lesion-{size:g}-ml.nrrd"
        _write(_lesion(shape, size, bumps).astype(np.uint8), mask)
        cases.append(Case(f"{size:g} mL in {shape[2]}x{shape[1]}x{shape[0]}", image, mask))
    return cases


def _tissue(rng: np.random.Generator, shape: tuple[int, int, int]) -> npt.NDArray[np.float32]:
    """Soft tissue of about 40 HU whose noise hangs together over a voxel, slice by slice."""
    array = np.empty(shape, dtype=np.float32)
    for k in range(shape[0]):
        fine = rng.standard_normal(shape[1:], dtype=np.float32)
        coarse = fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))
        array[k] = 40 + 22 * coarse
    return array


def _lesion(shape: tuple[int, int, int], size_ml: float, bumps: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """An ellipsoid with an uneven surface whose voxels make up the volume."""
    axes = [
        (np.arange(side) - side / 2) * step / stretch
        for side, step, stretch in zip(shape, SPACING_MM[::-1], (0.9, 1.0, 1.15), strict=True)
    ]
    wide = [np.minimum(np.arange(side) // 4, bumps.shape[axis] - 1) for axis, side in enumerate(shape)]
    far = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2).astype(np.float32)
    far *= 1 + 0.12 * bumps[np.ix_(*wide)]
    voxels = round(size_ml * 1000 / float(np.prod(SPACING_MM)))
    inside: npt.NDArray[np.bool_] = far <= np.partition(far.reshape(-1), voxels)[voxels]
    return inside


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> npt.NDArray[np.float32]:
    noise = sitk.GetImageFromArray(rng.standard_normal(shape, dtype=np.float32))
    smooth: npt.NDArray[np.float32] = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(noise, sigma))
    # At the borders smoothed noise is wilder: unbounded, it would make islands of lesion far away.
    bounded: npt.NDArray[np.float32] = np.clip(smooth / smooth.std(), -2, 2)
    return bounded


def _write(array: npt.NDArray[Any], path: Path) -> None:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING_MM)
    sitk.WriteImage(image, str(path), useCompression=False)
