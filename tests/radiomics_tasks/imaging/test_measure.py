"""Diameters and volume against values worked out beforehand."""

import json
from itertools import product

import numpy as np
import pytest

from patients.vocabulary import Absence
from radiomics_tasks.imaging.measure import boundary_points, extent_of, hull, measure
from radiomics_tasks.imaging.phantom.shapes import disc_mask, ellipse_mask, rectangle_mask, sphere_mask
from radiomics_tasks.imaging.rtstruct import read_rtstruct
from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.volume import Grid, Mask
from tests.radiomics_tasks.imaging.scans import DEMO_DATES, block, files, mask_of, seen_by_outlines, turned_about_x

NODE = np.stack([ellipse_mask(25, 9, 0.7), ellipse_mask(22, 14, 0.7)])
SUMS_MM = dict(zip(DEMO_DATES, (59.84, 74.04, 49.62, 34.60), strict=True))
DEMO_MM = dict(zip(DEMO_DATES, ((35.79, 24.04), (44.62, 29.42), (29.42, 20.19), (20.35, 14.25)), strict=True))


def sized(pixels, pixel_mm, step_mm=5.0):
    array = pixels[None] if pixels.ndim == 2 else pixels
    return measure(Mask(Grid(array.shape, (pixel_mm, pixel_mm, step_mm), (0.0, 0.0, 0.0)), array))


@pytest.mark.parametrize(
    ("pixels", "pixel_mm", "longest", "short"),
    [
        (disc_mask(20, 1.0), 1.0, 21.00, 21.00),
        (disc_mask(20, 0.7), 0.7, 20.49, 20.49),
        (disc_mask(10, 0.7), 0.7, 10.59, 10.59),
        (disc_mask(30, 0.8), 0.8, 30.66, 30.66),
        (ellipse_mask(40, 16, 0.7, angle_deg=33), 0.7, 40.22, 16.33),
        (rectangle_mask(30, 10), 1.0, 31.32, 10.73),
        (rectangle_mask(1, 1), 0.8, 0.80, 0.80),
        (NODE[0], 0.7, 24.54, 9.08),
        (NODE[1], 0.7, 21.88, 14.06),
        (NODE, 0.7, 24.54, 14.06),
    ],
)
def test_golden_values(pixels, pixel_mm, longest, short):
    measured = sized(pixels, pixel_mm)
    assert measured.longest_diameter_mm == pytest.approx(longest, abs=0.02)
    assert measured.short_axis_mm == pytest.approx(short, abs=0.02)
    assert measured.absence is None


def test_the_nodes_short_axis_comes_from_another_slice():
    measured = sized(NODE, 0.7)
    assert (measured.longest_at["slice"], measured.shortest_at["slice"]) == (0, 1)
    assert measured.short_axis_at_longest_mm == pytest.approx(9.08, abs=0.02)


@pytest.mark.parametrize("key", ["longest_at", "shortest_at"])
def test_end_points_are_as_far_apart_as_the_value_says(key):
    measured = sized(ellipse_mask(40, 16, 0.7, angle_deg=33), 0.7)
    value = {"longest_at": measured.longest_diameter_mm, "shortest_at": measured.short_axis_mm}[key]
    start, end = np.asarray(getattr(measured, key)["points_mm"])
    assert np.linalg.norm(end - start) == pytest.approx(value, abs=0.8)  # across, bins are a pixel long
    if key == "longest_at":
        assert np.linalg.norm(end - start) == pytest.approx(value, abs=1e-9)


def test_turning_and_flipping_changes_nothing():
    pixels = np.random.default_rng(4).random((1, 14, 11)) > 0.4
    pixels[:, 3:11, 3:8] = True
    first = sized(pixels, 0.7)
    for turns, flip in product(range(4), (False, True)):
        other = np.rot90(pixels, turns, axes=(1, 2))
        measured = sized(other[:, ::-1] if flip else other, 0.7)
        assert measured.longest_diameter_mm == pytest.approx(first.longest_diameter_mm, abs=1e-9)
        assert measured.short_axis_mm == pytest.approx(first.short_axis_mm, abs=0.7)


def test_crop_and_storage_order_change_nothing_but_the_slice_index():
    array = np.zeros((9, 61, 61), dtype=bool)
    array[4:6] = NODE
    whole = Mask(Grid(array.shape, (0.7, 0.7, 5.0), (10.0, 20.0, -30.0)), array)
    one, other = measure(whole), measure(whole.cropped())
    assert one.longest_at["points_mm"] == pytest.approx(np.asarray(other.longest_at["points_mm"]), abs=1e-9)
    assert (one.longest_at["slice"], other.longest_at["slice"]) == (4, 0)
    assert (one.longest_diameter_mm, one.volume_ml) == (other.longest_diameter_mm, other.volume_ml)


def test_equal_slices_give_the_larger_then_the_lower():
    wide = np.zeros((4, 30, 30), dtype=bool)
    wide[:, 10, 5:25] = True
    wide[2:, 10:14, 8:22] = True
    assert sized(wide, 1.0).longest_at["slice"] == 2


def test_pixels_that_are_not_square():
    pixels = np.ones((1, 10, 10), dtype=bool)
    measured = measure(Mask(Grid(pixels.shape, (0.5, 2.0, 5.0), (0.0, 0.0, 0.0)), pixels))
    assert measured.longest_diameter_mm == pytest.approx(np.hypot(4.5, 20.0))
    assert measured.volume_ml == pytest.approx(0.5)


