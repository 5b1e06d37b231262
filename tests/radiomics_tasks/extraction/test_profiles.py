"""Profiles hold the settings that the methods fix, and their digest notices every change."""

import copy
import json

import pytest
import yaml

from radiomics_tasks.errors import NeedsPerson
from radiomics_tasks.extraction import profiles
from radiomics_tasks.extraction.profiles import Profile, profile_for, profile_named

COUNTS = {"shape": 14, "firstorder": 18, "glcm": 24, "glrlm": 16, "glszm": 16, "gldm": 14, "ngtdm": 5}
FIXED = {
    "CT": ([1, 1, 1], "sitkBSpline", 25, 1000, False, 1),
    "MR": ([1, 1, 1], "sitkBSpline", 5, 300, True, 100),
    "PT": ([3, 3, 3], "sitkLinear", 0.25, 0, False, 1),
}
SETTINGS = ("resampledPixelSpacing", "interpolator", "binWidth", "voxelArrayShift", "normalize", "normalizeScale")
# Stored snapshots hang on these: a digest changes only together with a new version of its profile.
DIGESTS = {
    "ct": "b8af644cf43b1dacf782cfde961ec857e190883c09f1e5ea5352b093f99f4b13",
    "mr": "1d12ac8529c63e2c60bb134f77d787caa29a75adc467ba34447807700c9a9e57",
    "ct-full": "a5842d1f607080614e60cd9878d571cd9fc4af662780bbcd5e296b8ead6afe0b",
    "mr-full": "897ba567c92f4482ccdeb94dcb7587593c13e24d54500ca38c40dfab51259f04",
    "ct-ibsi": "009782d6aec326bb75648b1dd16f10fa855379a911e4040332834f8b77144a10",
    "pet": "7cee696ac4a80f61b7f625d5f327fbb8d03869fc55499d0058fdbf3c467dfbed",
}


def written(name):
    return yaml.safe_load((profiles._FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("modality", FIXED)
def test_settings_are_those_of_the_methods(modality):
    profile = profile_for(modality)
    assert tuple(profile.settings[key] for key in SETTINGS) == FIXED[modality]
    assert profile.settings["correctMask"] is False
    assert profile.settings["geometryTolerance"] == 1e-6
    assert profile.settings["resegmentRange"] is None
    assert (profile.minimum_voxels, profile.few_voxels) == (50, 64)


@pytest.mark.parametrize("modality", FIXED)
def test_107_features_in_one_order(modality):
    names = profile_for(modality).feature_names
    assert {group: sum(name.split("_")[1] == group for name in names) for group in COUNTS} == COUNTS
    assert len(set(names)) == len(names) == 107
    assert names == profile_for("CT").feature_names


@pytest.mark.parametrize("name", DIGESTS)
def test_digest_is_frozen(name):
    assert profile_named(name).digest == DIGESTS[name]


def test_every_setting_is_in_the_digest():
    original = written("ct")
    digests = {Profile.from_dict(original).digest}
    for key in original["settings"]:
        changed = copy.deepcopy(original)
        changed["settings"][key] = "changed"
        digests.add(Profile.from_dict(changed).digest)
    assert len(digests) == 1 + len(original["settings"])


def test_digest_does_not_hang_on_the_order_of_lines():
    original = written("ct")
    turned = json.loads(json.dumps(dict(reversed(original.items()))))
    assert Profile.from_dict(turned).digest == Profile.from_dict(original).digest


@pytest.mark.parametrize("modality", ["", "US"])
def test_another_modality_needs_a_person(modality):
    with pytest.raises(NeedsPerson) as refused:
        profile_for(modality)
    assert refused.value.code == "Q_MODALITY"


def test_unknown_profile_is_a_defect():
    with pytest.raises(ValueError, match="no profile"):
        profile_named("../ct")


def test_filtered_images_have_texture_and_no_shape():
    data = written("ct")
    data["image_types"] = {"Original": {}, "LoG": {"sigma": [1.0, 2.5]}, "Wavelet": {"wavelet": "coif1"}}
    names = Profile.from_dict(data).feature_names
    assert len(names) == 107 + 10 * 93
    assert names[107] == "log-sigma-1-0-mm-3D_firstorder_10Percentile"
    assert sum(name.startswith("log-sigma-2-5-mm-3D_") for name in names) == 93
    assert names[-1] == "wavelet-LLL_ngtdm_Strength"


def test_images_without_fixed_names_are_a_defect():
    data = written("ct")
    data["image_types"] = {"LBP3D": {}}
    with pytest.raises(ValueError, match="LBP3D"):
        _ = Profile.from_dict(data).feature_names


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_full_profile_is_the_plain_one_with_filtered_images(modality):
    plain, full = profile_for(modality), profiles.full_profile_for(modality)
    assert (full.name, len(full.feature_names)) == (f"{plain.name}-full", 1316)
    assert full.feature_names[:107] == plain.feature_names
    assert (full.settings, full.features) == (plain.settings, plain.features)


def test_pet_has_no_full_profile():
    assert profiles.full_profile_for("PT") is None
