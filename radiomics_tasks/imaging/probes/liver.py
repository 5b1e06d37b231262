"""The liver of a CT or PET: the largest even mass on the patient's right below the lung, or a reason why none."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.imaging.probes.aorta import Sample
from radiomics_tasks.imaging.probes.coarse import Coarse
from radiomics_tasks.imaging.volume import BoolArray

# Beyond this depth inside the even mass lies what is measured: a ball of 30 mm, as PERCIST places it.
BALL_RADIUS_MM = 15.0
LEAST_VOLUME_ML = 200.0
# The mass reaches at least this far to each side, front to back, and from foot to head.
LEAST_EXTENT_MM = (25.0, 45.0, 45.0)
# How much of the side's cross-section may be lung where the ball lies: in the chest it is more.
LARGEST_LUNG_RATIO = 0.35
LEAST_LUNG_MM2 = 1500.0
RIGHT_MM = 20.0
SMOOTH_MM = 3.0


@dataclass(frozen=True, slots=True)
class Tissue:
    """What the organ looks like in one modality.

    `low`, `high`: values it may have; `band`: how far it strays from its own middle after smoothing (or, as a
    ratio of it, `band_ratio`); `spread`: standard deviation in the ball, beyond which the place is not believed.
    """

    low: float
    high: float
    band: float
    band_ratio: float
    spread: float
    spread_ratio: float
    needs_lung: bool


CT_LIVER = Tissue(low=30.0, high=180.0, band=16.0, band_ratio=0.0, spread=30.0, spread_ratio=0.0, needs_lung=True)
PET_LIVER = Tissue(low=1.2, high=4.5, band=0.0, band_ratio=0.25, spread=0.0, spread_ratio=0.2, needs_lung=False)


def liver_of(scan: Coarse, tissue: Tissue, *, has_aorta_at: tuple[float, ...] = ()) -> Sample | str:
    """Mean of a ball of 30 mm in the right liver, or the sentence that says why there is none.

    Parameters
    ----------
    scan : in blocks of about 4 mm.
    has_aorta_at : heights (LPS z, mm) at which the aorta was found: an abdomen without lung is one all the same.
    """
    mass = _even_mass(scan, tissue)
    if mass is None:
        return "No even mass of 200 mL was found on the patient's right."
    depth_mm = ndimage.distance_transform_edt(mass, sampling=scan.step_mm)
    k, j, i = (int(index) for index in np.unravel_index(int(np.argmax(depth_mm)), depth_mm.shape))
    if depth_mm[k, j, i] < BALL_RADIUS_MM:
        return "The mass on the patient's right is not thick enough for a ball of 30 mm."
    if tissue.needs_lung and not _is_below_lung(scan, mass, k, has_aorta_at):
        return "The mass on the patient's right does not lie below a lung: it may be another organ."
    values = scan.array[_ball(scan, (k, j, i))]
    mean = float(values.mean())
    if float(values.std()) > tissue.spread + tissue.spread_ratio * mean:
        return "The mass on the patient's right is not even enough to be liver."
    return Sample(mean, scan.place_mm(k, j, i))


def _even_mass(scan: Coarse, tissue: Tissue) -> BoolArray | None:
    """The largest piece right of the middle whose smoothed values lie about the commonest of them."""
    sigma = [SMOOTH_MM / step for step in scan.step_mm]
    smooth = ndimage.gaussian_filter(scan.array, sigma)
    columns = np.arange(scan.array.shape[2])
    right = columns[None, None, :] < (scan.middle_ji[:, 1] - RIGHT_MM / scan.step_mm[2])[:, None, None]
    inside = scan.body & right & (smooth > tissue.low) & (smooth < tissue.high)
    core = ndimage.binary_erosion(inside, iterations=2)
    if core.sum() * _voxel_ml(scan) < LEAST_VOLUME_ML / 4:
        return None
    usual = _commonest(smooth[core], tissue)
    band = tissue.band + tissue.band_ratio * usual
    mass = _largest(ndimage.binary_opening(inside & (np.abs(smooth - usual) < band), iterations=2))
    if mass is None or mass.sum() * _voxel_ml(scan) < LEAST_VOLUME_ML:
        return None
    extents = [np.ptp(places) * step for places, step in zip(np.nonzero(mass), scan.step_mm, strict=True)]
    is_wide = all(own >= least for own, least in zip(extents, LEAST_EXTENT_MM, strict=True))
    return ndimage.binary_closing(mass) if is_wide else None


def _commonest(values: npt.NDArray[np.float32], tissue: Tissue) -> float:
    counts, edges = np.histogram(values, bins=40, range=(tissue.low, tissue.high))
    smoothed = np.convolve(counts, [1, 2, 3, 2, 1], mode="same")
    peak = int(np.argmax(smoothed))
    return float(edges[peak] + edges[peak + 1]) / 2


def _largest(marked: BoolArray) -> BoolArray | None:
    labelled, count = ndimage.label(marked)
    if not count:
        return None
    found: BoolArray = labelled == 1 + int(np.argmax(np.bincount(labelled.ravel())[1:]))
    return found


def _is_below_lung(scan: Coarse, mass: BoolArray, k: int, has_aorta_at: tuple[float, ...]) -> bool:
    """The lung of that side lies above the mass and not below, nor around it where it is measured."""
    columns = np.arange(scan.array.shape[2])
    right = columns[None, None, :] < np.nan_to_num(scan.middle_ji[:, 1])[:, None, None]
    lung = (scan.lung & right).sum(axis=(1, 2)) * scan.step_mm[1] * scan.step_mm[2]
    body = np.maximum((scan.body & right).sum(axis=(1, 2)) * scan.step_mm[1] * scan.step_mm[2], 1.0)
    heights = np.flatnonzero(mass.any(axis=(1, 2)))
    if lung[k] / body[k] > LARGEST_LUNG_RATIO:
        return False
    lowest, highest = int(heights[0]), int(heights[-1])
    if lowest and float(lung[:lowest].max()) > LEAST_LUNG_MM2 and float(lung[:lowest].max()) > 0.1 * float(lung.max()):
        return False
    if float(lung[k:].max()) > LEAST_LUNG_MM2:
        return True
    bounds = scan.place_mm(lowest, 0, 0)[2], scan.place_mm(highest, 0, 0)[2]
    return any(bounds[0] <= z_mm <= bounds[1] for z_mm in has_aorta_at)


def _ball(scan: Coarse, middle_kji: tuple[int, int, int]) -> BoolArray:
    away_mm = (np.indices(scan.array.shape).T - middle_kji) * np.asarray(scan.step_mm)
    ball: BoolArray = (np.linalg.norm(away_mm, axis=-1) <= BALL_RADIUS_MM).T
    return ball


def _voxel_ml(scan: Coarse) -> float:
    return float(np.prod(scan.step_mm)) / 1000.0
