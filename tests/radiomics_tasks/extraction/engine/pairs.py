"""Made-up images and masks of every kind, and our engine held against pyradiomics on them."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import SimpleITK as sitk

from radiomics_tasks.extraction import reference
from radiomics_tasks.extraction.engine import own
from radiomics_tasks.extraction.profiles import Profile, profile_for

EVERY_FILTER: dict[str, dict[str, Any]] = {
    "Original": {},
    "LoG": {"sigma": [1.0, 2.0, 3.0, 4.0, 5.0]},
    "Wavelet": {"wavelet": "coif1"},
    "Square": {},
    "SquareRoot": {},
    "Logarithm": {},
    "Exponential": {},
    "Gradient": {},
}
KINDS = ("ball", "holes", "components", "border", "slice", "sparse", "thin", "box")
EQUAL_RATIO = 1e-9


@dataclass(frozen=True)
class Pair:
    image: sitk.Image
    mask: sitk.Image
    told: str


def made_up(seed: int) -> Pair:
    """A pair by its number: shape, spacing, texture and grey values all differ, kinds come round in turn."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    shape = tuple(int(side) for side in rng.integers(14, 34, 3))
    spacing = tuple(float(step) for step in rng.choice([0.5, 0.7, 1.0, 1.3, 3.0], 3))
    image = sitk.GetImageFromArray(rng.normal(0, 1, shape).astype(np.float32))
    if rng.random() < 0.8:
        image = sitk.SmoothingRecursiveGaussian(image, float(rng.choice([0.6, 1.0, 2.0])))
    array = sitk.GetArrayFromImage(image)
    array = array / array.std() * rng.choice([12, 60, 200]) + rng.choice([-700, -20, 50, 400])
    if rng.random() < 0.3:
        array = np.round(array)  # whole numbers, so that values stand on the edges of bins
    image = sitk.GetImageFromArray(array.astype(np.float32))
    mask = sitk.GetImageFromArray(outlined(kind, shape, rng).astype(np.uint8))
    for each in (image, mask):
        each.SetSpacing(spacing)
    return Pair(image, mask, f"{seed} {kind} {shape} {spacing}")


def outlined(kind, shape, rng):
    """A mask of one kind over (k, j, i)."""
    k, j, i = np.indices(shape)
    centre = np.array(shape) * rng.uniform(0.4, 0.6, 3)
    radius = np.array(shape) * rng.uniform(0.2, 0.38, 3)
    inside = ((k - centre[0]) / radius[0]) ** 2 + ((j - centre[1]) / radius[1]) ** 2 < 1 - (
        (i - centre[2]) / radius[2]
    ) ** 2
    if kind == "holes":
        return inside & (rng.random(shape) > 0.15)
    if kind == "components":
        return inside & (k % 7 < 4) & (i % 9 < 6)
    if kind == "border":
        return (k < shape[0] // 2) & (j > shape[1] // 3) & (i < shape[2] // 2)
    if kind == "slice":
        return inside & (k == int(centre[0]))
    if kind == "sparse":
        return rng.random(shape) < 0.03
    if kind == "thin":
        return (abs(k - j) < 1) & (i > 3) & (i < shape[2] - 3)
    return (abs(k - centre[0]) < 4) & (abs(j - centre[1]) < 5) if kind == "box" else inside


def every_filter(modality: str = "CT", **settings) -> Profile:
    profile = profile_for(modality)
    return replace(profile, image_types=EVERY_FILTER, settings={**profile.settings, **settings})


def both(pair: Pair, profile: Profile) -> tuple[dict[str, float], dict[str, float]]:
    """Ours, and pyradiomics' own."""
    wanted = {group: list(quantities) for group, quantities in profile.features.items()}
    thick = np.ptp(np.nonzero(sitk.GetArrayViewFromImage(pair.mask)), axis=1)
    if not thick.all():
        wanted.pop("shape")  # withheld by the extractor: a flat mesh has no volume
    mine = own.features(pair.image, pair.mask, wanted, profile)
    return mine, reference.features(pair.image, pair.mask, wanted, profile)


def differences(mine: dict[str, float], theirs: dict[str, float]) -> dict[str, tuple[float, float]]:
    """What is not equal, not there, or a number in one engine only."""
    assert set(mine) == set(theirs)
    return {
        name: (mine[name], value)
        for name, value in theirs.items()
        if not (math.isnan(mine[name]) and math.isnan(value))
        and not abs(mine[name] - value) <= EQUAL_RATIO * max(abs(mine[name]), abs(value))
    }
