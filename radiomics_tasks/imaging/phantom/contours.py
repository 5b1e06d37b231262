"""A slice of a mask as closed polygons, so that the pixel-centre rule gives the mask back exactly."""

import numpy as np
import numpy.typing as npt

# Half pixels, so that the points between pixel centres have whole coordinates: (row, column).
Point = tuple[int, int]


def closed_polygons(mask_yx: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.float64]]:
    """Trace the borders of one slice.

    The points are the midpoints between pixel centres inside and outside (marching squares at one half), so no
    pixel centre ever lies on a line. Holes are polygons of their own: an even-odd fill over all polygons of the
    slice gives the mask back.

    Parameters
    ----------
    mask_yx
        Rows by columns.

    Returns
    -------
    list of arrays, each (points, 2)
        (column, row) in pixels, counted from the centre of pixel (0, 0); the last point joins the first.
    """
    following = _steps(np.pad(mask_yx, 1))
    polygons = []
    while following:
        first, point = next(iter(following.items()))
        del following[first]
        corners = [first]
        while point != first:
            corners.append(point)
            point = following.pop(point)
        # Minus one: the border of outside pixels around the slice.
        polygons.append(np.array([(column / 2 - 1, row / 2 - 1) for row, column in corners]))
    return polygons


def _steps(mask_yx: npt.NDArray[np.bool_]) -> dict[Point, Point]:
    """From each border point to the next one, the inside always on the right hand."""
    corners = (mask_yx[:-1, :-1], mask_yx[:-1, 1:], mask_yx[1:, :-1], mask_yx[1:, 1:])
    filled = np.sum(corners, axis=0)
    following: dict[Point, Point] = {}
    for row, column in np.argwhere((filled > 0) & (filled < 4)).tolist():
        above_left, above_right, below_left, below_right = (bool(each[row, column]) for each in corners)
        top, bottom = (2 * row, 2 * column + 1), (2 * row + 2, 2 * column + 1)
        left, right = (2 * row + 1, 2 * column), (2 * row + 1, 2 * column + 2)
        entries = [
            (top, above_left and not above_right),
            (right, above_right and not below_right),
            (bottom, below_right and not below_left),
            (left, below_left and not above_left),
        ]
        exits = [
            (left, above_left and not below_left),
            (top, above_right and not above_left),
            (right, below_right and not above_right),
            (bottom, below_left and not below_right),
        ]
        starts = [point for point, is_crossed in entries if is_crossed]
        ends = [point for point, is_crossed in exits if is_crossed]
        # Both lists run around the cell alike, so two diagonal pixels are walked around one by one.
        following.update(zip(starts, ends, strict=True))
    return following
