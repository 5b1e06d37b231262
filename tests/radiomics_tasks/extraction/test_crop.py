"""The crop is as small as the numbers allow, and no smaller."""

from dataclasses import replace

import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.crop import crop_for
from radiomics_tasks.extraction.profiles import profile_for
from tests.radiomics_tasks.extraction.lesions import box, scan

GRID = scan().grid


def unresampled(**changes):
    profile = profile_for("CT")
    return replace(profile, settings={**profile.settings, "resampledPixelSpacing": None}, **changes)


def test_margin_holds_padding_and_interpolation():
    # Six resampled voxels of 1 mm are 8 voxels of 0.75 mm; the coarse axis keeps six of its own.
    crop = crop_for(GRID, box(GRID, (3, 4, 5)).array, profile_for("CT"))
    assert crop.margin_voxels == (24 + 8, 24 + 8, 24 + 6)


def test_border_of_the_scan_cuts_the_box():
    crop = crop_for(GRID, box(GRID, (3, 4, 5), (2, 30, 40)).array, profile_for("CT"))
    assert crop.as_dict()["box_kji"] == [[0, 35], [0, 66], [8, 77]]


def test_without_resampling_the_outline_is_enough():
    crop = crop_for(GRID, box(GRID, (3, 4, 5)).array, unresampled())
    assert crop.as_dict() == {"margin_voxels_ijk": [0, 0, 0], "box_kji": [[10, 13], [30, 34], [40, 45]]}


def test_filters_without_resampling_see_the_whole_scan():
    crop = crop_for(GRID, box(GRID, (3, 4, 5)).array, unresampled(image_types={"LoG": {"sigma": [1.0]}}))
    assert crop.margin_voxels is None
    assert tuple(part.stop for part in crop.box) == GRID.shape


def test_linear_resampling_is_not_cut():
    crop = crop_for(GRID, box(GRID, (3, 4, 5)).array, profile_for("PT"))
    assert crop.as_dict() == {"margin_voxels_ijk": None, "box_kji": [[0, n] for n in GRID.shape]}


def test_empty_outline_is_refused():
    with pytest.raises(Refusal) as refused:
        crop_for(GRID, box(GRID, (0, 0, 0)).array, profile_for("CT"))
    assert refused.value.code == "E_MASK_EMPTY"
