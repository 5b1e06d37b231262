"""Masks of discs, ellipses and spheres whose sizes are known before they are measured."""

import math

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]


def _centred(count: int, spacing_mm: float) -> npt.NDArray[np.float64]:
    """Pixel centres in mm, zero in the middle of the row."""
    return np.asarray((np.arange(count) - (count - 1) / 2) * spacing_mm, dtype=np.float64)


def ellipse_mask(
    long_mm: float,
    short_mm: float,
    pixel_mm: float,
    *,
    angle_deg: float = 0.0,
    shape_yx: tuple[int, int] = (61, 61),
) -> BoolArray:
    """An ellipse in one slice: every pixel whose centre lies inside or on it.

    Parameters
    ----------
    long_mm, short_mm
        The two full axes, before digitisation.
    pixel_mm
        Edge of the square pixels.
    angle_deg
        Turn of the long axis from the row direction, in the plane.
    shape_yx
        Rows and columns; odd numbers put the centre onto a pixel centre.
    """
    y_mm = _centred(shape_yx[0], pixel_mm)[:, None]
    x_mm = _centred(shape_yx[1], pixel_mm)[None, :]
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    along = (x_mm * cosine + y_mm * sine) / (long_mm / 2)
    across = (y_mm * cosine - x_mm * sine) / (short_mm / 2)
    inside: BoolArray = along**2 + across**2 <= 1 + 1e-9
    return inside


def disc_mask(diameter_mm: float, pixel_mm: float, *, shape_yx: tuple[int, int] = (61, 61)) -> BoolArray:
    """A disc in one slice; see `ellipse_mask`."""
    return ellipse_mask(diameter_mm, diameter_mm, pixel_mm, shape_yx=shape_yx)


def rectangle_mask(columns: int, rows: int, *, shape_yx: tuple[int, int] = (61, 61)) -> BoolArray:
    """A rectangle of whole pixels near the middle of one slice."""
    mask = np.zeros(shape_yx, dtype=bool)
    top, left = (shape_yx[0] - rows) // 2, (shape_yx[1] - columns) // 2
    mask[top : top + rows, left : left + columns] = True
    return mask


def sphere_mask(
    diameter_mm: float,
    spacing_mm: tuple[float, float, float],
    *,
    shape_zyx: tuple[int, int, int],
    centre_zyx: tuple[float, float, float] | None = None,
) -> BoolArray:
    """A sphere on a grid of `spacing_mm` (x, y, z), around `centre_zyx` in voxels (default: the middle)."""
    middle = centre_zyx or (
        (shape_zyx[0] - 1) / 2,
        (shape_zyx[1] - 1) / 2,
        (shape_zyx[2] - 1) / 2,
    )
    z, y, x = np.ogrid[: shape_zyx[0], : shape_zyx[1], : shape_zyx[2]]
    squared = (
        ((z - middle[0]) * spacing_mm[2]) ** 2
        + ((y - middle[1]) * spacing_mm[1]) ** 2
        + ((x - middle[2]) * spacing_mm[0]) ** 2
    )
    inside: BoolArray = squared <= (diameter_mm / 2) ** 2 * (1 + 1e-9)
    return inside
