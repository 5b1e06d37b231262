"""Filtered images of one resampled crop, as values of the lesion's voxels.

Each is defined over the whole crop with its padding; the crop is part of the definition. Where a filter works voxel by
voxel only the lesion's voxels are computed, and the crop gives its largest value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from radiomics_tasks.extraction.bands import WAVELET_LETTERS, laplacian_name
from radiomics_tasks.extraction.engine import kernels

Values = npt.NDArray[Any]
# A name, and what computes its values: filters are told first and may be computed side by side.
Filtered = tuple[str, Callable[[], Values]]
# Smaller crops than this have no Laplacian of Gaussian.
_SMALLEST_LOG_SIDE = 4
_TAPS = 6
# Coiflet 1, low pass and high pass, as PyWavelets has them in each precision: the single ones are not the others
# rounded. It is the wavelet of the profiles, and the only one here.
_SINGLE = [-0.015655728, -0.07273262, 0.38486484, 0.85257196, 0.33789766, -0.07273262]
_DOUBLE = [
    *(-0.015655728135791993, -0.07273261951252645, 0.3848648468648578),
    *(0.8525720202116004, 0.3378976624574818, -0.07273261951252645),
]
_SIGNS = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0]


def _pair(taps: list[float], dtype: type) -> tuple[kernels.Reals, kernels.Reals]:
    return np.array(taps, dtype), np.array([a * b for a, b in zip(taps[::-1], _SIGNS, strict=True)], dtype)


COIF1 = {np.float32: _pair(_SINGLE, np.float32), np.float64: _pair(_DOUBLE, np.float64)}


@dataclass(frozen=True)
class Crop:
    """An image, and the lesion's voxels in it.

    Parameters
    ----------
    image : three-dimensional, float voxels.
    box : the lesion's own box over (k, j, i).
    places, places_in_box : where its voxels lie in the flat array of the image, and of the box.
    """

    image: sitk.Image
    box: kernels.Box
    places: npt.NDArray[np.int64]
    places_in_box: npt.NDArray[np.int64]

    @cached_property
    def array(self) -> Values:
        """The voxels over (k, j, i)."""
        return sitk.GetArrayViewFromImage(self.image)

    @cached_property
    def reals(self) -> kernels.Reals:
        """The voxels in their own precision, single or (once normalised) double, in which they are filtered."""
        if self.array.dtype == np.float64:
            return np.ascontiguousarray(self.array, dtype=np.float64)
        return np.ascontiguousarray(self.array, dtype=np.float32)

    @cached_property
    def largest(self) -> Any:
        """The largest absolute value of the whole crop, in double precision."""
        return np.max(np.abs(self.array.astype(np.float64)))

    @cached_property
    def inside(self) -> npt.NDArray[np.float64]:
        """The lesion's voxels in double precision."""
        return self.taken(self.array).astype(np.float64)

    def taken(self, array: Values) -> Values:
        """The lesion's voxels of an array of this crop's shape."""
        return array.reshape(-1)[self.places]


def filtered(crop: Crop, image_types: Mapping[str, Mapping[str, Any]]) -> Iterator[Filtered]:
    """Each image of a profile, in its order: its name, and what computes the lesion's values."""
    for kind, own in image_types.items():
        yield from FILTERS[kind](crop, own)


def _laplacian(crop: Crop, own: Mapping[str, Any]) -> Iterator[Filtered]:
    size, spacing = np.array(crop.image.GetSize()), np.array(crop.image.GetSpacing())
    if size.min() < _SMALLEST_LOG_SIDE:
        return
    for sigma in own["sigma"]:
        if np.all(size >= np.ceil(sigma / spacing) + 1):
            yield laplacian_name(sigma), partial(_one_laplacian, crop, float(sigma))


def _one_laplacian(crop: Crop, sigma_mm: float) -> Values:
    spacing = np.array(crop.image.GetSpacing()[::-1])
    return kernels.laplacian(crop.reals, spacing, sigma_mm, crop.box).reshape(-1)[crop.places_in_box]


def _wavelet(crop: Crop, _own: Mapping[str, Any]) -> Iterator[Filtered]:
    array: Any = crop.reals
    if any(side % 2 for side in array.shape):
        array = np.pad(array, [(0, side % 2) for side in array.shape], "wrap")
    # pyradiomics turns the axes round: the first letter of a name is the axis i.
    is_thin = min(array.shape) < _TAPS
    taps = COIF1[array.dtype.type]
    bands = _thin_bands(array, crop.box) if is_thin else kernels.wavelet_bands(array, *taps, crop.box)
    for letters in WAVELET_LETTERS:
        number = int(letters.replace("L", "0").replace("H", "1"), 2)
        yield f"wavelet-{letters}", partial(np.take, bands[number].reshape(-1), crop.places_in_box)


def _thin_bands(array: kernels.Reals, box: kernels.Box) -> kernels.Reals:
    """The same bands where an axis is shorter than the filter, which then winds round it more than once."""
    import pywt

    whole = pywt.swtn(array, "coif1", level=1, start_level=0, axes=(2, 1, 0))[0]
    letters = [f"{band:03b}".replace("0", "a").replace("1", "d") for band in range(8)]
    return np.stack([whole[each][box] for each in letters])


def _square(crop: Crop) -> Values:
    values: Values = (1 / np.sqrt(crop.largest) * crop.inside) ** 2
    return values


def _square_root(crop: Crop) -> Values:
    values = crop.inside.copy()
    above, below = values > 0, values < 0
    values[above] = np.sqrt(values[above] * crop.largest)
    values[below] = -np.sqrt(-values[below] * crop.largest)
    return values


def _logarithm(crop: Crop) -> Values:
    values = crop.inside.copy()
    above, below = values > 0, values < 0
    values[above] = np.log(values[above] + 1)
    values[below] = -np.log(-(values[below] - 1))
    values *= crop.largest / np.log(crop.largest + 1)
    return values


def _exponential(crop: Crop) -> Values:
    values: Values = np.exp(np.log(crop.largest) / crop.largest * crop.inside)
    return values


def _gradient(crop: Crop) -> Values:
    image = sitk.GradientMagnitude(crop.image, useImageSpacing=True)
    # A view does not keep its image alive: it must have a name until the voxels are taken.
    return crop.taken(sitk.GetArrayViewFromImage(image))


def _alone(name: str, compute: Callable[[Crop], Values]) -> Callable[[Crop, Mapping[str, Any]], Iterator[Filtered]]:
    """An image type that is one image."""
    return lambda crop, _own: iter([(name, partial(compute, crop))])


FILTERS: dict[str, Callable[[Crop, Mapping[str, Any]], Iterator[Filtered]]] = {
    "Original": _alone("original", lambda crop: crop.taken(crop.array)),
    "LoG": _laplacian,
    "Wavelet": _wavelet,
    "Square": _alone("square", _square),
    "SquareRoot": _alone("squareroot", _square_root),
    "Logarithm": _alone("logarithm", _logarithm),
    "Exponential": _alone("exponential", _exponential),
    "Gradient": _alone("gradient", _gradient),
}
