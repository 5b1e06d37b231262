"""What stands beside the numbers of one extraction: voxels, spacing, grey levels, crop and warnings."""

from typing import Any

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.crop import Crop
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.tissue import TISSUE_HU, outside_tissue_ratio
from radiomics_tasks.imaging.volume import Mask, Volume

# Outside this many grey levels texture is coarse, or mostly noise.
FEW_LEVELS, MANY_LEVELS = 16, 128
SMALL_VOLUME_ML = 1.0


def described(volume: Volume, placed: Mask, crop: Crop) -> dict[str, Any]:
    """The lesion as it came, before resampling: spacing, voxels, crop and (CT) the share that is not tissue."""
    facts: dict[str, Any] = {
        "unit": volume.unit,
        "spacing_before_mm": list(volume.grid.spacing_mm),
        "roi_voxels_before": placed.voxels,
        "crop": crop.as_dict(),
    }
    share = outside_tissue_ratio(volume, placed)
    if share is not None:
        facts["outside_tissue_ratio"] = share
        facts["tissue_range_hu"] = list(TISSUE_HU)
    return facts


def grey_levels(values: npt.NDArray[np.float64], profile: Profile) -> int:
    """How many bins of the profile's width the lesion's voxels fall into, bins standing at multiples of the width."""
    width = profile.settings["binWidth"]
    if width is None:
        return int(profile.settings["binCount"])
    return int(np.unique(np.floor(values / float(width))).size)


def warnings_of(
    values: npt.NDArray[np.float64],
    spacing_mm: tuple[float, float, float],
    profile: Profile,
) -> list[dict[str, str]]:
    """Notes (code and sentence) on a lesion whose texture is there but weak."""
    count = int(values.size)
    volume_ml = count * float(np.prod(spacing_mm)) / 1000
    left = f"{count} voxels ({volume_ml:.2g} ml) are left after resampling"
    if count < profile.minimum_voxels:
        return [_note("W_SMALL_ROI", f"{left}, fewer than {profile.minimum_voxels}: texture is withheld.")]
    notes = []
    levels = grey_levels(values, profile)
    if count < profile.few_voxels or volume_ml < SMALL_VOLUME_ML:
        notes.append(_note("W_SMALL_ROI", f"{left}: texture is uncertain."))
    if levels < FEW_LEVELS:
        notes.append(_note("W_FEW_LEVELS", f"{levels} grey levels, fewer than {FEW_LEVELS}: texture is coarse."))
    if levels > MANY_LEVELS:
        notes.append(_note("W_MANY_LEVELS", f"{levels} grey levels, more than {MANY_LEVELS}: mostly noise."))
    return notes


def _note(code: str, sentence: str) -> dict[str, str]:
    return {"code": code, "sentence": sentence}
