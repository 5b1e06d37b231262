"""The filters of our own are ITK's and PyWavelets' to the bit, whatever part of the image is asked for."""

import numpy as np
import pytest
import pywt
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import kernels
from radiomics_tasks.extraction.engine.filters import COIF1

SHAPES = [(12, 14, 16), (30, 26, 44), (9, 40, 70)]
SPACINGS = [(1.0, 1.0, 1.0), (0.8, 0.7, 2.5), (3.0, 0.9765625, 0.9765625)]


def noise(shape, precision=np.float32):
    return np.random.default_rng(7).normal(50, 60, shape).astype(precision)


def boxes(shape):
    yield tuple(slice(0, side) for side in shape)
    yield tuple(slice(2, side - 3) for side in shape)
    yield tuple(slice(side - 1, side) for side in shape)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0, 5.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_laplacian_is_that_of_itk_to_the_bit(shape, sigma, spacing, precision):
    array = noise(shape, precision)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    whole = sitk.GetArrayFromImage(sitk.LaplacianRecursiveGaussian(image, sigma=sigma, normalizeAcrossScale=True))
    for box in boxes(shape):
        found = kernels.laplacian(array, np.array(spacing[::-1]), sigma, box)
        np.testing.assert_array_equal(found, whole[box])


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [*SHAPES[:2], (6, 8, 10)])
def test_wavelets_are_those_of_pywavelets_to_the_bit(shape, precision):
    array = noise(shape, precision)
    whole = pywt.swtn(array, "coif1", level=1, start_level=0, axes=(2, 1, 0))[0]
    for box in boxes(shape):
        found = kernels.wavelet_bands(array, *COIF1[precision], box)
        for band in range(8):
            letters = f"{band:03b}".replace("0", "a").replace("1", "d")
            np.testing.assert_array_equal(found[band], whole[letters][box], err_msg=letters)


def test_taps_of_another_precision_are_refused():
    with pytest.raises(TypeError, match="wavelet_bands_double was given float32"):
        kernels.wavelet_bands(noise((8, 8, 8), np.float64), *COIF1[np.float32], next(boxes((8, 8, 8))))
