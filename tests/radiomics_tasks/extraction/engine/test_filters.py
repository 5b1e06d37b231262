"""The filters of our own are ITK's and PyWavelets' to the bit, whatever part of the image is asked for."""

import numpy as np
import pytest
import pywt
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import kernels
from radiomics_tasks.extraction.engine.filters import COIF1_HIGH, COIF1_LOW

SHAPES = [(12, 14, 16), (30, 26, 44), (9, 40, 70)]
SPACINGS = [(1.0, 1.0, 1.0), (0.8, 0.7, 2.5), (3.0, 0.9765625, 0.9765625)]


def noise(shape, seed=7):
    return np.random.default_rng(seed).normal(50, 60, shape).astype(np.float32)


def boxes(shape):
    yield tuple(slice(0, side) for side in shape)
    yield tuple(slice(2, side - 3) for side in shape)
    yield tuple(slice(side - 1, side) for side in shape)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0, 5.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_laplacian_is_that_of_itk_to_the_bit(shape, sigma, spacing):
    array = noise(shape)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    whole = sitk.GetArrayFromImage(sitk.LaplacianRecursiveGaussian(image, sigma=sigma, normalizeAcrossScale=True))
    for box in boxes(shape):
        found = kernels.laplacian(array, np.array(spacing[::-1]), sigma, box)
        np.testing.assert_array_equal(found, whole[box])


@pytest.mark.parametrize("shape", [*SHAPES[:2], (6, 8, 10)])
def test_wavelets_are_those_of_pywavelets_to_the_bit(shape):
    array = noise(shape)
    whole = pywt.swtn(array, "coif1", level=1, start_level=0, axes=(2, 1, 0))[0]
    for box in boxes(shape):
        found = kernels.wavelet_bands(array, COIF1_LOW, COIF1_HIGH, box)
        for band in range(8):
            letters = f"{band:03b}".replace("0", "a").replace("1", "d")
            np.testing.assert_array_equal(found[band], whole[letters][box], err_msg=letters)


def test_filters_of_single_precision_are_not_given_doubles():
    with pytest.raises(TypeError, match="laplacian was given float64"):
        kernels.laplacian(noise((8, 8, 8)).astype(np.float64), np.ones(3), 1.0, next(boxes((8, 8, 8))))
