"""The reference engine: the only door to pyradiomics, whose numbers are the definition."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor, imageoperations

from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Mask

logging.getLogger("radiomics").setLevel(logging.CRITICAL)


def refuses(_profile: Profile) -> str:
    """It takes every profile."""
    return ""


def normalised(image: sitk.Image, profile: Profile) -> sitk.Image:
    """The whole scan, normalised as the profile says."""
    whole: sitk.Image = imageoperations.normalizeImage(image, **profile.settings)
    return whole


def resampled(image: sitk.Image, mask: Mask, _tight: Any, profile: Profile) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask on the profile's grid; the grid starts at the corner of the mask."""
    found: tuple[sitk.Image, sitk.Image] = imageoperations.resampleImage(
        image, image_of(mask.grid, mask.array.astype(np.uint8)), **profile.settings
    )
    return found


def by_itself(image: sitk.Image, mask: sitk.Image, profile: Profile) -> dict[str, float]:
    """What pyradiomics says of a whole scan, with nothing of ours around it."""
    runner = featureextractor.RadiomicsFeatureExtractor(**profile.settings, additionalInfo=False)
    runner.disableAllImageTypes()
    runner.enableImageTypes(**profile.image_types)
    with np.errstate(all="ignore"):
        return {name: float(np.squeeze(value).real) for name, value in runner.execute(image, mask).items()}


def features(
    image: sitk.Image, mask: sitk.Image, wanted: Mapping[str, list[str]], profile: Profile, _threads: int = 1
) -> dict[str, float]:
    """Name to value, of an image that is normalised and resampled already."""
    done = {"normalize": False, "resampledPixelSpacing": None, "additionalInfo": False}
    runner = featureextractor.RadiomicsFeatureExtractor(**{**profile.settings, **done})
    runner.disableAllFeatures()
    runner.enableFeaturesByName(**wanted)
    runner.disableAllImageTypes()
    runner.enableImageTypes(**profile.image_types)
    # Divisions by nought inside the engine end as NaN and are told as NONFINITE, not as warnings.
    with np.errstate(all="ignore"):
        return {name: float(np.squeeze(value).real) for name, value in runner.execute(image, mask).items()}
