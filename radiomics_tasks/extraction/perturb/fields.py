"""Smooth random fields: white noise through a Gaussian, scaled to a standard deviation of one."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float64]


def smooth_field(rng: np.random.Generator, shape: tuple[int, ...], sigma_voxels: tuple[float, ...]) -> Floats:
    """A field of normal numbers with mean nought and deviation one, smoothed by this Gaussian along each axis.

    It is periodic, so that it is alike everywhere. The scale is the Gaussian's own and not the drawn field's: where
    the box is smaller than the smoothing the field is nearly one number, and stays as large as any other.
    """
    field: Floats = rng.standard_normal(shape)
    for axis, (count, sigma) in enumerate(zip(shape, sigma_voxels, strict=True)):
        if sigma > 0 and count > 1:
            peak = np.zeros(count)
            peak[0] = 1.0
            kernel = ndimage.gaussian_filter1d(peak, sigma, mode="wrap")
            field = ndimage.gaussian_filter1d(field, sigma, axis=axis, mode="wrap")
            field /= np.sqrt(float(np.sum(kernel**2)))
    return field
