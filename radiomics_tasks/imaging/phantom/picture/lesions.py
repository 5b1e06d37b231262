"""The shape of a lesion: a rough ellipsoid whose true diameter is exactly what the plan says."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from radiomics_tasks.imaging.phantom.picture.fields import FloatArray

Vector = tuple[float, float, float]
# Waves on the unit sphere that roughen the ellipsoid; together about 10 % of the radius.
ROUGH_WAVES, ROUGH_SD = 6, 0.055


def depth_mm(
    semi_axes_mm: Vector, seed: int, x: FloatArray, y: FloatArray, z: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Distance to the border along the ray from the middle (inside positive), and distance from the middle.

    `x`, `y`, `z` are mm from the lesion's middle along the body's axes and broadcast against each other.
    """
    radius = np.sqrt(x * x + y * y + z * z) + np.float32(1e-3)
    border = border_mm(semi_axes_mm, seed, x / radius, y / radius, z / radius)
    return border - radius, radius


def border_mm(
    semi_axes_mm: Vector,
    seed: int,
    ux: npt.NDArray[np.floating],
    uy: npt.NDArray[np.floating],
    uz: npt.NDArray[np.floating],
) -> FloatArray:
    """Distance from the middle to the border in the direction of a unit vector."""
    a, b, c = (np.float32(axis) for axis in semi_axes_mm)
    ellipsoid = 1 / np.sqrt((ux / a) ** 2 + (uy / b) ** 2 + (uz / c) ** 2)
    rough = np.zeros(ellipsoid.shape, dtype=np.float32)
    for kx, ky, kz, phase in _rough_waves(seed):
        rough += np.sin(np.float32(kx) * ux + np.float32(ky) * uy + np.float32(kz) * uz + np.float32(phase))
    border: FloatArray = (ellipsoid * (1 + np.float32(ROUGH_SD) * rough)).astype(np.float32)
    return border


@lru_cache(maxsize=64)
def _rough_waves(seed: int) -> tuple[tuple[float, float, float, float], ...]:
    rng = np.random.default_rng(seed)
    waves = []
    for _ in range(ROUGH_WAVES):
        way = rng.standard_normal(3)
        way *= rng.uniform(2.0, 4.5) / np.linalg.norm(way)
        waves.append((float(way[0]), float(way[1]), float(way[2]), float(rng.uniform(0, 2 * math.pi))))
    return tuple(waves)


@lru_cache(maxsize=64)
def sized_axes(proportions: Vector, seed: int, size_mm: float, *, is_node: bool) -> Vector:
    """Semi-axes that give the rough body a true longest diameter (nodes: short axis) of `size_mm`.

    The true sizes are those of the smooth border, by the same definition as measured ones: the longest diameter
    over the axial planes; for nodes the largest, over the planes, of the width across that plane's own longest
    diameter.
    """
    planes = [_plane_outline(proportions, seed, height) for height in np.linspace(-0.8, 0.8, 17)]
    sizes = [_long_and_short(points) for points in planes if points is not None]
    longest, shortest = (max(column) for column in zip(*sizes, strict=True))
    scale = size_mm / (shortest if is_node else longest)
    return proportions[0] * scale, proportions[1] * scale, proportions[2] * scale


def _plane_outline(axes: Vector, seed: int, share: float) -> npt.NDArray[np.float64] | None:
    """The border in one axial plane, by fixed-point iteration on the radius in the plane."""
    height = share * axes[2]
    angle = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    in_plane = np.full(angle.shape, 0.5 * min(axes[:2]))
    for _ in range(12):
        length = np.hypot(in_plane, height)
        border = border_mm(
            axes, seed, np.cos(angle) * in_plane / length, np.sin(angle) * in_plane / length, height / length
        )
        squared = border.astype(np.float64) ** 2 - height**2
        if (squared <= 0).any():
            return None
        in_plane = 0.5 * (in_plane + np.sqrt(squared))
    return np.stack([np.cos(angle) * in_plane, np.sin(angle) * in_plane], axis=1)


def _long_and_short(points: npt.NDArray[np.float64]) -> tuple[float, float]:
    apart = points[:, None] - points[None]
    lengths = np.hypot(apart[..., 0], apart[..., 1])
    longest = float(lengths.max())
    way = apart[np.unravel_index(lengths.argmax(), lengths.shape)] / longest
    along, across = points @ way, points @ np.array([-way[1], way[0]])
    upper, lower = across >= 0, across < 0
    grid = np.linspace(along.min(), along.max(), 200)
    sides = [
        np.interp(grid, along[part][np.argsort(along[part])], across[part][np.argsort(along[part])])
        for part in (upper, lower)
    ]
    return longest, float((sides[0] - sides[1]).max())
