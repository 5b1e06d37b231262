"""Published noise: only under our profile, only of repeated scans, and an ICC only with its own cohort's spread."""

from dataclasses import replace

import pytest

from patients.noise_beside import ratio_limits
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from radiomics_tasks.analysis.change.noise import published
from radiomics_tasks.analysis.change.noise.bands import band_key
from radiomics_tasks.analysis.change.noise.published import (
    PublishedIcc,
    PublishedSd,
    published_bands,
    shipped_sds,
)

MEAN = "original_firstorder_Mean"
ICC = PublishedIcc(MEAN, Modality.CT, "ct", SizeClass.FROM_10, 0.75, "theirs", True, "made up", 2.0)


def derived_band(*of, **more):
    return published.derived_band(*of, **more)


def published_band(*of):
    return published.published_band(*of)


def band_of(bands, key):
    return bands.at(key)


def test_the_derivation_of_the_published_figures():
    band = derived_band(ICC, "ct", spread_of="theirs")
    assert (band.within_sd, band.source, band.degrees_of_freedom) == (1.0, NoiseSource.DERIVED, None)
    assert band.limit == band.mdc
    assert band.upper_mdc is None


@pytest.mark.parametrize(("local_sd", "would_be"), [(4.0, 2.0), (1.2, 0.6)])
def test_a_local_spread_is_refused(local_sd, would_be):
    local = replace(ICC, total_sd=local_sd)
    assert derived_band(local, "ct", spread_of="this site") is NoBand.ICC_ALONE
    assert derived_band(local, "ct", spread_of="theirs").within_sd == pytest.approx(would_be)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"total_sd": None}, NoBand.ICC_ALONE),
        ({"profile_digest": "bin 10"}, NoBand.OTHER_PROFILE),
        ({"is_repeated_scan": False}, NoBand.READERS_ONLY),
        ({"icc": 1.0}, NoBand.ICC_OUTSIDE),
        ({"icc": -0.1}, NoBand.ICC_OUTSIDE),
    ],
)
def test_what_else_is_refused_reads_repeatability_unknown(other, reason):
    found = derived_band(replace(ICC, **other), "ct", spread_of="theirs")
    assert found is reason
    assert found.label.startswith("repeatability unknown")


def test_bands_of_another_profile_are_no_bands():
    ours = PublishedSd(MEAN, Modality.CT, "ct", SizeClass.FROM_10, 3.0, "made up", pairs=12)
    assert published_band(ours, "ct").limit == published_band(ours, "ct").upper_mdc
    assert published_band(ours, "ct-2") is NoBand.OTHER_PROFILE
    bands = published_bands([ours, *shipped_sds()], "ct-2")
    assert bands.at(band_key(MEAN, Modality.CT, "ct-2", SizeClass.FROM_10)) is NoBand.OTHER_PROFILE
    assert band_of(bands, band_key("volume_ml", Modality.CT, "ct-2", SizeClass.FROM_35)).citation.startswith("QIBA")


def test_shipped_sizes():
    shipped = {(one.feature, one.size_class): one for one in shipped_sds()}
    assert len(shipped) == 6
    diameter = published_band(shipped["longest_diameter_mm", SizeClass.FROM_10], "any")
    assert [round(100 * one, 1) for one in ratio_limits(diameter.limit)] == [-12.5, 14.2]
    assert all("QIBA" in one.citation or "Oxnard" in one.citation for one in shipped.values())
