"""Made-up lesions for the tests of extraction: a textured scan, a ball in it, and pyradiomics called by itself."""

from typing import Any

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.volume import Grid, Mask, Volume

SHAPE = (40, 120, 130)
SPACING_MM = (0.75, 0.8, 3.0)
ORIGIN_MM = (-61.3, 20.7, -100.1)


def scan(unit: str = "HU", seed: int = 5, spacing_mm: tuple[float, float, float] = SPACING_MM) -> Volume:
    """A scan whose voxels vary like tissue (mean 50, deviation about 60)."""
    noise = np.random.default_rng(seed).normal(50, 60, SHAPE).astype(np.float32)
    return Volume(Grid(SHAPE, spacing_mm, ORIGIN_MM), noise, unit)


def ball(grid: Grid, radius_mm: float, centre_ijk: tuple[int, int, int] = (60, 60, 20)) -> Mask:
    """The voxels within a radius of one voxel's centre."""
    k, j, i = np.indices(grid.shape)
    apart = np.stack([i, j, k], axis=-1) - np.asarray(centre_ijk)
    return Mask(grid, np.linalg.norm(apart * np.asarray(grid.spacing_mm), axis=-1) <= radius_mm)


def box(grid: Grid, size_kji: tuple[int, int, int], start_kji: tuple[int, int, int] = (10, 30, 40)) -> Mask:
    """A block of voxels."""
    array = np.zeros(grid.shape, dtype=np.bool_)
    array[tuple(slice(start, start + size) for start, size in zip(start_kji, size_kji, strict=True))] = True
    return Mask(grid, array)


def as_image(grid: Grid, array: Any) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_mm)
    image.SetDirection(grid.direction)
    return image


def by_itself(volume: Volume, mask: Mask, profile: Profile) -> dict[str, float]:
    """What pyradiomics says of the whole scan, with nothing of ours around it."""
    runner = featureextractor.RadiomicsFeatureExtractor(**profile.settings, additionalInfo=False)
    image, outline = as_image(volume.grid, volume.array), as_image(mask.grid, mask.array.astype(np.uint8))
    return {name: float(np.squeeze(value)) for name, value in runner.execute(image, outline).items()}


def apart(found: dict[str, float | None], expected: dict[str, float]) -> dict[str, float]:
    """Relative difference of each feature that is not equal within 1e-9."""
    far = {}
    for name, value in expected.items():
        mine = found[name]
        assert mine is not None, name
        largest = max(abs(mine), abs(value))
        if abs(mine - value) > 1e-9 * largest:
            far[name] = abs(mine - value) / largest
    return far
