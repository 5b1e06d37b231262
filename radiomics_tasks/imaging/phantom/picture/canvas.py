"""One slice to paint on: shapes in the body's own millimetres, with soft edges instead of a blur afterwards."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Window = tuple[slice, slice]

# Softness of an edge in mm: what a soft kernel leaves of a sharp border.
EDGE_MM = 1.3
# How far the wander of `Pose` may carry a shape from where its numbers put it.
WANDER_MM = 5.0
# Wavelengths and heights of the waves that bend a patient's outlines.
WAVES_MM = ((150.0, 2.4), (85.0, 1.1), (48.0, 0.45))


@dataclass(frozen=True)
class Pose:
    """How a patient lies in the scanner at one visit.

    Attributes
    ----------
    shift_mm
        (x, y, z) from the body's own place to the scanner's; z is mostly breath.
    turn_deg
        Rotation around the long axis.
    wander_seed
        What makes this patient's outlines irregular; the same at every visit.
    """

    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn_deg: float = 0.0
    wander_seed: int = 0

    def to_scanner(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        cosine, sine = self._turn()
        return (
            x_mm * cosine - y_mm * sine + self.shift_mm[0],
            x_mm * sine + y_mm * cosine + self.shift_mm[1],
        )

    def to_body(self, x_mm: FloatArray, y_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        cosine, sine = (np.float32(value) for value in self._turn())
        x, y = x_mm - np.float32(self.shift_mm[0]), y_mm - np.float32(self.shift_mm[1])
        return x * cosine + y * sine, y * cosine - x * sine

    def _turn(self) -> tuple[float, float]:
        return math.cos(math.radians(self.turn_deg)), math.sin(math.radians(self.turn_deg))


class Canvas:
    """Pixels of one slice, and where in the body each of them lies."""

    def __init__(self, pixels: FloatArray, x_mm: FloatArray, y_mm: FloatArray, z_mm: float, pose: Pose) -> None:
        """`pixels` are painted in place; `x_mm`, `y_mm` are the centres of its columns and rows in the scanner."""
        self.pixels = pixels
        self.z_mm = z_mm - pose.shift_mm[2]
        self._pose = pose
        self._x_mm, self._y_mm = x_mm, y_mm
        x, y = pose.to_body(x_mm[None, :], y_mm[:, None])
        wander_x, wander_y = self._wander(x_mm, y_mm)
        self.x = x + wander_x
        self.y = y + wander_y

    def _wander(self, x_mm: FloatArray, y_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Smooth displacement by a few long waves, so that no organ is an ellipse."""
        rng = np.random.default_rng(self._pose.wander_seed)
        sums = []
        for _ in range(2):
            rows, columns = [], []
            for wavelength_mm, height_mm in WAVES_MM:
                angle, phase, along_z = rng.uniform(0, 2 * math.pi, 3)
                k = 2 * math.pi / wavelength_mm
                a = k * math.cos(angle) * (x_mm - self._pose.shift_mm[0])
                b = k * math.sin(angle) * (y_mm - self._pose.shift_mm[1]) + phase
                b = b + k * 0.7 * math.sin(along_z) * self.z_mm
                # sin(a + b) from its factors: thin matrices instead of a sine per pixel; without BLAS, whose
                # threads would take the other core from whoever is using it.
                rows += [height_mm * np.sin(b), height_mm * np.cos(b)]
                columns += [np.cos(a), np.sin(a)]
            factors = np.array(rows, dtype=np.float32), np.array(columns, dtype=np.float32)
            sums.append(np.einsum("wr,wc->rc", *factors))
        return sums[0], sums[1]

    def window(self, x_mm: float, y_mm: float, reach_mm: float) -> Window:
        """Rows and columns within `reach_mm` of a place in the body."""
        centre_x, centre_y = self._pose.to_scanner(x_mm, y_mm)
        reach = reach_mm + WANDER_MM
        columns = np.searchsorted(self._x_mm, (centre_x - reach, centre_x + reach))
        rows = np.searchsorted(self._y_mm, (centre_y - reach, centre_y + reach))
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))

    def ellipse(
        self, x_mm: float, y_mm: float, a_mm: float, b_mm: float, turn_deg: float = 0.0
    ) -> tuple[Window, FloatArray]:
        """Signed distance to an ellipse in mm, inside positive, in the window that holds it."""
        box = self.window(x_mm, y_mm, max(a_mm, b_mm) + 2 * EDGE_MM)
        return box, self.ellipse_depth(box, x_mm, y_mm, a_mm, b_mm, turn_deg)

    def ellipse_depth(
        self, box: Window, x_mm: float, y_mm: float, a_mm: float, b_mm: float, turn_deg: float = 0.0
    ) -> FloatArray:
        """The same over a window that is given."""
        x, y = self.x[box] - np.float32(x_mm), self.y[box] - np.float32(y_mm)
        if turn_deg:
            cosine, sine = (np.float32(f(math.radians(turn_deg))) for f in (math.cos, math.sin))
            x, y = x * cosine + y * sine, y * cosine - x * sine
        # First-order distance to the level line f = 0: f over the length of its gradient.
        x *= x
        y *= y
        x *= np.float32(a_mm**-2)
        y *= np.float32(b_mm**-2)
        depth: FloatArray = 1 - x
        depth -= y
        x *= np.float32(a_mm**-2)
        y *= np.float32(b_mm**-2)
        x += y
        x += np.float32(1e-9)
        np.sqrt(x, out=x)
        depth /= x
        depth *= np.float32(0.5)
        return depth

    def raise_to(
        self, depth: FloatArray, box: Window, x_mm: float, y_mm: float, a_mm: float, b_mm: float, turn_deg: float = 0.0
    ) -> None:
        """Join one more ellipse to a shape whose signed distance over `box` is `depth`, in place."""
        own = self.window(x_mm, y_mm, max(a_mm, b_mm) + 6)
        rows, columns = (
            slice(max(mine.start, all_.start), max(min(mine.stop, all_.stop), mine.start, all_.start))
            for mine, all_ in zip(own, box, strict=True)
        )
        part = depth[
            rows.start - box[0].start : rows.stop - box[0].start,
            columns.start - box[1].start : columns.stop - box[1].start,
        ]
        np.maximum(part, self.ellipse_depth((rows, columns), x_mm, y_mm, a_mm, b_mm, turn_deg), out=part)

    def fill(self, box: Window, depth: FloatArray, hu: float | FloatArray, edge_mm: float = EDGE_MM) -> None:
        """Paint where `depth` is positive, softly over the edge."""
        part = depth * np.float32(1 / edge_mm)
        part += np.float32(0.5)
        np.clip(part, 0, 1, out=part)
        target = self.pixels[box]
        part *= hu - target
        target += part

    def disc(self, x_mm: float, y_mm: float, a_mm: float, b_mm: float, hu: float, turn_deg: float = 0.0) -> None:
        """Paint one ellipse, if there is any of it at this height."""
        if min(a_mm, b_mm) > 0.3:
            box, depth = self.ellipse(x_mm, y_mm, a_mm, b_mm, turn_deg)
            self.fill(box, depth, hu)
