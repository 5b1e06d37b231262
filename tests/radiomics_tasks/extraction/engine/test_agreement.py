"""Our engine held against pyradiomics on every real image with a mask, and on 200 made-up ones; prints a line each."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from radiomics_tasks.extraction import reference
from radiomics_tasks.extraction.build import OWN
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.sitk_images import image_of
from radiomics_tasks.imaging.volume import Mask, Volume
from tests.radiomics_tasks.extraction.engine.pairs import EVERY_FILTER, both, every_filter, made_up
from tests.radiomics_tasks.extraction.engine.real_pairs import real_pairs

pytestmark = pytest.mark.agreement
EQUAL_RATIO, OF_LARGEST = 1e-9, 1e-12
MADE_UP, MODALITIES = 200, ("CT", "MR", "PT")
# In a mask that lies in one oblique plane these are nought, where pyradiomics keeps what rounding left.
FLAT = {"original_shape_LeastAxisLength", "original_shape_Flatness"}
Values = dict[str, float]


class Book:
    """All pairs of values; what counts as equal hangs on the largest value that a feature takes anywhere."""

    def __init__(self) -> None:
        self.pairs: dict[str, tuple[Values, Values]] = {}

    def add(self, name: str, mine: Values, theirs: Values) -> None:
        """Two engines' values of one image and mask."""
        self.pairs[name] = mine, theirs
        unequal = sum(_ratio(mine[one], theirs[one]) > EQUAL_RATIO for one in theirs if one in mine)
        worst = max((_ratio(mine[one], theirs[one]) for one in theirs if one in mine), default=0.0)
        print(f"{name:<28}{len(theirs):>7}{unequal:>6} over 1e-9{worst:>12.1e}", flush=True)  # noqa: T201

    def unequal(self) -> Iterator[tuple[str, str, float, float]]:
        """Every value that is not equal, with where and of what."""
        largest: Values = {}
        for both_values in self.pairs.values():
            for values in both_values:
                for name, value in values.items():
                    largest[name] = max(largest.get(name, 0.0), abs(value))
        for pair, (mine, theirs) in self.pairs.items():
            for name, value in theirs.items():
                apart = abs(mine[name] - value)
                is_equal = _ratio(mine[name], value) <= EQUAL_RATIO or apart <= OF_LARGEST * largest[name]
                if not is_equal:
                    yield pair, name, mine[name], value


def _ratio(one: float, other: float) -> float:
    if one == other or (math.isnan(one) and math.isnan(other)):
        return 0.0
    return abs(one - other) / max(abs(one), abs(other))


def on_scan(volume: Volume, mask: Mask, modality: str) -> tuple[Values, Values]:
    """Ours as the work takes them, and pyradiomics' of the whole scan with nothing of ours around it."""
    profile = replace(every_filter(modality), minimum_voxels=0)
    taken = ScanExtractor(volume, profile, OWN).extract(mask)
    mine = {name: value for name, value in zip(taken.names, taken.values, strict=True) if value is not None}
    whole = image_of(volume.grid, volume.array), image_of(mask.grid, mask.array.astype("uint8"))
    theirs = reference.by_itself(*whole, profile)
    # What is not defined in one grey level, or of a flat mask, has no value here and a convention there.
    absent = {name for name, reason in zip(taken.names, taken.reasons, strict=True) if reason}
    return mine, {name: value for name, value in theirs.items() if name not in absent}


def test_every_real_pair(data_dir):
    book, read = Book(), 0
    for name, modality, pair in real_pairs(data_dir):
        volume, mask = pair()
        read += 1
        if mask.voxels:
            book.add(name, *on_scan(volume, mask, modality))
    assert read >= 25
    assert {len(theirs) for _, theirs in book.pairs.values() if len(theirs) > 1700}
    assert list(book.unequal()) == []


def test_200_made_up_pairs():
    book = Book()
    for seed in range(MADE_UP):
        modality = MODALITIES[seed % len(MODALITIES)]
        profile = every_filter(modality)
        assert set(profile.image_types) == set(EVERY_FILTER)
        book.add(f"made up {seed}, {modality}", *both(made_up(seed), profile))
    assert {name for _, name, _, _ in book.unequal()} <= FLAT
