"""Round, even spots of one axial slice that stand out from what surrounds them: sections of a vessel."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.imaging.volume import BoolArray, FloatArray

RADII_MM = (7.0, 8.5, 10.0, 12.0, 14.0, 16.5)
# What of a disc is its inside, and where its surroundings begin and end.
RIM_MM, RING_MM = 2.0, (2.5, 5.5)
VALUES_HU = (20.0, 600.0)
LARGEST_SD_HU, LARGEST_OUTLIER_HU = 16.0, 50.0
# How much darker (fat, lung, muscle beside blood) or brighter (bone) the surroundings are, and on how much of it.
DARKER_HU, BRIGHTER_HU, LEAST_APART = 28.0, 70.0, 0.62
# Marrow is round and even, too, but cortex surrounds it: most of what a vessel stands out from is darker.
LEAST_DARKER = 0.5
APART_FROM_EACH_OTHER_MM = 8.0
SEED_SD_HU = 20.0
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Disc:
    """A spot at row and column of slice `k`: radius, mean and spread inside, share of the rim that stands out."""

    k: int
    j: int
    i: int
    radius_mm: float
    mean_hu: float
    sd_hu: float
    apart: float


def discs_of(values: FloatArray, wanted: BoolArray, k: int, step_mm: float) -> list[Disc]:
    """The spots of one slice, best first, none closer than 8 mm to a better one.

    Parameters
    ----------
    values : (j, i) in HU, blocks about 2 mm wide.
    wanted : where a middle may lie.
    step_mm : width of a block; where blocks are wider than a spot none is found.
    """
    smooth = ndimage.gaussian_filter(values, 0.5)
    seeds = np.argwhere(wanted & _is_even(smooth))
    found: dict[tuple[int, int], Disc] = {}
    for radius_mm in RADII_MM:
        for disc in _of_radius(smooth, seeds, k, radius_mm, step_mm):
            known = found.get((disc.j, disc.i))
            if known is None or disc.apart >= known.apart:
                found[disc.j, disc.i] = disc
    return _best(list(found.values()), step_mm)


def _is_even(smooth: FloatArray) -> BoolArray:
    mean = ndimage.uniform_filter(smooth, 5)
    spread = ndimage.uniform_filter(smooth * smooth, 5) - mean * mean
    even: BoolArray = (spread < SEED_SD_HU**2) & (mean > VALUES_HU[0]) & (mean < VALUES_HU[1])
    return even


def _of_radius(smooth: FloatArray, seeds: Indices, k: int, radius_mm: float, step_mm: float) -> list[Disc]:
    inner, ring = _offsets(radius_mm, step_mm)
    if not (len(inner) and len(ring)):
        return []  # pixels so wide that a spot of this size is no more than one of them
    reach = int(np.max(np.abs(ring)))
    fits = np.all((seeds >= reach) & (seeds < np.asarray(smooth.shape) - reach), axis=1)
    seeds = seeds[fits]
    if not len(seeds):
        return []
    inside, around = _values_at(smooth, seeds, inner), _values_at(smooth, seeds, ring)
    mean, spread = inside.mean(axis=1), inside.std(axis=1)
    outlier = np.abs(inside - mean[:, None]).max(axis=1)
    difference = around - mean[:, None]
    darker = (difference < -DARKER_HU).mean(axis=1)
    apart = darker + (difference > BRIGHTER_HU).mean(axis=1)
    good = (darker >= LEAST_DARKER) & (spread < LARGEST_SD_HU) & (outlier < LARGEST_OUTLIER_HU) & (apart >= LEAST_APART)
    good &= (mean > VALUES_HU[0]) & (mean < VALUES_HU[1])
    return [
        Disc(k, int(seeds[n, 0]), int(seeds[n, 1]), radius_mm, float(mean[n]), float(spread[n]), float(apart[n]))
        for n in np.flatnonzero(good)
    ]


def _values_at(smooth: FloatArray, seeds: Indices, offsets: Indices) -> npt.NDArray[np.float32]:
    places = seeds[:, None, :] + offsets[None, :, :]
    picked: npt.NDArray[np.float32] = smooth[places[..., 0], places[..., 1]]
    return picked


@lru_cache(maxsize=32)
def _offsets(radius_mm: float, step_mm: float) -> tuple[Indices, Indices]:
    reach = int(np.ceil((radius_mm + RING_MM[1]) / step_mm))
    square = np.argwhere(np.ones((2 * reach + 1, 2 * reach + 1), dtype=np.bool_)) - reach
    away_mm = np.linalg.norm(square, axis=1) * step_mm
    ring = (away_mm >= radius_mm + RING_MM[0]) & (away_mm <= radius_mm + RING_MM[1])
    return square[away_mm <= radius_mm - RIM_MM], square[ring]


def _best(found: list[Disc], step_mm: float) -> list[Disc]:
    kept: list[Disc] = []
    for disc in sorted(found, key=lambda one: (-round(one.apart, 2), one.sd_hu)):
        places = [np.hypot(disc.j - other.j, disc.i - other.i) * step_mm for other in kept]
        if all(away > APART_FROM_EACH_OTHER_MM for away in places):
            kept.append(disc)
    return kept
