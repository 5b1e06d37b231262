"""Branching vessels of lung and liver, grown once per patient, painted as thin soft tubes."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from radiomics_tasks.imaging.phantom.picture.canvas import WANDER_MM, Canvas, FloatArray, Window

Point = npt.NDArray[np.float64]
LUNG_ROOTS = tuple(
    ((side * 30.0, 4.0, 72.0), (side * x, y, z))
    for side in (-1, 1)
    for x, y, z in (
        (0.6, -0.3, 0.75),
        (0.8, 0.35, 0.5),
        (0.85, -0.55, 0.0),
        (0.9, 0.3, -0.25),
        (0.6, 0.55, -0.6),
        (0.45, 0.25, -0.85),
        (0.7, -0.2, -0.7),
    )
) + tuple(
    ((side * 44.0, 22.0, 34.0), (side * x, y, z))
    for side in (-1, 1)
    for x, y, z in ((0.5, 0.3, -0.8), (0.3, 0.6, -0.75), (0.75, -0.35, -0.55), (0.7, 0.4, -0.3))
)
LIVER_ROOTS = (
    ((-22.0, 0.0, -72.0), (-0.9, 0.25, 0.3)),
    ((-22.0, 0.0, -72.0), (-0.8, -0.4, -0.3)),
    ((-22.0, 0.0, -72.0), (-0.85, 0.35, -0.45)),
    ((-18.0, -6.0, -68.0), (0.5, -0.8, 0.2)),
    ((-24.0, 26.0, -18.0), (-0.9, 0.0, -0.45)),
    ((-24.0, 26.0, -18.0), (-0.6, -0.7, -0.35)),
    ((-22.0, 22.0, -18.0), (0.1, -0.9, -0.4)),
)


@dataclass(frozen=True, eq=False)
class Vessels:
    """Straight pieces of vessels in the body.

    Attributes
    ----------
    starts, ends
        (pieces, 3): x, y, z of both ends, in mm.
    radii
        (pieces,) in mm.
    """

    starts: Point
    ends: Point
    radii: Point

    def parts(self) -> tuple[Point, Point, Point]:
        """Starts, ends and radii."""
        return self.starts, self.ends, self.radii

    def near(self, z_mm: float) -> "Vessels":
        """Only the pieces that a slice at this height may meet."""
        reach = self.radii + 1
        low = np.minimum(self.starts[:, 2], self.ends[:, 2]) - reach
        high = np.maximum(self.starts[:, 2], self.ends[:, 2]) + reach
        picked = (low < z_mm) & (z_mm < high)
        return Vessels(self.starts[picked], self.ends[picked], self.radii[picked])


@lru_cache(maxsize=4)
def lung_vessels(seed: int) -> Vessels:
    """Arteries and veins of both lungs, from the hilum to where they are thinner than a pixel."""
    trunks = _grown(LUNG_ROOTS, seed, radius_mm=4.2, length_mm=26.0, thinnest_mm=0.62, spread=0.62)
    twigs = _twigs(np.random.default_rng(seed), count=1100)
    return Vessels(*(np.concatenate(pair) for pair in zip(trunks.parts(), twigs.parts(), strict=True)))


def _twigs(rng: np.random.Generator, count: int) -> Vessels:
    """Small vessels all over the lungs, each running away from its hilum, thinner towards the pleura."""
    side = rng.choice((-1.0, 1.0), count)
    places = np.stack([side * rng.uniform(38, 126, count), *rng.uniform((-74, -76), (78, 146), (count, 2)).T], axis=1)
    hilum = np.stack([side * 30, np.full(count, 4.0), np.full(count, 72.0)], axis=1)
    away = places - hilum
    distance = np.linalg.norm(away, axis=1)
    ways = away / distance[:, None] + 0.45 * rng.standard_normal((count, 3))
    lengths = rng.uniform(6, 15, count)[:, None]
    radii = np.clip(1.5 - distance / 110, 0.6, 1.3) * rng.uniform(0.85, 1.15, count)
    return Vessels(places, places + ways / np.linalg.norm(ways, axis=1)[:, None] * lengths, radii)


@lru_cache(maxsize=4)
def liver_vessels(seed: int) -> Vessels:
    """Portal branches and hepatic veins."""
    return _grown(LIVER_ROOTS, seed, radius_mm=4.4, length_mm=26.0, thinnest_mm=1.1, spread=0.5)


def _grown(
    roots: tuple[tuple[tuple[float, float, float], tuple[float, float, float]], ...],
    seed: int,
    *,
    radius_mm: float,
    length_mm: float,
    thinnest_mm: float,
    spread: float,
) -> Vessels:
    rng = np.random.default_rng(seed)
    waiting = [(np.array(place), _unit(np.array(way)), radius_mm, length_mm) for place, way in roots]
    starts, ends, radii = [], [], []
    while waiting:
        place, way, radius, length = waiting.pop()
        # Two bends per branch: no vessel is straight for long.
        for _ in range(2):
            way = _unit(way + 0.18 * rng.standard_normal(3))
            end = place + way * length / 2
            starts.append(place)
            ends.append(end)
            radii.append(radius)
            place = end
        for share in (0.84, 0.66):
            if radius * share > thinnest_mm:
                turned = _unit(way + spread * rng.standard_normal(3))
                waiting.append((place, turned, radius * share, length * (0.86 if share > 0.7 else 0.72)))
    return Vessels(np.array(starts), np.array(ends), np.array(radii))


def _unit(way: Point) -> Point:
    return way / np.linalg.norm(way)


def paint_vessels(
    canvas: Canvas, vessels: Vessels, region: Window, depth: FloatArray, blood_hu: float | None = None
) -> None:
    """Paint what of the vessels lies inside a region, all with `blood_hu` or, in the lung, brighter the wider they are.

    `depth` is the signed distance into the region over the window `region`; outside it nothing is painted.
    """
    inside = np.zeros(canvas.pixels.shape, dtype=bool)
    inside[region] = depth > 0.5
    near = vessels.near(canvas.z_mm)
    for start, end, radius in zip(near.starts.tolist(), near.ends.tolist(), near.radii.tolist(), strict=True):
        hu = min(150.0, 20 + 32 * radius) if blood_hu is None else blood_hu
        _paint_piece(canvas, start, end, radius, inside, hu)


def _paint_piece(
    canvas: Canvas,
    start: list[float],
    end: list[float],
    radius: float,
    inside: npt.NDArray[np.bool_],
    blood_hu: float,
) -> None:
    (x0, y0, z0), (x1, y1, z1) = start, end
    # Only the part of the tube near this slice matters.
    steep, near = z1 - z0, radius + 1.5
    first, last = sorted(((canvas.z_mm - near - z0) / steep, (canvas.z_mm + near - z0) / steep)) if steep else (0, 1)
    first, last = max(first, 0.0), min(last, 1.0)
    middle = (first + last) / 2
    reach = math.dist((x0, y0), (x1, y1)) * (last - first) / 2 + near - WANDER_MM / 2
    box = canvas.window(x0 + (x1 - x0) * middle, y0 + (y1 - y0) * middle, reach)
    wanted = inside[box]
    if not wanted.any():
        return
    dx, dy, dz = np.float32(x1 - x0), np.float32(y1 - y0), np.float32(z1 - z0)
    px, py, pz = canvas.x[box] - np.float32(x0), canvas.y[box] - np.float32(y0), np.float32(canvas.z_mm - z0)
    t = np.clip((px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz), 0, 1)
    apart = np.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2 + (pz - t * dz) ** 2)
    part = np.clip((radius - apart) / np.float32(1.2) + np.float32(0.5), 0, 1) * wanted
    target = canvas.pixels[box]
    np.maximum(target, target + (np.float32(blood_hu) - target) * part, out=target)