def test_an_empty_mask_measures_nothing_and_says_so():
    measured = sized(np.zeros((3, 4, 4), dtype=bool), 1.0)
    assert (measured.longest_diameter_mm, measured.short_axis_mm, measured.volume_ml) == (0.0, 0.0, 0.0)
    assert measured.absence == Absence.EMPTY


def test_separate_parts_are_a_question():
    array = block(k=slice(1, 3), j=slice(2, 8), i=slice(2, 9)) | block(k=slice(3, 5), j=slice(14, 17), i=slice(15, 18))
    measured = sized(array, 1.0)
    assert measured.absence == Absence.SEVERAL_PARTS
    assert len(measured.component_diameters_mm) == 2
    assert measured.longest_diameter_mm == measured.component_diameters_mm[0] > measured.component_diameters_mm[1]
    assert measured.volume_ml == pytest.approx((84 + 18) * 5 / 1000)


def test_voxels_that_touch_at_a_corner_are_one_part():
    array = np.zeros((2, 4, 4), dtype=bool)
    array[0, 1, 1] = array[1, 2, 2] = True
    assert sized(array, 1.0).absence is None


def test_a_speck_beside_the_lesion_is_left_out_with_a_note():
    array = block(k=slice(1, 3), j=slice(2, 8), i=slice(2, 9))
    clean = sized(array, 1.0)
    array[4, 15, 15] = True
    measured = sized(array, 1.0)
    assert measured.absence is None
    assert [note.code for note in measured.notes] == ["W_ROI_SPECKS"]
    assert (measured.longest_diameter_mm, measured.volume_ml) == (clean.longest_diameter_mm, clean.volume_ml)


def test_specks_alone_are_separate_parts():
    array = np.zeros((3, 9, 9), dtype=bool)
    array[1, 1, 1] = array[1, 7, 7] = True
    assert sized(array, 1.0).absence == Absence.SEVERAL_PARTS


@pytest.mark.parametrize("degrees", [0.0, 4.0, 12.0, 40.0, 65.0])
def test_oblique_slices_are_measured_in_the_axial_plane(degrees):
    grid = Grid((70, 80, 80), (1.0, 1.0, 1.5), (0.0, 0.0, 0.0), turned_about_x(degrees))
    k, j, i = np.indices(grid.shape)
    centre = grid.to_patient_mm((40, 40, 35))
    apart = (grid.to_patient_mm(np.stack([i, j, k], axis=-1)) - centre) / (20.0, 9.0, 14.0)
    measured = measure(Mask(grid, (apart**2).sum(axis=-1) <= 1))
    start, end = np.asarray(measured.longest_at["points_mm"])
    assert measured.longest_diameter_mm == pytest.approx(40.5, abs=1.0)
    assert measured.short_axis_mm == pytest.approx(18.5, abs=1.0)
    assert np.abs(np.mean([start, end], axis=0) - centre).max() < 2.0
    if degrees > 5:
        assert start[2] == pytest.approx(end[2], abs=1e-9)


def test_a_thin_oblique_sheet_is_not_lost():
    grid = Grid((3, 40, 40), (1.0, 1.0, 5.0), (0.0, 0.0, 0.0), turned_about_x(30.0))
    array = np.zeros(grid.shape, dtype=bool)
    array[1, 20, 20] = True
    measured = measure(Mask(grid, array))
    assert measured.longest_diameter_mm >= 1.0
    assert measured.absence is None


def test_a_sagittal_grid_is_measured_across_its_slices():
    ball = sphere_mask(20.0, (1.0, 1.0, 1.0), shape_zyx=(25, 25, 25))
    # i runs along A, j along S, k along L.
    grid = Grid((25, 25, 25), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0, 0, 1.0, 1.0, 0, 0, 0, 1.0, 0))
    assert measure(Mask(grid, ball)).longest_diameter_mm == pytest.approx(21.0, abs=0.02)


def test_hull_corners_hold_every_boundary_point():
    pixels = np.random.default_rng(8).random((20, 17)) > 0.7
    points = boundary_points(pixels)
    corners = hull(points)
    for angle in np.linspace(0, np.pi, 37):
        direction = np.array([np.cos(angle), np.sin(angle)])
        assert (points @ direction).max() == pytest.approx((corners @ direction).max(), abs=1e-12)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2).max()
    assert extent_of(pixels, (1.0, 1.0)).longest_mm == pytest.approx(apart, abs=1e-12)


def test_plain_data_keeps_every_bit():
    measured = sized(NODE, 0.7)
    data = json.loads(json.dumps(measured.as_dict(), allow_nan=False))
    assert data["longest_diameter_mm"] == measured.longest_diameter_mm
    assert data["longest_at"] == measured.longest_at
    assert data["absence"] == ""


@pytest.mark.parametrize("day", DEMO_DATES)
@pytest.mark.parametrize("kind", ["SEG", "RTSTRUCT"])
def test_demo_sums(data_dir, day, kind):
    folder = data_dir / "demo_longitudinal_simulated" / "DEMO-LIVER-01" / day
    _, scan = seen_by_outlines(files(folder / "CT"))
    read = {"SEG": read_seg, "RTSTRUCT": read_rtstruct}[kind]
    sizes = [measure(mask_of(outlined)).longest_diameter_mm for outlined in read(folder / f"{kind}.dcm", scan)]
    assert sizes == pytest.approx(DEMO_MM[day], abs=0.02)
    assert sum(sizes) == pytest.approx(SUMS_MM[day], abs=0.02)
