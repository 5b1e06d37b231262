"""The IBSI profile has IBSI's reference values: of the digital phantom and of the CT phantom's configurations."""

import csv
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.build import OWN, REFERENCE, build_of
from radiomics_tasks.extraction.engine import ibsi
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.profiles import IBSI, further_profiles_for, profile_for, profile_named
from tests.radiomics_tasks.extraction.engine.ibsi_names import tags
from tests.radiomics_tasks.extraction.lesions import ball, scan
from tests.radiomics_tasks.extraction.test_real_scans import read_pair

PHANTOM = profile_named("ct-ibsi")
FAMILIES = {"shape": 11, "firstorder": 17, "glcm": 23, "glrlm": 16, "glszm": 16, "ngtdm": 5, "gldm": 14}
FLAT = {"shape": 11, "firstorder": 17}
# What differs from configuration C; texture of A and B is taken slice by slice, which is not offered.
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "C": {},
    "D": {"resegmentRange": None, "resegmentDeviations": 3, "binWidth": None, "binCount": 32},
    "E": {"interpolator": "sitkBSpline", "resegmentDeviations": 3, "binWidth": None, "binCount": 32},
}


def references(data_dir, dataset: str) -> dict[str, tuple[str, float]]:
    """Tag to value as printed, and tolerance."""
    with (data_dir / "ibsi_reference_values/ibsi1_all_tidy.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == dataset and row["reference_value"]]
    return {row["tag"]: (row["reference_value"], float(row["tolerance"] or 0)) for row in rows}


def phantom(data_dir, name: str):
    folder = data_dir / name / "nifti"
    return read_pair(folder / "image/phantom.nii.gz", folder / "mask/mask.nii.gz", "HU")


def values_of(data_dir, name: str, **settings) -> dict[str, float | None]:
    volume, mask = phantom(data_dir, name)
    profile = replace(PHANTOM, settings={**PHANTOM.settings, **settings}, minimum_voxels=0)
    taken = ScanExtractor(volume, profile).extract(mask)
    return dict(zip(taken.names, taken.values, strict=True))


def half_a_digit(printed: str) -> float:
    """Half of the last digit that is printed: reference values are rounded to three."""
    return 0.5 * 10.0 ** (math.floor(math.log10(abs(float(printed)))) - 2) if float(printed) else 0.5e-9


def misses(found, known) -> dict[str, tuple[float | None, str]]:
    """What lies outside the tolerance (or outside the rounding of the printed value, where that is wider)."""
    return {
        name: (found[name], known[tag][0])
        for name, tag in tags().items()
        if tag in known and not is_within(found[name], *known[tag])
    }


def is_within(value: float | None, printed: str, tolerance: float) -> bool:
    return value is not None and abs(value - float(printed)) <= max(tolerance, half_a_digit(printed)) * (1 + 1e-9)


def families(names) -> Counter[str]:
    return Counter(name.split("_")[1] for name in names)


def test_every_feature_of_the_profile_has_a_reference(data_dir):
    assert set(tags()) == set(PHANTOM.feature_names)
    assert families(PHANTOM.feature_names) == FAMILIES
    assert set(tags().values()) <= set(references(data_dir, "configuration C"))


def test_digital_phantom(data_dir):
    found = values_of(data_dir, "ibsi1_digital_phantom", resampledPixelSpacing=None, resegmentRange=None, binWidth=1)
    assert misses(found, references(data_dir, "digital phantom")) == {}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_ct_phantom(data_dir, configuration):
    found = values_of(data_dir, "ibsi1_ct_phantom", **CONFIGURATIONS[configuration])
    assert misses(found, references(data_dir, f"configuration {configuration}")) == {}


@pytest.mark.parametrize("configuration", ["A", "B"])
def test_shape_and_statistics_of_the_configurations_that_are_taken_slice_by_slice(data_dir, configuration):
    """A: no resampling; B: 2 mm within the slice."""
    spacing = None if configuration == "A" else [2, 2, 3]
    bins = {"binWidth": 25} if configuration == "A" else {"binWidth": None, "binCount": 32}
    found = values_of(data_dir, "ibsi1_ct_phantom", resampledPixelSpacing=spacing, resegmentRange=[-500, 400], **bins)
    known = references(data_dir, f"configuration {configuration}")
    compared = {name for name, tag in tags().items() if tag in known}
    assert families(compared) == FLAT
    assert misses(found, known) == {}


def test_pyradiomics_own_definitions_are_told_apart(data_dir):
    """The same phantom under configuration C's settings, but by pyradiomics' definitions."""
    volume, mask = phantom(data_dir, "ibsi1_ct_phantom")
    settings = {**profile_for("CT").settings, "resampledPixelSpacing": [2, 2, 2], "interpolator": "sitkLinear"}
    taken = ScanExtractor(volume, replace(profile_for("CT"), settings=settings)).extract(mask)
    found = dict(zip(taken.names, taken.values, strict=True))
    assert len(misses(found, references(data_dir, "configuration C"))) > 70


def test_it_may_be_asked_for_and_says_whose_definitions_it_has():
    assert [profile.name for profile in further_profiles_for("CT")] == ["ct-full", "ct-ibsi"]
    assert PHANTOM.conformance == IBSI
    volume = scan()
    taken = ScanExtractor(volume, PHANTOM, REFERENCE).extract(ball(volume.grid, 9.0))
    assert taken.provenance["conformance"] == IBSI
    assert taken.build_digest == build_of(OWN).digest
    assert taken.profile_digest != profile_for("CT").digest


def test_a_lesion_outside_the_range_has_a_shape_and_no_texture():
    volume = scan()
    volume.array[:] = 2000.0
    taken = ScanExtractor(volume, PHANTOM).extract(ball(volume.grid, 9.0))
    there = {name.split("_")[1] for name, value in zip(taken.names, taken.values, strict=True) if value is not None}
    assert there == {"shape"}


def test_the_crop_leaves_the_numbers_alone():
    volume = scan()
    mask = ball(volume.grid, 9.0)
    near = ScanExtractor(volume, PHANTOM).extract(mask)
    volume.array[:3] = -1000.0
    assert ScanExtractor(volume, PHANTOM).extract(mask).values == near.values


def test_what_it_has_not_is_refused():
    filtered = replace(PHANTOM, image_types={"Original": {}, "LoG": {"sigma": [1.0]}})
    assert "filtered" in ibsi.refuses(filtered)
    with pytest.raises(Refusal, match="filtered"):
        ScanExtractor(scan(), filtered)
    assert "distances" in ibsi.refuses(replace(PHANTOM, settings={**PHANTOM.settings, "distances": [1, 2]}))


def test_the_largest_value_is_in_the_last_of_a_number_of_bins():
    found = ibsi._binned(np.array([0.0, 1.0, 2.0, 32.0]), {"binCount": 32})
    assert found.grey.tolist() == [0.0, 1.0, 2.0, 3.0, 32.0]
