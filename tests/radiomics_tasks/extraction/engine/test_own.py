"""Our engine has pyradiomics' numbers: every class, every filter, every kind of mask."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.extraction.build import OWN, REFERENCE, build_of
from radiomics_tasks.extraction.engine import own
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.profiles import profile_for
from tests.radiomics_tasks.extraction.engine.pairs import KINDS, both, differences, every_filter, made_up
from tests.radiomics_tasks.extraction.lesions import scan


@pytest.mark.parametrize("seed", range(len(KINDS)))
def test_every_kind_of_mask_has_the_numbers_of_pyradiomics(seed):
    pair = made_up(seed)
    mine, theirs = both(pair, every_filter())
    assert len(theirs) > 1500 or "slice" in pair.told
    assert differences(mine, theirs) == {}


def test_a_normalised_scan_is_measured_in_double_precision():
    pair = made_up(1)
    normalised = replace(pair, image=sitk.Normalize(pair.image) * 100)
    assert normalised.image.GetPixelID() == sitk.sitkFloat64
    assert differences(*both(normalised, every_filter("MR"))) == {}


@pytest.mark.parametrize(
    "settings", [{"binCount": 17, "binWidth": None}, {"binWidth": 0.3}, {"binWidth": 5, "voxelArrayShift": 300}]
)
def test_every_way_to_bin_has_the_numbers_of_pyradiomics(settings):
    pair = made_up(8)
    small = replace(pair, image=pair.image * 0.05 if settings["binWidth"] == 0.3 else pair.image)
    profile = replace(every_filter(**settings), image_types={"Original": {}, "Square": {}, "Gradient": {}})
    assert differences(*both(small, profile)) == {}


def test_many_grey_levels_need_two_bytes():
    pair = made_up(8)
    profile = replace(every_filter(binWidth=0.5), image_types={"Original": {}})
    mine, theirs = both(pair, profile)
    assert mine["original_firstorder_Range"] > 256 * 0.5
    assert differences(mine, theirs) == {}


@pytest.mark.parametrize("size", [(1, 1, 40), (1, 3, 2), (2, 2, 2)])
def test_the_smallest_masks_have_the_numbers_of_pyradiomics(size):
    pair = made_up(0)
    inside = np.zeros(pair.image.GetSize()[::-1], dtype=np.uint8)
    inside[tuple(slice(3, 3 + side) for side in size)] = 1
    mask = sitk.GetImageFromArray(inside)
    mask.CopyInformation(pair.image)
    profile = replace(every_filter(), image_types={"Original": {}})
    assert differences(*both(replace(pair, mask=mask), profile)) == {}


@pytest.mark.parametrize(("name", "value"), [("distances", [1, 2]), ("weightingNorm", "euclidean"), ("gldm_a", 1)])
def test_what_the_kernels_have_not_is_left_to_pyradiomics(name, value):
    profile = every_filter(**{name: value})
    assert name in own.refuses(profile)
    assert ScanExtractor(scan(), profile, OWN).build == build_of(REFERENCE)


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_every_shipped_profile_is_measured_by_our_own(modality):
    assert own.refuses(profile_for(modality)) == ""
    assert ScanExtractor(scan(), profile_for(modality), OWN).build == build_of(OWN)


def test_a_crop_thinner_than_the_wavelet_has_the_numbers_of_pyradiomics():
    pair = made_up(0)
    middle = pair.image.GetDepth() // 2
    cut = replace(pair, image=pair.image[:, :, middle : middle + 3], mask=pair.mask[:, :, middle : middle + 3])
    types: dict[str, dict[str, Any]] = {"Original": {}, "Wavelet": {"wavelet": "coif1"}, "LoG": {"sigma": [1.0]}}
    profile = replace(every_filter(), image_types=types)
    mine, theirs = both(cut, profile)
    assert not any(name.startswith("log") for name in mine)
    assert differences(mine, theirs) == {}


@pytest.mark.parametrize("seed", [1, 3])
def test_bits_are_the_same_with_any_number_of_threads(seed):
    pair, profile = made_up(seed), every_filter()
    wanted = {group: list(quantities) for group, quantities in profile.features.items()}
    told = [own.features(pair.image, pair.mask, wanted, profile, threads) for threads in (1, 2, 4)]
    assert repr(told[0]) == repr(told[1]) == repr(told[2])
