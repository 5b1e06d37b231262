"""A line between two points of one slice: its length by the scan's own spacing, its ends in the patient. No Django."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Pixel = tuple[float, float]
Point = tuple[float, float, float]
Matrix = tuple[float, float, float, float, float, float, float, float, float]
# Pixel centres lie at whole numbers, so a picture begins half a pixel before its first one.
HALF = 0.5


@dataclass(frozen=True, slots=True)
class SliceLine:
    """Two points of one slice.

    Parameters
    ----------
    k : index of the slice in the scan.
    ends_px : both ends as column and row (i, j) of the whole image; pixel centres lie at whole numbers.
    """

    k: int
    ends_px: tuple[Pixel, Pixel]


@dataclass(frozen=True, slots=True)
class SliceGrid:
    """Where the pixels of a scan lie in the patient.

    Parameters
    ----------
    shape : slices, rows, columns.
    spacing_mm : distance of pixel centres along column index i, row index j and slice index k.
    origin_mm : centre of the very first pixel (LPS).
    direction : row-major 3x3; its columns are the unit vectors of i, j and k.
    """

    shape: tuple[int, int, int]
    spacing_mm: Point
    origin_mm: Point
    direction: Matrix

    @classmethod
    def of(cls, geometry: Mapping[str, Sequence[Any]]) -> "SliceGrid | None":
        """The grid of a scan as it is stored; None where it is not known."""
        if not {"shape", "spacing_mm", "origin_mm", "direction"} <= geometry.keys():
            return None
        k, j, i = (int(n) for n in geometry["shape"])
        xi, xj, xk, yi, yj, yk, zi, zj, zk = (float(x) for x in geometry["direction"])
        spacing_mm, origin_mm = _point(geometry["spacing_mm"]), _point(geometry["origin_mm"])
        return cls((k, j, i), spacing_mm, origin_mm, (xi, xj, xk, yi, yj, yk, zi, zj, zk))

    def length_mm(self, line: SliceLine) -> float:
        """Length of a line by the spacing of columns and rows, which need not be the same.

        >>> grid = SliceGrid((9, 64, 64), (0.5, 2.0, 5.0), (0.0, 0.0, 0.0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
        >>> grid.length_mm(SliceLine(4, ((10.0, 20.0), (16.0, 22.0))))
        5.0
        """
        (i, j), (other_i, other_j) = line.ends_px
        return math.hypot((other_i - i) * self.spacing_mm[0], (other_j - j) * self.spacing_mm[1])

    def holds(self, line: SliceLine) -> bool:
        """Whether both ends lie in the scan."""
        slices, rows, columns = self.shape
        return 0 <= line.k < slices and all(
            -HALF <= i <= columns - HALF and -HALF <= j <= rows - HALF for i, j in line.ends_px
        )

    def points_mm(self, line: SliceLine) -> tuple[Point, Point]:
        """Both ends in patient coordinates (LPS, mm)."""
        one, other = line.ends_px
        return self._to_patient((*one, float(line.k))), self._to_patient((*other, float(line.k)))

    def line_between(self, points_mm: Sequence[Sequence[float]]) -> SliceLine:
        """The line between two points of the patient (LPS, mm), on the slice nearest to both."""
        one, other = (self._to_index(_point(point)) for point in points_mm)
        return SliceLine(round((one[2] + other[2]) / 2), ((one[0], one[1]), (other[0], other[1])))

    def _to_patient(self, index: Point) -> Point:
        steps = [n * mm for n, mm in zip(index, self.spacing_mm, strict=True)]
        m = self.direction
        return _point([self.origin_mm[row] + _dot(m[3 * row : 3 * row + 3], steps) for row in range(3)])

    def _to_index(self, point_mm: Point) -> Point:
        # The unit vectors stand at right angles to each other: the transposed matrix is the inverse.
        apart = [x - origin for x, origin in zip(point_mm, self.origin_mm, strict=True)]
        return _point([_dot(self.direction[axis::3], apart) / self.spacing_mm[axis] for axis in range(3)])


def _point(numbers: Sequence[float]) -> Point:
    x, y, z = (float(number) for number in numbers)
    return x, y, z


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))
