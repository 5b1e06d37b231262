"""Bands from repeats: scales, size classes, few pairs, no spread, and which of several origins counts."""

import math

import numpy as np
import pytest

from patients.concluded.change_findings import Band, BandKey
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from radiomics_tasks.analysis.change.noise.bands import (
    Bands,
    RepeatedLesion,
    band_key,
    chosen_bands,
    cited_band,
    measured_bands,
)
from radiomics_tasks.analysis.change.noise.repeatability import MDC_FACTOR, upper_sd

MEAN, CONTRAST, VOLUME = "original_firstorder_Mean", "original_glcm_Contrast", "volume_ml"
NAMES = (MEAN, CONTRAST, VOLUME)
PAIRS = [(100, 108), (50, 46), (20, 21), (75, 75), (33, 30)]


def lesion(pk: int, pair, *, mm: float = 20.0, patient_pk: int = 1, width: int = len(NAMES)) -> RepeatedLesion:
    return RepeatedLesion(pk, patient_pk, mm, np.array([[value] * width for value in pair], dtype=float))


def site(repeats, source=NoiseSource.SITE_PAIRS):
    return measured_bands(repeats, NAMES, Modality.CT, "ct", source)


def key(name: str, size_class: SizeClass = SizeClass.FROM_10) -> BandKey:
    return band_key(name, Modality.CT, "ct", size_class)


def test_golden_pairs_on_both_scales():
    bands = site([lesion(pk, pair, patient_pk=pk // 2) for pk, pair in enumerate(PAIRS)])
    mean, contrast = bands.at(key(MEAN)), bands.at(key(CONTRAST))
    assert (mean.within_sd, mean.is_log) == (pytest.approx(3.0), False)
    assert (contrast.within_sd, contrast.is_log) == (pytest.approx(0.0493356, abs=5e-8), True)
    assert (mean.degrees_of_freedom, mean.lesions, mean.patients, mean.left_out) == (5, 5, 3, 0)
    assert bands.at(key(VOLUME)).key.profile_digest == ""


def test_few_pairs_are_held_against_the_upper_limit():
    few = site([lesion(pk, (10.0, 12.0)) for pk in range(34)]).at(key(MEAN))
    many = site([lesion(pk, (10.0, 12.0)) for pk in range(35)]).at(key(MEAN))
    assert few.limit == few.upper_mdc == pytest.approx(MDC_FACTOR * upper_sd(math.sqrt(2), 34))
    assert many.limit == many.mdc < many.upper_mdc


def test_repeats_without_a_logarithm_are_left_out_and_counted():
    bands = site([lesion(1, (4.0, 5.0)), lesion(2, (-4.0, 5.0)), lesion(3, (0.0, 5.0))])
    assert (bands.at(key(MEAN)).lesions, bands.at(key(MEAN)).left_out) == (3, 0)
    assert (bands.at(key(CONTRAST)).lesions, bands.at(key(CONTRAST)).left_out) == (1, 2)


def test_no_spread_and_no_values_are_no_band():
    bands = site([lesion(1, (5.0, 5.0)), lesion(2, (-1.0, -1.0))])
    assert bands.at(key(MEAN)) is NoBand.NO_SPREAD
    assert site([lesion(1, (-1.0, -2.0))]).at(key(CONTRAST)) is NoBand.NOT_MEASURED
    assert site([]).at(key(MEAN)) is NoBand.NOT_MEASURED


def test_size_modality_and_profile_keep_bands_apart():
    bands = site([lesion(1, (10.0, 12.0), mm=9.9), lesion(2, (10.0, 20.0), mm=35.0)])
    small, middle = bands.at(key(MEAN, SizeClass.UNDER_10)), bands.at(key(MEAN, SizeClass.FROM_35))
    assert small.within_sd < middle.within_sd
    assert bands.at(key(MEAN)) is NoBand.NOT_MEASURED
    assert bands.at(BandKey(MEAN, Modality.MR, "ct", SizeClass.UNDER_10)) is NoBand.NOT_MEASURED
    assert bands.at(BandKey(MEAN, Modality.CT, "ct-2", SizeClass.UNDER_10)) is NoBand.NOT_MEASURED


def test_between_two_classes_the_wider_band_counts():
    bands = site([lesion(1, (10.0, 12.0), mm=9.9), lesion(2, (10.0, 20.0), mm=35.0)])
    ends = [key(MEAN, SizeClass.UNDER_10), key(MEAN, SizeClass.FROM_35)]
    assert bands.between(ends) is bands.at(ends[1])
    assert bands.between([ends[0], key(MEAN)]) is NoBand.NOT_MEASURED


def source_of(found):
    band = chosen_bands(found).at(key(MEAN))
    assert isinstance(band, Band)
    return band.source


def layers(*within):
    return [Bands({key(MEAN): cited_band(key(MEAN), sd, "", source=source)}) for source, sd in within]


def test_own_pairs_go_first_then_the_widest():
    own, cited, outline = NoiseSource.SITE_PAIRS, NoiseSource.PUBLISHED, NoiseSource.PERTURBATION
    for order in (1, -1):
        found = layers((own, 1.0), (cited, 3.0), (outline, 2.0))[::order]
        assert source_of(found) is own
        assert source_of(layers((cited, 3.0), (outline, 2.0))[::order]) is cited
        assert source_of(layers((cited, 1.0), (outline, 2.0))[::order]) is outline


def test_a_reason_stands_only_where_no_origin_has_a_band():
    refused = Bands({}, {key(MEAN): NoBand.OTHER_PROFILE, key(CONTRAST): NoBand.OTHER_PROFILE})
    found = chosen_bands(
        [refused, Bands({}, {key(CONTRAST): NoBand.NO_SPREAD}), *layers((NoiseSource.SITE_PAIRS, 1.0))]
    )
    assert found.missing == {key(CONTRAST): NoBand.OTHER_PROFILE}


@pytest.mark.parametrize(("within_sd", "pairs"), [(0.0, None), (-1.0, None), (math.inf, None), (1.0, 0)])
def test_a_published_band_needs_numbers(within_sd, pairs):
    with pytest.raises(ValueError, match="positive wSD"):
        cited_band(key(MEAN), within_sd, "made up", pairs=pairs)
