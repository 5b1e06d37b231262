"""Resampling by the kernel is ITK's to the bit, also across borders, and what it cannot do it leaves to ITK."""

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import kernels, resampling
from radiomics_tasks.extraction.engine.resampling import places_on
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Grid, Mask


def by_itk(image: sitk.Image, target: Grid, interpolator=sitk.sitkBSpline) -> np.ndarray:
    like = image_of(target, np.zeros(target.shape, np.uint8))
    return sitk.GetArrayFromImage(sitk.Resample(image, like, sitk.Transform(), interpolator, 0, image.GetPixelID()))


def drawn(seed: int, precision) -> tuple[Grid, np.ndarray, Grid]:
    rng = np.random.default_rng(seed)
    nk, nj, ni = (int(side) for side in rng.choice([1, 3, 5, 12, 18, 19, 34], 3))
    spacing, origin = tuple(rng.uniform(0.4, 3.0, 3).round(4)), tuple(rng.normal(0, 200, 3))
    grid = Grid((nk, nj, ni), spacing, origin)
    wide = tuple(rng.uniform(0.5, 3.0, 3).round(3))
    i, j, k = (int(side * old / new) + 4 for side, old, new in zip((ni, nj, nk), spacing, wide, strict=True))
    start = grid.to_patient_mm(rng.uniform(-2, 1, 3))
    return grid, rng.normal(30, 60, grid.shape).astype(precision), Grid((k, j, i), wide, tuple(start))


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(60))
def test_a_spline_is_that_of_itk_to_the_bit(seed, precision):
    grid, array, target = drawn(seed, precision)
    image = image_of(grid, array)
    np.testing.assert_array_equal(kernels.spline(array, places_on(image, target)), by_itk(image, target))


def marked(shape, low, high) -> np.ndarray:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    mask[low[0], low[1], high[2] - 1] = False
    return mask


TILTED = (0.96, -0.28, 0.0, 0.28, 0.96, 0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), TILTED])
@pytest.mark.parametrize("spacing", [(0.75, 0.75, 1.5), (2.0, 0.5, 4.0), (0.9765625, 0.9765625, 3.0)])
@pytest.mark.parametrize(
    "shape, low, high", [((20, 30, 40), (0, 5, 30), (9, 12, 40)), ((3, 30, 40), (0, 3, 3), (3, 9, 9))]
)
def test_image_and_mask_are_those_of_itk(direction, spacing, shape, low, high):
    grid = Grid(shape, spacing, (-31.7, 12.3, 7.9), direction)
    array = np.random.default_rng(3).normal(30, 60, shape).astype(np.float32)
    mask = Mask(grid, marked(shape, low, high))
    tight = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
    image, found = resampling.resampled(image_of(grid, array), mask, tight, profile_for("CT").settings)
    target = Grid(found.GetSize()[::-1], found.GetSpacing(), found.GetOrigin(), found.GetDirection())
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), by_itk(image_of(grid, array), target))
    whole = image_of(grid, mask.array.astype(np.uint8))
    expected = by_itk(whole, target, sitk.sitkNearestNeighbor)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(found), expected)
    assert expected.any()


def test_a_place_outside_is_nought():
    array = np.full((3, 3, 3), 7, np.float32)
    near, far = np.array([-0.5, 1.0, 2.4999]), np.array([-0.6, 1.0, 2.5])
    assert (kernels.spline(array, (near, near, near)) != 0).all()
    found = kernels.spline(array, (near, near, far))
    assert (found[..., [0, 2]] == 0).all() and (found[..., 1] != 0).all()


def test_two_planes_are_mirrored_and_never_read_beyond():
    """ITK reads memory that is not the image's there."""
    near, plane = np.array([-0.4, 0.0, 0.6, 1.0, 1.4]), np.array([0.0, 1.0, 2.0])
    array = np.random.default_rng(5).normal(30, 60, (2, 3, 3)).astype(np.float32)
    found = kernels.spline(array, (near, plane, plane))
    np.testing.assert_allclose(found[[1, 3]], array, rtol=1e-5)
    np.testing.assert_allclose(kernels.spline(array, (np.array([1.4]), plane, plane)), found[4:])
    turned = kernels.spline(array[::-1].copy(), (1 - near, plane, plane))
    np.testing.assert_allclose(found, turned, rtol=1e-4, atol=1e-3)
