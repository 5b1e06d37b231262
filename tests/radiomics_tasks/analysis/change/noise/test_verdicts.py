"""A change beside its band: where it lies outside, how surely, and the words of each source."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patients.timeline import Sizes
from patients.vocabulary import Modality, Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict
from radiomics_tasks.analysis.change.delta import Snapshot, feature_delta
from radiomics_tasks.analysis.change.noise.bands import Bands, RepeatedLesion, measured_bands
from radiomics_tasks.analysis.change.noise.verdicts import (
    SIZE_PANEL,
    BandReader,
    band_columns,
    delta_noise,
    judged,
    size_noise,
)
from radiomics_tasks.analysis.grounds import shipped_bands
from tests.radiomics_tasks.analysis.change.noise.judging import MEAN, OF, band, judge
from tests.timelines import FIRST_ON, features

CONTRAST = "original_glcm_Contrast"
LIMIT = 1.96 * math.sqrt(2)


@pytest.mark.parametrize(("pairs", "factor"), [(40, 1.0), (34, None), (None, 1.0)])
def test_at_its_limit_a_change_is_outside(pairs, factor):
    limit = judge([0.0], pairs=pairs).limit[0]
    assert limit == pytest.approx(LIMIT * (factor or math.sqrt(34 / stats.chi2.ppf(0.05, 34))))
    below, at = judge([math.nextafter(limit, 0), -limit], pairs=pairs).verdicts
    assert (below, at) == (NoiseVerdict.INSIDE, NoiseVerdict.OUTSIDE)


@pytest.mark.parametrize(
    ("source", "over", "within"),
    [
        (NoiseSource.SITE_PAIRS, "outside noise", "smaller than what can be measured here"),
        (
            NoiseSource.PUBLISHED,
            "outside the published noise; this site's own is unknown",
            "smaller than the published noise; this site's own is unknown",
        ),
        (
            NoiseSource.PERTURBATION,
            "exceeds the perturbation lower bound; scan–rescan variation unknown",
            "smaller than what can be measured here",
        ),
    ],
)
def test_the_words_of_each_source(source, over, within):
    noise = judge([9.0, 0.1], source)
    assert [verdict.label for verdict in noise.verdicts] == [over, within]
    assert [verdict.is_greyed for verdict in noise.verdicts] == [False, True]


@pytest.mark.parametrize("verdict", NoiseVerdict)
def test_no_word_says_that_a_change_is_real(verdict):
    assert "real" not in verdict.label
    assert "outside noise" not in NoiseVerdict.OVER_LOWER_BOUND.label


@given(st.floats(-20, 20), st.integers(1, 60))
def test_z_and_p(change, pairs):
    noise = judge([change], pairs=pairs)
    assert noise.z[0] == pytest.approx(change / math.sqrt(2))
    assert noise.p[0] == pytest.approx(2 * stats.t.sf(abs(noise.z[0]), pairs), rel=1e-6, abs=1e-12)


def test_without_degrees_of_freedom_p_is_normal_and_no_upper_limit_stands():
    noise = judge([3.0], NoiseSource.PUBLISHED, pairs=None)
    assert noise.p[0] == pytest.approx(2 * stats.norm.sf(3 / math.sqrt(2)))
    assert (noise.upper_mdc[0], noise.limit[0]) == (None, noise.mdc[0])


def test_beside_a_lower_bound_there_is_no_p_and_nothing_is_changed():
    noise = replace(judge([99.0], NoiseSource.PERTURBATION), q=(0.0,))
    assert noise.p == (None,)
    assert noise.is_changed == (False,)


def test_changed_is_outside_noise_and_among_all_comparisons():
    noise = judge([9.0, 9.0, 9.0, 0.1])
    assert replace(noise, q=(0.049, 0.05, None, 0.001)).is_changed == (True, False, False, False)


def test_no_band_and_no_value():
    columns = band_columns([MEAN, MEAN], [NoBand.NO_SPREAD, band()])
    noise = judged(OF, np.array([5.0, np.nan]), columns)
    assert noise.verdicts == (NoiseVerdict.UNKNOWN, NoiseVerdict.NO_VALUE)
    assert noise.missing == (NoBand.NO_SPREAD, None)
    assert (noise.z, noise.p, noise.change) == ((None, None), (None, None), (5.0, None))
    assert noise.sources == (None, NoiseSource.SITE_PAIRS)


def test_a_delta_is_judged_by_the_form_of_its_scale():
    def at(days, *values):
        return Snapshot(FIRST_ON.replace(day=days), Modality.CT, features(1, values, names=(MEAN, CONTRAST)))

    delta = feature_delta(3, 4, Reference.NADIR, at(9, 12.0, 2.0), at(1, 10.0, 4.0))
    noise = delta_noise(delta, band_columns((MEAN, CONTRAST), [band(), band(CONTRAST, sd=0.1)]))
    assert list(noise.change) == pytest.approx([2.0, -math.log(2)])
    assert noise.is_log == (False, True)
    assert noise.verdicts == (NoiseVerdict.INSIDE, NoiseVerdict.OUTSIDE)
    assert (noise.lesion_pk, noise.timepoint_pk, noise.reference, noise.feature_set_pk) == (3, 4, Reference.NADIR, 1)


def reader(*names: str) -> BandReader:
    repeats = [
        RepeatedLesion(pk, pk, mm, np.array([[10.0] * len(names), [10.0 + pk] * len(names)]))
        for pk, mm in enumerate([20.0, 20.0, 40.0, 40.0], 1)
    ]
    return BandReader(measured_bands(repeats, names, Modality.CT, "ct", NoiseSource.SITE_PAIRS))


def test_bands_are_read_for_both_ends_of_a_change_and_kept():
    book = reader(MEAN)
    narrow = book.columns((MEAN,), Modality.CT, "ct", (20.0, 20.0)).limit[0]
    wide = book.columns((MEAN,), Modality.CT, "ct", (40.0, 20.0))
    assert wide.limit[0] > narrow
    assert book.columns((MEAN,), Modality.CT, "ct", (20.0, 40.0)) is wide
    for unknown in ((20.0, None), (20.0, 9.0)):
        assert book.columns((MEAN,), Modality.CT, "ct", unknown).missing == (NoBand.NOT_MEASURED,)
    assert book.columns((MEAN,), Modality.MR, "ct", (20.0, 20.0)).missing == (NoBand.NOT_MEASURED,)


def test_sizes_are_judged_as_ratios():
    then, now, gone = Sizes(20, 20, 4.0), Sizes(30, 20, 40.0), Sizes(0, 0, 0.0)
    noise = size_noise(OF, then, now, reader(*SIZE_PANEL), Modality.CT)
    assert list(noise.change) == pytest.approx([math.log(10), math.log(1.5)])
    assert noise.is_log == (True, True)
    assert NoiseVerdict.OUTSIDE in noise.verdicts
    assert size_noise(OF, then, gone, BandReader(Bands()), Modality.CT).verdicts == (NoiseVerdict.NO_VALUE,) * 2


@pytest.mark.parametrize("modality", [Modality.CT, Modality.MR])
def test_between_two_kinds_of_scan_no_band_of_either_holds(modality):
    then, now = Sizes(20.0, 20.0, 4.0), Sizes(40.0, 40.0, 32.0)
    reader = BandReader(shipped_bands())
    assert size_noise(OF, then, now, reader, modality, is_one_kind=False).verdicts == (NoiseVerdict.UNKNOWN,) * 2
