"""The golden masks have the sizes that the definition of the diameters gives them."""

import math

import numpy as np
import pytest

from radiomics_tasks.imaging.phantom.shapes import disc_mask, ellipse_mask, rectangle_mask, sphere_mask
from tests.radiomics_tasks.imaging.phantom.sizes import diameters_mm, slice_diameters_mm


@pytest.mark.parametrize(
    ("diameter_mm", "pixel_mm", "longest_mm"),
    [(20, 1.0, 21.00), (20, 0.7, 20.49), (10, 0.7, 10.59), (30, 0.8, 30.66)],
)
def test_discs(diameter_mm: float, pixel_mm: float, longest_mm: float) -> None:
    longest, _ = slice_diameters_mm(disc_mask(diameter_mm, pixel_mm), (pixel_mm, pixel_mm))
    assert longest == pytest.approx(longest_mm, abs=0.02)


def test_turned_ellipse() -> None:
    sizes = slice_diameters_mm(ellipse_mask(40, 16, 0.7, angle_deg=33), (0.7, 0.7))
    assert sizes == pytest.approx((40.22, 16.33), abs=0.02)


def test_rectangle() -> None:
    assert slice_diameters_mm(rectangle_mask(30, 10), (1, 1)) == pytest.approx((31.32, 10.73), abs=0.02)


def test_node_over_two_slices() -> None:
    mask = np.stack([ellipse_mask(25, 9, 0.7), ellipse_mask(22, 14, 0.7)])
    assert diameters_mm(mask, (0.7, 0.7)) == pytest.approx((24.54, 14.06), abs=0.02)


def test_sphere_volume() -> None:
    mask = sphere_mask(20, (0.5, 0.5, 0.5), shape_zyx=(45, 45, 45))
    assert mask.sum() * 0.125 == pytest.approx(math.pi / 6 * 20**3, rel=0.01)
