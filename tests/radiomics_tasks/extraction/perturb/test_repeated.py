"""Repeats are the same to the bit twice, are the plain numbers where nothing is perturbed, and spread where it is."""

from dataclasses import replace

import numpy as np
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.extractor import ScanExtractor, extract
from radiomics_tasks.extraction.perturb.repeated import repeat
from radiomics_tasks.extraction.perturb.spec import spec_named
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.volume import Mask
from tests.radiomics_tasks.extraction.lesions import ball, box, scan

FEW = spec_named(repeats=3)
STILL = replace(FEW, shift_voxels=0.0, rotation_degrees=0.0, contour_voxels=0.0, noise_ratio=0.0)


def repeats(spec=FEW, unit="HU", modality="CT", mask=None, volume=None):
    volume = volume or scan(unit)
    profile = profile_for(modality)
    mask = mask or ball(volume.grid, 9.0)
    return repeat(volume, ScanExtractor(volume, profile), mask, profile, spec), extract(volume, mask, profile)


def test_the_same_numbers_to_the_bit_twice():
    first, second = repeats()[0], repeats()[0]
    assert first == second
    assert (len(first.values), len(first.values[0]), len(first.sizes)) == (3, 107, 3)
    assert first.build_digest == repeats()[1].build_digest


@pytest.mark.parametrize(("modality", "unit"), [("CT", "HU"), ("MR", "a.u."), ("PT", "SUVbw")])
def test_without_any_perturbation_every_repeat_is_the_plain_extraction(modality, unit):
    # No voxel of the engine lies half-way between two of the scan, where rounding would choose.
    volume = scan(unit, spacing_mm=(0.7031, 0.8129, 2.7139))
    found, plain = repeats(STILL, modality=modality, volume=volume)
    for values in found.values:
        far = [
            name
            for name, mine, theirs in zip(found.names, values, plain.values, strict=True)
            if abs(mine - theirs) > 1e-6 * max(abs(mine), abs(theirs))
        ]
        assert far == []


@pytest.mark.parametrize("part", ["shift_voxels", "rotation_degrees", "contour_voxels", "noise_ratio"])
def test_each_part_of_a_perturbation_moves_texture_by_itself(part):
    found, plain = repeats(replace(STILL, **{part: getattr(FEW, part)}))
    place = found.names.index("original_glcm_JointEntropy")
    values = [row[place] for row in found.values]
    # A smooth shift of less than half a voxel everywhere leaves an outline as it was.
    assert len({*values, plain.values[place]}) >= (3 if part == "contour_voxels" else 4)
    assert all(abs(value - plain.values[place]) < 2.0 for value in values)


def test_only_a_moved_contour_moves_sizes():
    still = repeats(replace(FEW, contour_voxels=0.0))[0]
    assert len({tuple(size.values()) for size in still.sizes}) == 1
    volumes = [size["volume_ml"] for size in repeats()[0].sizes]
    assert len(set(volumes)) == 3
    assert max(volumes) < 1.6 * min(volumes)


def test_another_outline_scan_or_spec_has_another_seed():
    volume = scan()
    found = {
        repeats(volume=volume)[0].seed,
        repeats(volume=volume, mask=ball(volume.grid, 10.0))[0].seed,
        repeats(volume=scan(seed=6))[0].seed,
        repeats(spec_named(repeats=2), volume=volume)[0].seed,
    }
    assert len(found) == 4


def test_an_outline_of_one_slice_stays_in_it_and_a_tiny_one_may_vanish():
    volume = scan()
    flat = repeats(mask=box(volume.grid, (1, 30, 30)), volume=volume)[0]
    shape = flat.names.index("original_shape_Sphericity")
    assert {row[shape] for row in flat.values} == {None}
    tiny = repeats(replace(FEW, repeats=12), mask=box(volume.grid, (1, 1, 1)), volume=volume)[0]
    assert None in tiny.sizes
    assert {value for row in tiny.values for value in row} == {None}


def test_what_lies_at_the_border_of_the_scan_is_repeated_all_the_same():
    volume = scan()
    found = repeats(mask=ball(volume.grid, 9.0, (4, 4, 1)), volume=volume)[0]
    assert all(value is not None for row in found.values for value in row)


def test_voxels_that_are_no_numbers_are_refused():
    volume = scan()
    volume.array[20, 60, 60] = np.nan
    extractor = ScanExtractor(volume, profile_for("CT"))
    with pytest.raises(Refusal, match="not numbers"):
        repeat(volume, extractor, Mask(volume.grid, ball(volume.grid, 9.0).array), profile_for("CT"), FEW)
