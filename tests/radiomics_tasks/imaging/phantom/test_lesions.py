"""True sizes are exact, the border is rough, and the reader stays close to it."""

import numpy as np
import pytest
from scipy import ndimage

from radiomics_tasks.imaging.phantom.picture.lesions import border_mm, depth_mm, sized_axes
from radiomics_tasks.imaging.phantom.picture.reader import outlined
from tests.radiomics_tasks.imaging.phantom.sizes import diameters_mm

PROPORTIONS = (1.0, 0.8, 0.85)


def depth_on_grid(size_mm: float, seed: int, spacing: tuple[float, float, float], *, is_node: bool) -> np.ndarray:
    axes = sized_axes(PROPORTIONS, seed, size_mm, is_node=is_node)
    reach = 1.4 * max(axes)
    x, y, z = (np.arange(-reach, reach, step, dtype=np.float32) for step in spacing)
    return depth_mm(axes, seed, x[None, None, :], y[None, :, None], z[:, None, None])[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("axis", "size_mm"), [(0, 30.0), (1, 12.0)], ids=["longest", "short"])
def test_the_smooth_border_has_the_planned_size(seed: int, axis: int, size_mm: float) -> None:
    depth = depth_on_grid(size_mm, seed, (0.1, 0.1, 0.8), is_node=axis == 1)
    size = diameters_mm(depth > 0, (0.1, 0.1))[axis]
    assert size == pytest.approx(size_mm, abs=0.35)


def test_no_lesion_is_an_ellipsoid() -> None:
    axes = sized_axes(PROPORTIONS, 4, 30.0, is_node=False)
    ways = np.random.default_rng(1).standard_normal((3, 2000))
    ux, uy, uz = ways / np.linalg.norm(ways, axis=0)
    smooth = 1 / np.sqrt((ux / axes[0]) ** 2 + (uy / axes[1]) ** 2 + (uz / axes[2]) ** 2)
    roughness = border_mm(axes, 4, ux, uy, uz) / smooth
    assert 0.05 < roughness.std() < 0.16


@pytest.mark.parametrize("size_mm", [8.0, 20.0, 45.0])
def test_the_reader_draws_one_piece_near_the_border(size_mm: float) -> None:
    spacing = (0.75, 0.75, 2.5)
    depth = depth_on_grid(size_mm, 6, spacing, is_node=False)
    mask = outlined(depth, spacing, np.random.default_rng(9))
    assert ndimage.label(mask)[1] == 1
    assert all(np.array_equal(ndimage.binary_fill_holes(each), each) for each in mask)
    assert abs(diameters_mm(mask, (0.75, 0.75))[0] - size_mm) < 2
    assert 0 < (mask ^ (depth > 0)).sum() < 0.35 * mask.sum() + 20


def test_two_days_are_two_hands() -> None:
    depth = depth_on_grid(25.0, 6, (0.75, 0.75, 2.5), is_node=False)
    first, second = (outlined(depth, (0.75, 0.75, 2.5), np.random.default_rng(seed)) for seed in (1, 2))
    assert (first ^ second).any()
