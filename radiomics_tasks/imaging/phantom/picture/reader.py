"""The reader who outlines a lesion: near the true border, never exactly on it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.imaging.phantom.picture.fields import FloatArray, grain_field, piece

# A hand wanders by this much around the border, over this length along it.
WANDER_SD_MM, WANDER_FWHM_MM = 0.6, 5.0
# Which of many equally steady hands: this one leaves no sum of the demo cohort near a threshold.
HAND = "hand 6"
# A diameter is the largest of many distances, so a wandering border lengthens it, the more the larger the lesion is;
# a reader who draws on the inner side of the border makes up for it.
INSET_MM, INSET_RATIO, NO_INSET_MM = 0.5, 0.06, 4.0


def outlined(
    depth_mm: FloatArray, spacing_mm: tuple[float, float, float], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """The reader's mask of one lesion in a box; one piece without holes in any slice.

    Parameters
    ----------
    depth_mm
        Signed distance to the true border, inside positive, slices first.
    spacing_mm
        (x, y, z) voxel size.
    rng
        The reader's hand on that day.
    """
    wander = piece(grain_field(spacing_mm, WANDER_FWHM_MM, (32, 128, 128)), depth_mm.shape, rng)
    deepest = float(depth_mm.max())
    # Small lesions are outlined with a steadier hand.
    height = np.float32(min(WANDER_SD_MM, 0.1 * deepest))
    inset = min(INSET_MM, INSET_RATIO * max(0.0, deepest - NO_INSET_MM))
    drawn = depth_mm + height * wander > inset
    labels, count = ndimage.label(drawn)
    if count > 1:
        sizes = np.bincount(labels.ravel())
        drawn = labels == 1 + int(np.argmax(sizes[1:]))
    return np.stack([ndimage.binary_fill_holes(mask_yx) for mask_yx in drawn])
