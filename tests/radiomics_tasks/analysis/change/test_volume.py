"""Textures that follow volume: which they are, how a cohort says so, and what is called of their changes."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patients.feature_names import DEFAULT_PANEL
from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, SizeClass, Undefined
from radiomics_tasks.analysis.change import semantics as room
from radiomics_tasks.analysis.change.noise.bands import band_key, cited_band
from radiomics_tasks.analysis.change.noise.verdicts import Compared, band_columns, judged
from radiomics_tasks.analysis.change.volume import (
    VolumeSlopes,
    correlation_with_volume,
    follows_volume,
    is_small_for_texture,
    ln_volume_ratio,
    residualised,
    volume_guarded,
    volume_slopes,
)

TABLE = json.loads(Path(room.__file__).with_name("feature_semantics.json").read_text(encoding="utf-8"))
AREA, CONTRAST, MESH = "original_glszm_LargeAreaEmphasis", "original_glcm_Contrast", "original_shape_MeshVolume"
NAMES = (AREA, CONTRAST, MESH)


GUARDS = ("strong_volume_dependence", "size_sensitive", "roi_min_anchored")


def test_every_texture_that_the_table_says_moves_and_no_shape():
    textures = [row["feature"] for row in TABLE if row["cls"] != "shape" and any(row[guard] for guard in GUARDS)]
    assert follows_volume(textures).all()
    assert not follows_volume([row["feature"] for row in TABLE if row["cls"] == "shape"]).any()


def test_what_moved_in_growing_balls_and_what_nobody_described():
    names = ["original_gldm_SmallDependenceEmphasis", "wavelet-LLH_glrlm_RunPercentage", "custom", "other_glcm_New"]
    assert follows_volume(names).tolist() == [True, True, False, False]
    assert np.flatnonzero(follows_volume(DEFAULT_PANEL)).tolist() == [DEFAULT_PANEL.index("original_glszm_ZoneEntropy")]


def test_small_regions():
    assert [is_small_for_texture(*one) for one in ((1.0, None), (1.0, 63), (0.999, None))] == [False, True, True]


def test_rank_correlation_with_volume():
    generator = np.random.default_rng(1)
    ratios, changes = generator.normal(size=40), generator.normal(size=40)
    found = correlation_with_volume([*changes.tolist(), None], [*ratios.tolist(), 0.0])
    assert found.value == pytest.approx(stats.spearmanr(changes, ratios).statistic)
    assert correlation_with_volume([1.0, None, 2.0], [1.0, 2.0, 3.0]).absence is Undefined.TOO_FEW_PAIRS
    assert correlation_with_volume([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]).absence is Undefined.NO_SPREAD


def cohort(lesions: int = 30) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(2)
    ratios = generator.normal(size=lesions)
    return np.column_stack(
        [1.2 * ratios + 0.3 + generator.normal(0, 0.1, lesions), generator.normal(size=lesions)]
    ), ratios


def test_slopes_are_those_of_least_squares():
    changes, ratios = cohort()
    found = volume_slopes(changes, ratios)
    for column in (0, 1):
        expected = stats.linregress(ratios, changes[:, column])
        assert found.slope[column] == pytest.approx(expected.slope)
        assert found.standard_error[column] == pytest.approx(expected.stderr)
    assert found.lesions.tolist() == [30, 30]


def test_too_few_lesions_or_lesions_that_grew_alike_say_nothing():
    changes, ratios = cohort()
    changes[0, 1] = np.nan
    assert np.isnan(volume_slopes(changes, ratios).slope).tolist() == [False, True]
    assert np.isnan(volume_slopes(changes, np.full(30, 0.5)).slope).all()


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_change_that_only_follows_volume_leaves_nothing(slope, ratio):
    slopes = VolumeSlopes(np.array([slope]), np.array([0.0]), np.array([30]))
    assert residualised(np.array([slope * ratio]), ratio, slopes)[0] == pytest.approx(0, abs=1e-12)


def guarded(changes, *, ratio=1.0, has_changed=True, slope=None, error=0.0, source=NoiseSource.SITE_PAIRS):
    key = [band_key(name, Modality.CT, "ct", SizeClass.FROM_10) for name in NAMES]
    columns = band_columns(NAMES, [cited_band(one, 0.1, "", pairs=40, source=source) for one in key])
    noise = judged(Compared(1, 2, Reference.BASELINE), np.array(changes), columns)
    slopes = None if slope is None else VolumeSlopes(np.array(slope), np.full(3, error), np.full(3, 30))
    return volume_guarded(noise, columns, NAMES, ratio, has_volume_changed=has_changed, slopes=slopes)


OVER, HELD, INSIDE = NoiseVerdict.OUTSIDE, NoiseVerdict.WITH_VOLUME, NoiseVerdict.INSIDE


def test_without_a_cohort_a_texture_that_follows_volume_is_held():
    assert guarded([1.0, 1.0, 1.0]).verdicts == (HELD, OVER, OVER)
    assert guarded([1.0, 1.0, 1.0], has_changed=False).verdicts == (OVER, OVER, OVER)
    assert guarded([0.1, 0.1, 0.1]).verdicts == (INSIDE, INSIDE, INSIDE)
    assert guarded([1.0, 1.0, 1.0]).is_without_volume == (False, False, False)


def test_with_a_cohort_what_is_left_is_judged():
    slope = [1.0, 1.0, 1.0]
    held, changed = guarded([1.1, 1.0, 1.0], slope=slope), guarded([2.0, 1.0, 1.0], slope=slope)
    assert (held.verdicts, changed.verdicts) == ((HELD, OVER, OVER), (OVER, OVER, OVER))
    assert held.change == (pytest.approx(0.1), 1.0, 1.0)
    assert held.is_without_volume == (True, False, False)
    assert held.p[0] == pytest.approx(2 * stats.t.sf(0.1 / (math.sqrt(2) * 0.1), 40))


def test_an_unsure_slope_widens_the_band():
    sure, unsure = (guarded([1.5, 1.0, 1.0], slope=[1.0] * 3, error=error) for error in (0.0, 0.3))
    assert (sure.verdicts[0], unsure.verdicts[0]) == (OVER, HELD)
    assert unsure.limit[0] == pytest.approx(1.96 * math.sqrt(2 * 0.1**2 + 0.3**2))


def test_a_change_within_noise_is_not_made_one():
    assert guarded([0.1, 0.1, 0.1], slope=[5.0] * 3).verdicts == (INSIDE,) * 3


@pytest.mark.parametrize(("ratio", "slope"), [(None, [1.0] * 3), (1.0, [math.nan] * 3)])
def test_where_nothing_can_be_taken_away_the_change_is_held(ratio, slope):
    assert guarded([1.0, 1.0, 1.0], ratio=ratio, slope=slope).verdicts == (HELD, OVER, OVER)


def test_beside_a_lower_bound_the_words_stay():
    noise = guarded([2.0, 1.0, 1.0], slope=[1.0] * 3, source=NoiseSource.PERTURBATION)
    assert noise.verdicts == (NoiseVerdict.OVER_LOWER_BOUND,) * 3
    assert replace(noise, q=(0.0,) * 3).is_changed == (False,) * 3


def test_without_a_band_nothing_is_held():
    columns = band_columns(NAMES, [NoBand.NOT_MEASURED] * 3)
    noise = judged(Compared(1, 2, Reference.BASELINE), np.ones(3), columns)
    unknown = volume_guarded(noise, columns, NAMES, 1.0, has_volume_changed=True)
    assert unknown.verdicts == (NoiseVerdict.UNKNOWN,) * 3


def test_ratio_of_volumes():
    assert ln_volume_ratio(2.0, 4.0) == pytest.approx(math.log(2))
    assert ln_volume_ratio(0.0, 4.0) is ln_volume_ratio(4.0, 0.0) is None
