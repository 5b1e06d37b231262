"""What repeats under perturbation cost, as a multiple of one extraction; prints the figures.

Run it by `python3 manage.py test -m benchmark -n0 tests/benchmarks/test_perturbation.py`.
"""

import sys
import time

import numpy as np
import pytest
from scipy import ndimage

from radiomics_tasks.extraction.extractor import ScanExtractor, extract
from radiomics_tasks.extraction.perturb.repeated import repeat
from radiomics_tasks.extraction.perturb.spec import spec_named
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.volume import Grid, Mask, Volume

pytestmark = pytest.mark.benchmark
GRID = Grid((120, 512, 512), (0.7, 0.7, 2.5), (-180.0, -180.0, -100.0))
REPEATS = 10
MOST_OF_AS_MANY = 1.3


def seconds(work) -> float:
    """Processor time of the fastest of three goes."""
    taken = []
    for _ in range(3):
        started_at = time.process_time()
        work()
        taken.append(time.process_time() - started_at)
    return min(taken)


@pytest.fixture(scope="module")
def volume() -> Volume:
    """A whole chest's voxels with correlated noise."""
    noise = np.random.default_rng(1).normal(0, 1, GRID.shape).astype(np.float32)
    return Volume(GRID, (100 * ndimage.gaussian_filter(noise, 1) + 50).astype(np.float32), "HU")


@pytest.mark.parametrize("radius_mm", [5, 8, 15, 25])
def test_ten_repeats_cost_no_more_than_ten_extractions(volume, radius_mm, capsys):
    k, j, i = np.indices(GRID.shape, sparse=True)
    apart = ((k - 60) * 2.5) ** 2 + ((j - 256) * 0.7) ** 2 + ((i - 256) * 0.7) ** 2
    mask, profile, spec = Mask(GRID, apart <= radius_mm**2), profile_for("CT"), spec_named(repeats=REPEATS)
    extractor = ScanExtractor(volume, profile)
    whole = seconds(lambda: extract(volume, mask, profile))
    one = seconds(lambda: extractor.extract(mask))
    many = seconds(lambda: repeat(volume, extractor, mask, profile, spec))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{2 * radius_mm} mm lesion: {REPEATS} repeats {many:.2f} s = {many / one:.1f} x one extraction of an "
            f"open scan ({one:.2f} s), {many / whole:.1f} x one with the scan's digest ({whole:.2f} s), "
            f"{many / whole / REPEATS:.2f} x as many\n"
        )
    assert many <= MOST_OF_AS_MANY * REPEATS * whole
