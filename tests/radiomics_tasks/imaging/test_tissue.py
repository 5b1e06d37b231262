"""The share of an outline that is not tissue, on both sides of its limits."""

import numpy as np
import pytest

from radiomics_tasks.imaging.tissue import outside_tissue_ratio
from radiomics_tasks.imaging.volume import Grid, Mask, Volume

GRID = Grid((2, 2, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def share(values, unit="HU", marked=8):
    array = np.full(8, 40.0, dtype=np.float32)
    array[: len(values)] = values
    inside = np.arange(8) < marked
    return outside_tissue_ratio(Volume(GRID, array.reshape(2, 2, 2), unit), Mask(GRID, inside.reshape(2, 2, 2)))


@pytest.mark.parametrize(
    ("values", "expected"), [([-900.0, 400.0], 0.0), ([-900.1], 0.125), ([400.1, -1000.0], 0.25), ([40.0], 0.0)]
)
def test_the_limits_themselves_are_tissue(values, expected):
    assert share(values) == expected


def test_only_what_is_outlined_counts():
    assert share([500.0], marked=2) == 0.5


def test_there_is_none_without_hounsfield_units_or_voxels():
    assert share([500.0], unit="a.u.") is None
    assert share([500.0], marked=0) is None
