"""A grid is the same place however it is stored, and a mask lies on it or is refused."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.volume import (
    Grid,
    Mask,
    Volume,
    bounding_box,
    box_on,
    lps_grid,
    lps_order,
    place_on,
    sub_grid,
)
from tests.radiomics_tasks.imaging.scans import block, small_grid, turned_about_x

OBLIQUE = turned_about_x(12.0)


def stored_otherwise(
    grid: Grid, array: np.ndarray, order: tuple[int, ...], flips: tuple[bool, ...]
) -> tuple[Grid, np.ndarray]:
    """The same voxels with index axes (i, j, k) in another order and partly backwards."""
    counts = np.asarray(grid.shape[::-1])
    corner = np.array([counts[axis] - 1 if flip else 0 for axis, flip in enumerate(flips)])
    columns = grid.columns * np.where(flips, -1.0, 1.0)
    moved = np.flip(array, axis=tuple(2 - axis for axis, flip in enumerate(flips) if flip))
    moved = moved.transpose([2 - order[2], 2 - order[1], 2 - order[0]])
    k, j, i = moved.shape
    other = Grid.from_dict(
        {
            "shape": [k, j, i],
            "spacing_mm": [grid.spacing_mm[axis] for axis in order],
            "origin_mm": [float(x) for x in grid.to_patient_mm(corner)],
            "direction": [float(x) for x in columns[:, list(order)].reshape(-1)],
        }
    )
    return other, moved


ORDERS = list(permutations(range(3)))
FLIPS = list(product((False, True), repeat=3))


@pytest.mark.parametrize("direction", [(1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), OBLIQUE])
def test_every_storage_order_is_one_scan(direction):
    grid = small_grid(direction)
    values = np.random.default_rng(3).normal(size=grid.shape).astype(np.float32)
    digest = Volume(grid, values, "HU").digest
    for order, flips in product(ORDERS, FLIPS):
        other, moved = stored_otherwise(grid, values, order, flips)
        canonical = Volume(other, moved, "HU").in_lps_order()
        assert np.array_equal(canonical.array, values)
        assert np.allclose(canonical.grid.origin_mm, grid.origin_mm, atol=1e-9)
        assert Volume(other, moved, "HU").digest == digest


def test_digest_sees_unit_place_and_voxels():
    grid = small_grid()
    values = np.zeros(grid.shape, dtype=np.float32)
    other = values.copy()
    other[0, 0, 0] = 1
    moved = replace(grid, origin_mm=(grid.origin_mm[0] + 1e-5, *grid.origin_mm[1:]))
    digests = {
        Volume(grid, values, "HU").digest,
        Volume(grid, values, "a.u.").digest,
        Volume(grid, other, "HU").digest,
        Volume(moved, values, "HU").digest,
    }
    assert len(digests) == 4


def test_index_and_place_are_inverse_on_an_oblique_grid():
    grid = small_grid(OBLIQUE)
    index = np.random.default_rng(0).uniform(0, 20, (50, 3))
    assert np.allclose(grid.to_index(grid.to_patient_mm(index)), index, atol=1e-9)


def test_grid_keeps_every_bit_as_plain_data():
    grid = small_grid(OBLIQUE)
    assert Grid.from_dict(grid.as_dict()) == grid  # type: ignore[arg-type]


@pytest.mark.parametrize("direction", [(1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), OBLIQUE])
def test_sub_boxes_and_flips_are_placed_exactly(direction):
    grid = small_grid(direction)
    whole = np.random.default_rng(5).random(grid.shape) > 0.6
    box = (slice(1, 5), slice(3, 17), slice(2, 24))
    inside = np.zeros_like(whole)
    inside[box] = whole[box]
    for order, flips in product(ORDERS, FLIPS):
        own, array = stored_otherwise(sub_grid(grid, box), whole[box], order, flips)
        placed = place_on(grid, Mask(own, array))
        assert np.array_equal(placed.array, inside)
        assert placed.grid == lps_grid(grid)


def test_scan_in_another_order_takes_the_mask_in_lps_order():
    grid = small_grid()
    marked = block(k=slice(2, 4), j=slice(5, 9), i=slice(6, 8))
    scan, _ = stored_otherwise(grid, marked, (2, 0, 1), (True, False, True))
    assert np.array_equal(place_on(scan, Mask(grid, marked)).array, marked)


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"origin_mm": (-9.6 + 0.02, -8.0, -100.0)}, "E_MASK_GEOMETRY", "0.02 mm away"),
        ({"origin_mm": (-9.6, -8.0, -96.0)}, "E_MASK_GEOMETRY", "1.00 mm away"),
        ({"spacing_mm": (0.81, 0.8, 2.5)}, "E_MASK_GEOMETRY", "voxels of"),
        ({"direction": turned_about_x(0.02)}, "E_MASK_GEOMETRY", "turned"),
        ({"origin_mm": (-9.6, -8.0, -97.5)}, "E_MASK_GEOMETRY", "2.5 mm outside"),
        ({"shape": (7, 20, 24)}, "E_MASK_SIZE", "24 × 20 × 7"),
    ],
)
def test_masks_off_the_grid_are_refused_in_millimetres(change, code, word):
    grid = small_grid()
    own = replace(grid, **change)
    with pytest.raises(Refusal) as refused:
        place_on(grid, Mask(own, np.ones(own.shape, dtype=bool)))
    assert refused.value.code == code
    assert word in refused.value.sentence


def test_deviations_within_tolerance_are_no_reason():
    grid = small_grid()
    own = replace(grid, origin_mm=(-9.6 + 0.009, -8.0, -100.0))
    assert place_on(grid, Mask(own, np.ones(own.shape, dtype=bool))).array.all()


def test_a_small_turn_about_the_far_corner_is_noticed_at_the_near_one():
    grid = Grid((4, 400, 400), (1.0, 1.0, 5.0), (0.0, 0.0, 0.0))
    angle = 9e-5
    direction = (1.0, -angle, 0.0, angle, 1.0, 0.0, 0.0, 0.0, 1.0)
    # The two grids agree at the last corner and are 0.05 mm apart at the first.
    far = np.array([399.0, 399.0, 15.0])
    origin = far - np.asarray(direction).reshape(3, 3) @ far
    own = Grid(grid.shape, grid.spacing_mm, (float(origin[0]), float(origin[1]), float(origin[2])), direction)
    with pytest.raises(Refusal, match="mm away"):
        box_on(grid, own)


def test_crop_keeps_place_and_digest():
    grid = small_grid(OBLIQUE)
    mask = Mask(grid, block(k=slice(1, 3), j=slice(4, 9), i=slice(10, 12)))
    cropped = mask.cropped()
    assert cropped.array.shape == (2, 5, 2)
    assert cropped.array.all()
    assert mask.digest == cropped.digest == place_on(grid, cropped).digest
    assert mask.cropped(margin=3).array.shape == (6, 11, 8)


def test_bounding_box_of_nothing_is_a_refusal():
    with pytest.raises(Refusal) as refused:
        bounding_box(np.zeros((2, 2, 2), dtype=bool))
    assert refused.value.code == "E_MASK_EMPTY"


def test_lps_order_names_each_axis_once_at_45_degrees():
    grid, _ = lps_order(
        *stored_otherwise(small_grid(turned_about_x(45.0)), np.zeros((6, 20, 24)), (1, 2, 0), (True, True, False))
    )
    assert sorted(grid.shape) == [6, 20, 24]
    assert np.all(np.diag(grid.columns) > 0)
