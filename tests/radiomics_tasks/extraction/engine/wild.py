"""Wild images and masks for the kernels; run as a process, a sanitizer's build of them takes all features.

    python -m tests.radiomics_tasks.extraction.engine.wild LIBRARY FIRST COUNT

prints a JSON object a pair: its number, and each feature as a hexadecimal float.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from radiomics_tasks.extraction.engine import kernels, own
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.volume import Grid
from tests.radiomics_tasks.extraction.engine.pairs import Pair, every_filter

KINDS = ("one", "few", "most", "all", "line", "plane", "corners", "shells")
GREY = ("noise", "flat", "two", "whole", "large", "tiny", "steps")


def wild(seed: int) -> Pair:
    """A pair by its number: sides from 1 to 19, masks and grey values of every odd kind."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(side) for side in rng.integers(1, 20, 3))
    image = sitk.GetImageFromArray(_grey(GREY[seed % len(GREY)], shape, rng).astype(np.float32))
    mask = sitk.GetImageFromArray(_mask(KINDS[seed % len(KINDS)], shape, rng).astype(np.uint8))
    spacing = tuple(float(step) for step in rng.choice([0.3, 0.7, 1.0, 1.3, 5.0], 3))
    for each in (image, mask):
        each.SetSpacing(spacing)
    return Pair(image, mask, f"{seed} {KINDS[seed % len(KINDS)]} {GREY[seed % len(GREY)]} {shape}")


def profile_of(seed: int) -> Profile:
    """Settings by the pair's number: bins from narrow to wide, and the image types that have kernels of their own."""
    profile = every_filter(("CT", "MR", "PT")[seed % 3], binWidth=(25, 5, 60, 400)[seed % 4])
    types: dict[str, dict[str, Any]] = {"Original": {}, "LoG": {"sigma": [1.0, 4.0]}, "Wavelet": {"wavelet": "coif1"}}
    return replace(profile, image_types=types)


def taken(seed: int) -> dict[str, float]:
    """Every feature that our engine has of a pair, and of the same image resampled to a grid of its own."""
    pair, profile = wild(seed), profile_of(seed)
    wanted = {group: list(quantities) for group, quantities in profile.features.items()}
    thick = np.ptp(np.nonzero(sitk.GetArrayViewFromImage(pair.mask)), axis=1)
    if not thick.all():
        wanted.pop("shape")
    found = own.features(pair.image, pair.mask, wanted, profile)
    rng = np.random.default_rng(seed + 1_000_000)
    array = sitk.GetArrayFromImage(pair.image)
    places = [np.sort(rng.uniform(-3, side + 3, int(rng.integers(1, 24)))) for side in array.shape]
    splined = kernels.spline(array, (places[0], places[1], places[2]))
    return {**found, "spline_sum": float(np.sum(splined, dtype=np.float64)), "spline_size": float(splined.size)}


def grid_of(pair: Pair) -> Grid:
    """The grid on which a pair lies."""
    return Grid(pair.image.GetSize()[::-1], pair.image.GetSpacing(), pair.image.GetOrigin(), pair.image.GetDirection())


def _grey(kind, shape, rng):
    noise = rng.normal(0, 1, shape)
    if kind == "flat":
        return np.full(shape, float(rng.choice([-1000.0, 0.0, 25.0, 3.7])))
    if kind == "two":
        return np.where(noise > 0.5, 60.0, -40.0)
    if kind == "whole":
        return np.round(noise * 100)
    if kind == "large":
        return noise * 3000 + 10_000
    if kind == "tiny":
        return noise * 1e-3
    return np.floor(np.indices(shape).sum(axis=0) / 3) * 25 if kind == "steps" else noise * 80 + 40


def _mask(kind, shape, rng):
    mask = np.zeros(shape, dtype=np.bool_)
    if kind == "all":
        mask[:] = True
    elif kind in ("few", "most"):
        mask = rng.random(shape) < (0.04 if kind == "few" else 0.9)
    elif kind == "line":
        mask[shape[0] // 2, shape[1] // 2] = True
    elif kind == "plane":
        mask[:, shape[1] // 2] = rng.random((shape[0], shape[2])) < 0.8
    elif kind == "corners":
        mask[np.ix_(*((0, side - 1) for side in shape))] = True
    elif kind == "shells":
        far = np.abs(np.indices(shape) - (np.array(shape) / 2)[:, None, None, None]).max(axis=0)
        mask = far.astype(int) % 3 == 0
    mask[tuple(side // 2 for side in shape)] = True  # never empty
    return mask


def main(library: str, first: int, count: int) -> None:
    kernels.library = lambda: Path(library)  # type: ignore[attr-defined]  # the very build that is fuzzed
    with np.errstate(all="ignore"):
        for seed in range(first, first + count):
            told = {name: value.hex() for name, value in taken(seed).items()}
            sys.stdout.write(json.dumps({"seed": seed, "values": told}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
