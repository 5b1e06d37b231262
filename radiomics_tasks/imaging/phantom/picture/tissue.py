"""What a lesion looks like inside: viable tissue with its grain, rim, core, and spicules into the lung."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.ndimage import gaussian_filter

from radiomics_tasks.imaging.phantom.picture.fields import FloatArray, centred_piece, grain_field

Vector = tuple[float, float, float]


class Look(StrEnum):
    """What a lesion is made of."""

    LIVER_METASTASIS = "liver metastasis"
    LUNG_MASS = "lung mass"
    LUNG_CAVITY = "cavitating lung mass"
    NODE = "node"
    ADRENAL = "adrenal metastasis"
    BONE = "sclerotic bone metastasis"
    BRAIN_RING = "ring-enhancing brain metastasis"


class Phase(StrEnum):
    """When after the injection of contrast agent the scan was made."""

    PORTAL = "portal venous"
    ARTERIAL = "arterial"


@dataclass(frozen=True)
class Tissue:
    """Signal of a look: HU, for the brain the MR signal. None where there is no such part.

    `rim_from` is the share of the radius at which the rim begins, `core_edge` how gradually the core ends.
    """

    viable: float
    rim: float | None
    core: float | None
    core_edge: float = 0.16
    rim_from: float = 0.86


TISSUES = {
    Look.LIVER_METASTASIS: Tissue(66.0, 86.0, 38.0),
    Look.LUNG_MASS: Tissue(42.0, None, 26.0),
    Look.LUNG_CAVITY: Tissue(46.0, None, -940.0, core_edge=0.05),
    Look.NODE: Tissue(82.0, None, -65.0, core_edge=0.08),
    Look.ADRENAL: Tissue(66.0, None, 38.0),
    Look.BONE: Tissue(640.0, None, None),
    Look.BRAIN_RING: Tissue(560.0, 900.0, 250.0, core_edge=0.08, rim_from=0.62),
}

# Where the arterial phase shows a look otherwise: the rim of a liver metastasis fills first.
ARTERIAL_TISSUES = {
    Look.LIVER_METASTASIS: Tissue(52.0, 104.0, 36.0),
    Look.ADRENAL: Tissue(74.0, None, 38.0),
    Look.NODE: Tissue(70.0, None, -65.0, core_edge=0.08),
}


def tissue_of(look: Look, phase: Phase) -> Tissue:
    """What a look is made of in a phase."""
    return ARTERIAL_TISSUES.get(look, TISSUES[look]) if phase is Phase.ARTERIAL else TISSUES[look]


@dataclass(frozen=True)
class Interior:
    """What is inside a lesion at one visit: the texture truth.

    Attributes
    ----------
    sd
        Spread of the viable part, in HU (MR: signal).
    fwhm_mm
        Grain of that spread.
    necrotic_ratio
        Share of the volume that the core takes.
    """

    sd: float = 14.0
    fwhm_mm: float = 3.0
    necrotic_ratio: float = 0.15


def interior_signal(
    tissue: Tissue,
    interior: Interior,
    depth: FloatArray,
    radius: FloatArray,
    spacing_mm: Vector,
    rng: np.random.Generator,
) -> FloatArray:
    """Signal of every voxel of a box, as if the lesion filled it; the caller blends it in by depth.

    The same `rng` gives the same grain around the middle of boxes of any size.
    """
    grain = centred_piece(grain_field(spacing_mm, interior.fwhm_mm, (32, 128, 128)), depth.shape, rng)
    signal = np.float32(tissue.viable) + np.float32(interior.sd) * grain
    share = radius / (radius + depth + np.float32(1e-3))
    wavy = share + np.float32(0.1) * centred_piece(grain_field(spacing_mm, 7.0, (32, 128, 128)), depth.shape, rng)
    if tissue.rim is not None:
        ring = np.clip((wavy - tissue.rim_from) / 0.1, 0, 1)
        signal += (np.float32(tissue.rim - tissue.viable) * ring).astype(np.float32)
    if tissue.core is not None and interior.necrotic_ratio > 0:
        core_share = np.float32(interior.necrotic_ratio ** (1 / 3))
        core = np.clip((core_share - wavy) / np.float32(tissue.core_edge) + np.float32(0.5), 0, 1)
        signal += (tissue.core + np.float32(0.4 * interior.sd) * grain - signal) * core
    smooth: FloatArray = gaussian_filter(signal, (0, 0.5, 0.5)).astype(np.float32, copy=False)
    return smooth


def spicule_part(
    x: FloatArray, y: FloatArray, z: FloatArray, depth: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """How much of each voxel belongs to strands that run from a lung mass into the lung.

    `x`, `y`, `z` are mm from the lesion's middle and broadcast against each other; `depth` as from `depth_mm`.
    """
    total = np.zeros(depth.shape, dtype=np.float32)
    outside = -depth
    for _ in range(16):
        way = rng.standard_normal(3)
        way[2] *= 0.4
        way = (way / np.linalg.norm(way)).astype(np.float32)
        length = np.float32(rng.uniform(5, 13))
        forward = x * way[0] + y * way[1] + z * way[2]
        aside = np.sqrt(np.maximum(x * x + y * y + z * z - forward * forward, 0))
        wide = np.float32(1.3) * (1 - outside / length)
        part = np.clip((wide - aside) / np.float32(1.1) + np.float32(0.5), 0, 1)
        part *= (forward > 0) & (outside < length)
        np.maximum(total, part, out=total)
    return total
