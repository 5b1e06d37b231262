"""The noise of a scan is found where it was put in, beside edges too, and drawn again as strong and as smooth."""

import numpy as np
import pytest

from radiomics_tasks.extraction.perturb.fields import smooth_field
from radiomics_tasks.extraction.perturb.noise import ScanNoise, noise_around

SHAPE = (12, 64, 64)


def noisy(deviation=10.0, sigma=0.8, edge=0.0):
    drawn = ScanNoise(deviation, (0.0, sigma, sigma)).drawn(np.random.default_rng(3), SHAPE)
    drawn[:, :, 32:] += edge
    return drawn.astype(np.float32)


@pytest.mark.parametrize("edge", [0.0, 1000.0])
@pytest.mark.parametrize("deviation", [1.0, 10.0, 40.0])
def test_its_strength_is_found_and_never_overstated(deviation, edge):
    found = noise_around(noisy(deviation, edge=edge)).deviation
    assert 0.6 * deviation < found < 1.05 * deviation


@pytest.mark.parametrize("sigma", [0.5, 0.8])
def test_its_correlation_is_found_along_each_axis(sigma):
    k, j, i = noise_around(noisy(sigma=sigma)).sigma_voxels
    assert k < 0.35
    assert j == pytest.approx(sigma, abs=0.2)
    assert i == pytest.approx(sigma, abs=0.2)


def test_a_scan_without_noise_has_none():
    flat = np.full(SHAPE, 40.0, dtype=np.float32)
    assert noise_around(flat) == ScanNoise(0.0, (0.0, 0.0, 0.0))


def test_parts_that_were_set_to_one_value_do_not_hide_it():
    half = noisy()
    half[:, :40] = 0.0
    assert noise_around(half).deviation > 4.0


@pytest.mark.parametrize("sigma", [(0.0, 0.0, 0.0), (0.0, 1.5, 1.5), (2.0, 2.0, 2.0)])
def test_a_smooth_field_has_a_deviation_of_one(sigma):
    fields = [smooth_field(np.random.default_rng(seed), (10, 40, 40), sigma) for seed in range(12)]
    assert float(np.std(fields)) == pytest.approx(1.0, abs=0.06)


def test_a_field_smoother_than_its_box_stays_as_large():
    numbers = [smooth_field(np.random.default_rng(seed), (4, 4, 4), (9.0, 9.0, 9.0)).mean() for seed in range(400)]
    assert float(np.std(numbers)) == pytest.approx(1.0, abs=0.12)
