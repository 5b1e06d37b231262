"""Lines on slices: lengths by both spacings, places in the patient and back, nothing outside the scan."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.slice_lines import SliceGrid, SliceLine

GEOMETRY = {
    "shape": [40, 200, 300],
    "spacing_mm": [0.5, 1.25, 5.0],
    "origin_mm": [-70.0, 12.5, 300.0],
    "direction": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
}
TILT = math.radians(20)
OBLIQUE = {
    **GEOMETRY,
    "direction": [1.0, 0.0, 0.0, 0.0, math.cos(TILT), -math.sin(TILT), 0.0, math.sin(TILT), math.cos(TILT)],
}
pixels = st.tuples(st.floats(-0.5, 299.5), st.floats(-0.5, 199.5))


def grid(geometry=GEOMETRY) -> SliceGrid:
    found = SliceGrid.of(geometry)
    assert found is not None
    return found


@pytest.mark.parametrize("ends, length_mm", [
    (((10, 10), (20, 10)), 5.0),  # along a row: ten columns of 0.5 mm
    (((10, 10), (10, 20)), 12.5),  # along a column: ten rows of 1.25 mm
    (((10, 10), (16, 13.2)), 5.0),  # 3 mm across, 4 mm down
    (((10, 10), (10, 10)), 0.0),
])  # fmt: skip
def test_columns_and_rows_have_their_own_spacing(ends, length_mm):
    assert grid().length_mm(SliceLine(3, ends)) == pytest.approx(length_mm, abs=1e-12)


@pytest.mark.parametrize("geometry", [GEOMETRY, OBLIQUE])
@given(one=pixels, other=pixels, k=st.integers(0, 39))
def test_the_patient_and_the_pixels_agree(geometry, one, other, k):
    line = SliceLine(k, (one, other))
    points = grid(geometry).points_mm(line)
    assert math.dist(*points) == pytest.approx(grid(geometry).length_mm(line), abs=1e-9)
    back = grid(geometry).line_between(points)
    assert back.k == k
    assert [*back.ends_px[0], *back.ends_px[1]] == pytest.approx([*one, *other], abs=1e-9)


def test_a_point_lies_where_the_geometry_says():
    assert grid().points_mm(SliceLine(2, ((0, 0), (4, 8)))) == ((-70.0, 12.5, 310.0), (-68.0, 22.5, 310.0))


@pytest.mark.parametrize("line, is_held", [
    (SliceLine(0, ((-0.5, -0.5), (299.5, 199.5))), True),
    (SliceLine(40, ((1, 1), (2, 2))), False),
    (SliceLine(-1, ((1, 1), (2, 2))), False),
    (SliceLine(0, ((1, 1), (299.6, 2))), False),
    (SliceLine(0, ((1, -0.6), (2, 2))), False),
])  # fmt: skip
def test_what_a_scan_holds(line, is_held):
    assert grid().holds(line) is is_held


def test_a_scan_without_a_known_grid_has_none():
    assert SliceGrid.of({}) is None and SliceGrid.of({"spacing_mm": [1, 1, 1]}) is None
