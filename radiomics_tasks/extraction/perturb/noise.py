"""The noise of a scan around a lesion: how strong it is and how far it is correlated, and more of the same."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.extraction.perturb.fields import smooth_field

Floats = npt.NDArray[np.float64]

# Within a slice: what is smoother than the first counts as anatomy; noise is looked at in windows of the second.
ANATOMY_SIGMA_PIXELS, WINDOW_PIXELS = 3.0, 7
# Windows with an edge in them vary more than the noise: the quietest quarter shows it best.
QUIET_PERCENTILE = 25.0
WIDEST_SIGMA_VOXELS = 3.0


@dataclass(frozen=True, slots=True)
class ScanNoise:
    """The noise of one place.

    Parameters
    ----------
    deviation : standard deviation, in the unit of the voxels.
    sigma_voxels : along (k, j, i) the Gaussian that gives white noise the same correlation of neighbours.
    """

    deviation: float
    sigma_voxels: tuple[float, float, float]

    def drawn(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Noise of this strength and correlation."""
        return self.deviation * smooth_field(rng, shape, self.sigma_voxels)


def noise_around(values: npt.NDArray[np.float32]) -> ScanNoise:
    """The noise of the voxels (k, j, i) around one lesion.

    Each slice less itself smoothed is left; the deviation within windows of 7 x 7 pixels is taken everywhere, and
    its 25th percentile is the noise: a lower bound, since smooth noise went with the anatomy. Windows
    of one value (air that was cut to it) are left out. The correlation of
    neighbours along each axis is that of what is left in the windows below the percentile.
    """
    grey = values.astype(np.float64)
    window = (0, WINDOW_PIXELS, WINDOW_PIXELS)
    sigma = (0.0, ANATOMY_SIGMA_PIXELS, ANATOMY_SIGMA_PIXELS)
    left = grey - ndimage.gaussian_filter(grey, sigma, mode="nearest")
    size = tuple(max(1, pixels) for pixels in window)
    mean = ndimage.uniform_filter(left, size, mode="nearest")
    variance = np.maximum(ndimage.uniform_filter(left**2, size, mode="nearest") - mean**2, 0.0)
    varying = ndimage.maximum_filter(grey, size) > ndimage.minimum_filter(grey, size)
    if not varying.any():
        return ScanNoise(0.0, (0.0, 0.0, 0.0))
    limit = float(np.percentile(variance[varying], QUIET_PERCENTILE))
    quiet = varying & (variance <= limit)
    return ScanNoise(float(np.sqrt(limit)), tuple(_sigma(left, quiet, axis) for axis in range(3)))  # type: ignore[arg-type]  # three axes


def _sigma(left: Floats, quiet: npt.NDArray[np.bool_], axis: int) -> float:
    """Neighbours under white noise through a Gaussian correlate by exp(-1 / (4 sigma²))."""
    count = left.shape[axis]
    if count < 2:
        return 0.0
    first, second = (np.take(left, range(start, count - 1 + start), axis=axis) for start in (0, 1))
    both = np.take(quiet, range(count - 1), axis=axis) & np.take(quiet, range(1, count), axis=axis)
    power = float(np.sum(first[both] ** 2 + second[both] ** 2)) / 2
    together = float(np.sum(first[both] * second[both])) / power if power > 0 else 0.0
    if together <= 0.01:
        return 0.0
    return min(WIDEST_SIGMA_VOXELS, float(np.sqrt(-1 / (4 * np.log(min(together, 0.999))))))
