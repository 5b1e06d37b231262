"""The same texture in a region that grows eightfold, measured by the engine: no change of texture after the guards."""

import math
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import ndimage

from patients.concluded.change_findings import DeltaNoise
from patients.feature_names import DEFAULT_PANEL
from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoiseSource, NoiseVerdict
from radiomics_tasks.analysis.change.noise.bands import RepeatedLesion, is_log_scale, measured_bands
from radiomics_tasks.analysis.change.noise.multiplicity import with_q_values
from radiomics_tasks.analysis.change.noise.verdicts import BandColumns, BandReader, Compared, judged
from radiomics_tasks.analysis.change.volume import volume_guarded
from radiomics_tasks.extraction.extractor import extract
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.volume import Grid, Volume
from tests.radiomics_tasks.extraction.lesions import ball

SMALL_MM, LARGE_MM = 9.0, 18.0
PAIRS, LESIONS = 10, 5


@cache
def features(seed: int, radius_mm: float) -> dict[str, float]:
    """The engine's features of a ball of 1 mm voxels with a texture that is the same but for its seed."""
    side = int(2 * radius_mm) + 9
    white = np.random.default_rng(seed).normal(size=(2, side, side, side))
    smooth = ndimage.gaussian_filter(white[0], 1.0, mode="wrap")
    array = (60 + 30 * smooth / smooth.std() + 8 * white[1]).astype(np.float32)
    grid = Grid((side, side, side), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    found = extract(Volume(grid, array, "HU"), ball(grid, radius_mm, (side // 2,) * 3), profile_for("CT"))
    return dict(zip(found.names, (math.nan if one is None else one for one in found.values), strict=True))


def texture_names() -> tuple[str, ...]:
    return tuple(name for name in features(0, SMALL_MM) if "_shape_" not in name)


def row(seed: int, radius_mm: float) -> np.ndarray:
    return np.array([features(seed, radius_mm)[name] for name in texture_names()])


def bands() -> BandColumns:
    """Bands of same-day pairs of both sizes."""
    repeats = [
        RepeatedLesion(pk, pk, 2 * radius_mm, np.array([row(2 * pk, radius_mm), row(2 * pk + 1, radius_mm)]))
        for radius_mm, first in ((SMALL_MM, 0), (LARGE_MM, PAIRS))
        for pk in range(first, first + PAIRS)
    ]
    found = measured_bands(repeats, texture_names(), Modality.CT, "ct", NoiseSource.SITE_PAIRS)
    return BandReader(found).columns(texture_names(), Modality.CT, "ct", (2 * SMALL_MM, 2 * LARGE_MM))


def grown(columns: BandColumns) -> list[DeltaNoise]:
    """Lesions that grew eightfold, not guarded yet."""
    logs = np.array([is_log_scale(name) for name in texture_names()])
    noises = []
    for pk in range(LESIONS):
        then, now = row(100 + pk, SMALL_MM), row(200 + pk, LARGE_MM)
        with np.errstate(invalid="ignore", divide="ignore"):
            noises.append(
                judged(Compared(pk, 1, Reference.BASELINE), np.where(logs, np.log(now / then), now - then), columns)
            )
    return noises


def changed(noises: Sequence[DeltaNoise]) -> Counter[str]:
    """In how many lesions each feature is called changed."""
    called = with_q_values(noises)
    return Counter(name for one in called for name, is_so in zip(texture_names(), one.is_changed, strict=True) if is_so)


def test_identical_texture_in_a_growing_region_is_no_change_of_texture():
    columns, ratio = bands(), math.log((LARGE_MM / SMALL_MM) ** 3)
    before = grown(columns)
    after = [volume_guarded(one, columns, texture_names(), ratio, has_volume_changed=True) for one in before]
    comparisons = LESIONS * len(texture_names())
    sys.stdout.write(f"changed before: {changed(before).total()} of {comparisons}, after: {changed(after)}\n")
    assert changed(before)["original_glszm_LargeAreaEmphasis"] == LESIONS
    assert changed(before).total() > 0.2 * comparisons
    assert not set(changed(after)) & set(DEFAULT_PANEL)
    assert changed(after).total() <= 0.05 * comparisons
    assert {one.verdicts[texture_names().index("original_ngtdm_Coarseness")] for one in after} == {
        NoiseVerdict.WITH_VOLUME
    }
