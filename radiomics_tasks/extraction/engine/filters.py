"""Filtered images of one resampled crop, as values of the lesion's voxels.

Each is defined over the whole crop with its padding; the crop is part of the definition. Where a filter works voxel by
voxel only the lesion's voxels are computed, and the crop gives its largest value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pywt
import SimpleITK as sitk

from radiomics_tasks.extraction.bands import WAVELET_LETTERS, laplacian_name

Values = npt.NDArray[Any]
# Smaller crops than this have no Laplacian of Gaussian.
_SMALLEST_LOG_SIDE = 4


@dataclass(frozen=True)
class Crop:
    """An image and where the lesion's voxels lie in its flat array."""

    image: sitk.Image
    places: npt.NDArray[np.int64]

    @cached_property
    def array(self) -> Values:
        """The voxels over (k, j, i)."""
        return sitk.GetArrayViewFromImage(self.image)

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


def filtered(crop: Crop, image_types: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Values]]:
    """Name and the lesion's values of each image of a profile, in its order."""
    for kind, own in image_types.items():
        yield from FILTERS[kind](crop, own)


def _original(crop: Crop, _own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    yield "original", crop.taken(crop.array)


def _laplacian(crop: Crop, own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    size, spacing = np.array(crop.image.GetSize()), np.array(crop.image.GetSpacing())
    if size.min() < _SMALLEST_LOG_SIDE:
        return
    for sigma in own["sigma"]:
        if not np.all(size >= np.ceil(sigma / spacing) + 1):
            continue
        image = sitk.LaplacianRecursiveGaussian(crop.image, sigma=float(sigma), normalizeAcrossScale=True)
        yield laplacian_name(sigma), crop.taken(sitk.GetArrayViewFromImage(image))


def _wavelet(crop: Crop, own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    array = crop.array
    even = np.pad(array, [(0, side % 2) for side in array.shape], "wrap")
    # The axes are turned round: the first letter of a name is the axis i.
    found = pywt.swtn(even, own.get("wavelet", "coif1"), level=1, start_level=0, axes=(2, 1, 0))[0]
    whole = tuple(slice(0, side) for side in array.shape)
    for letters in WAVELET_LETTERS:
        image = found[letters.replace("L", "a").replace("H", "d")]
        yield f"wavelet-{letters}", crop.taken(np.ascontiguousarray(image[whole]))


def _square(crop: Crop, _own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    yield "square", (1 / np.sqrt(crop.largest) * crop.inside) ** 2


def _square_root(crop: Crop, _own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    values = crop.inside.copy()
    above, below = values > 0, values < 0
    values[above] = np.sqrt(values[above] * crop.largest)
    values[below] = -np.sqrt(-values[below] * crop.largest)
    yield "squareroot", values


def _logarithm(crop: Crop, _own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    values = crop.inside.copy()
    above, below = values > 0, values < 0
    values[above] = np.log(values[above] + 1)
    values[below] = -np.log(-(values[below] - 1))
    yield "logarithm", values * (crop.largest / np.log(crop.largest + 1))


def _exponential(crop: Crop, _own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    yield "exponential", np.exp(np.log(crop.largest) / crop.largest * crop.inside)


def _gradient(crop: Crop, own: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    image = sitk.GradientMagnitude(crop.image, useImageSpacing=bool(own.get("gradientUseSpacing", True)))
    yield "gradient", crop.taken(sitk.GetArrayViewFromImage(image))


FILTERS = {
    "Original": _original,
    "LoG": _laplacian,
    "Wavelet": _wavelet,
    "Square": _square,
    "SquareRoot": _square_root,
    "Logarithm": _logarithm,
    "Exponential": _exponential,
    "Gradient": _gradient,
}
