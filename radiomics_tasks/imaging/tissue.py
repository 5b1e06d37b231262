"""Which Hounsfield units are tissue: the share of an outline that is air, calcium or metal."""

import numpy as np

from radiomics_tasks.imaging.volume import Mask, Volume

# Air, calcium and metal stay in the lesion, so their share is told (CT only).
TISSUE_HU = (-900.0, 400.0)


def outside_tissue_ratio(volume: Volume, placed: Mask) -> float | None:
    """The share of an outline's voxels below -900 or above 400 HU; None where the scan has no HU or nothing is marked.

    Parameters
    ----------
    placed : on the whole of the volume's grid.
    """
    if volume.unit != "HU" or not placed.array.any():
        return None
    inside = volume.array[placed.array]
    low, high = TISSUE_HU
    return float(np.mean((inside < low) | (inside > high)))
