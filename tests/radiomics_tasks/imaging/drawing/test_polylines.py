"""Contours enclose exactly the pixels that are marked."""

import numpy as np

from radiomics_tasks.imaging.drawing.polylines import polylines
from radiomics_tasks.imaging.measure import boundary_points
from radiomics_tasks.imaging.rtstruct import fill


def test_filling_gives_the_pixels_back():
    random = np.random.default_rng(1)
    for _ in range(200):
        pixels = random.random(random.integers(1, 9, 2)) > random.random()
        lines = polylines(pixels)
        assert all(line[0] == line[-1] for line in lines)
        assert np.array_equal(fill([np.array(line[:-1]) for line in lines], pixels.shape), pixels)


def test_corners_are_points_that_diameters_are_measured_between():
    pixels = np.random.default_rng(2).random((12, 12)) > 0.5
    measured = {tuple(point) for point in boundary_points(pixels).tolist()}
    assert {point for line in polylines(pixels) for point in line} <= measured


def test_a_straight_edge_is_two_points():
    assert len(polylines(np.ones((40, 40), dtype=bool))[0]) == 9


def test_nothing_marked_is_no_line():
    assert polylines(np.zeros((4, 4), dtype=bool)) == []
