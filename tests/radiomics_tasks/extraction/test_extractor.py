"""Features through our door are pyradiomics' own, and where a number is not defined a reason stands in its place."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from patients.vocabulary import Absence
from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.extractor import ScanExtractor
from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.volume import Grid, Mask, Volume, sub_grid
from tests.radiomics_tasks.extraction.lesions import apart, ball, box, by_itself, scan

# Whose kernels the linear algebra behind pyradiomics uses, where this machine chooses them by hand.
BLAS = {name: value for name, value in os.environ.items() if name == "OPENBLAS_CORETYPE"}
FAR_AWAY = (1_000.0, 0.0, 0.0)


def reasons_by_class(extracted):
    by_class = defaultdict(set)
    for name, reason in zip(extracted.names, extracted.reasons, strict=True):
        by_class[name.split("_")[1]].add(reason)
    return by_class


def found(extracted):
    return dict(zip(extracted.names, extracted.values, strict=True))


@pytest.mark.parametrize("centre", [(60, 60, 20), (12, 110, 4)])
@pytest.mark.parametrize(("modality", "unit"), [("CT", "HU"), ("MR", "a.u."), ("PT", "SUVbw")])
def test_cropped_numbers_are_those_of_the_whole_scan(modality, unit, centre, extract):
    volume, profile = scan(unit), profile_for(modality)
    mask = ball(volume.grid, 11.0, centre)
    extracted = extract(volume, mask, profile)
    assert apart(found(extracted), by_itself(volume, mask, profile)) == {}
    assert set(extracted.reasons) == {None}


def test_a_scan_of_target_spacing_is_not_resampled(extract):
    volume, profile = scan(spacing_mm=(1.0, 1.0, 1.0)), profile_for("CT")
    mask = ball(volume.grid, 7.0)
    assert apart(found(extract(volume, mask, profile)), by_itself(volume, mask, profile)) == {}


def test_one_extractor_measures_many_outlines(extract, engine):
    volume = scan("a.u.")
    extractor = ScanExtractor(volume, profile_for("MR"), engine)
    for centre in ((60, 60, 20), (30, 80, 25)):
        mask = ball(volume.grid, 8.0, centre)
        assert extractor.extract(mask) == extract(volume, mask, profile_for("MR"))


def test_small_lesion_keeps_its_shape_and_loses_texture(extract):
    volume = scan()
    extracted = extract(volume, box(volume.grid, (2, 3, 3)), profile_for("CT"))
    assert 0 < extracted.provenance["roi_voxels_after"] < 50
    reasons = reasons_by_class(extracted)
    assert reasons.pop("shape") == {None}
    assert set.union(*reasons.values()) == {Absence.SMALL_ROI}
    assert [note["code"] for note in extracted.provenance["warnings"]] == ["W_SMALL_ROI"]


@pytest.mark.parametrize("size_kji", [(1, 30, 30), (12, 1, 30), (12, 30, 1), (1, 1, 90)])
def test_flat_lesion_loses_shape_only(size_kji, extract):
    volume = scan()
    reasons = reasons_by_class(extract(volume, box(volume.grid, size_kji, (10, 30, 20)), profile_for("CT")))
    assert reasons.pop("shape") == {Absence.FLAT_ROI}
    assert set.union(*reasons.values()) == {None}


def test_one_voxel_has_only_reasons(extract):
    volume = scan()
    extracted = extract(volume, box(volume.grid, (1, 1, 1)), profile_for("CT"))
    assert set(extracted.values) == {None}
    assert set(extracted.reasons) == {Absence.SMALL_ROI, Absence.FLAT_ROI}


def test_lesion_that_falls_between_resampled_voxels_has_only_reasons(extract):
    volume = scan("SUVbw")
    extracted = extract(volume, box(volume.grid, (2, 2, 2), (10, 32, 43)), profile_for("PT"))
    assert extracted.provenance["roi_voxels_after"] == 0
    assert set(extracted.values) == {None}
    assert reasons_by_class(extracted)["shape"] == {Absence.NONFINITE}


def test_constant_lesion_has_no_made_up_numbers(extract):
    volume = scan()
    mask = ball(volume.grid, 9.0)
    flat = replace(volume, array=np.full_like(volume.array, 40.0))
    extracted = extract(flat, mask, profile_for("CT"))
    without = {name for name, reason in zip(extracted.names, extracted.reasons, strict=True) if reason}
    assert without == {
        *(f"original_ngtdm_{name}" for name in ("Busyness", "Coarseness", "Contrast", "Strength")),
        *(f"original_glcm_{name}" for name in ("Correlation", "Imc1", "MCC")),
        *(f"original_firstorder_{name}" for name in ("Kurtosis", "Skewness")),
    }
    assert extracted.provenance["grey_levels"] == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_voxels_that_are_not_numbers_are_refused(bad, extract):
    volume = scan()
    volume.array[20, 60, 60] = bad
    with pytest.raises(Refusal) as refused:
        extract(volume, ball(volume.grid, 9.0), profile_for("CT"))
    assert refused.value.code == "E_NONFINITE"


def test_a_far_voxel_that_is_not_a_number_spoils_mr_only(extract):
    for modality, is_refused in (("CT", False), ("MR", True)):
        volume = scan()
        volume.array[39, 119, 129] = np.nan
        mask = ball(volume.grid, 3.5, (20, 20, 3))
        if is_refused:
            with pytest.raises(Refusal):
                extract(volume, mask, profile_for(modality))
        else:
            assert extract(volume, mask, profile_for(modality)).values[0] is not None


def test_outline_as_a_part_of_the_grid_is_the_same_outline(extract):
    volume = scan()
    mask = ball(volume.grid, 9.0)
    part = (slice(10, 30), slice(40, 80), slice(44, 76))
    cut = Mask(sub_grid(mask.grid, part), mask.array[part])
    assert extract(volume, cut, profile_for("CT")) == extract(volume, mask, profile_for("CT"))


def test_outline_on_another_grid_is_refused(extract):
    volume = scan()
    mask = ball(Grid(volume.grid.shape, volume.grid.spacing_mm, FAR_AWAY), 9.0)
    with pytest.raises(Refusal) as refused:
        extract(volume, mask, profile_for("CT"))
    assert refused.value.code == "E_MASK_GEOMETRY"


def test_provenance_says_where_the_numbers_come_from(extract, engine):
    volume = scan()
    volume.array[20, 60, 55:65] = -1000.0
    mask = ball(volume.grid, 9.0)
    extracted = extract(volume, mask, profile_for("CT"))
    provenance = extracted.provenance
    assert (provenance["profile"], provenance["conformance"]) == ("ct 1", "pyradiomics")
    assert (provenance["volume_digest"], provenance["mask_digest"]) == (volume.digest, mask.digest)
    assert (provenance["spacing_before_mm"], provenance["spacing_after_mm"]) == ([0.75, 0.8, 3.0], [1.0, 1.0, 1.0])
    assert provenance["roi_voxels_before"] == mask.voxels
    assert provenance["outside_tissue_ratio"] == 10 / mask.voxels
    assert provenance["crop"]["margin_voxels_ijk"] == [32, 32, 30]
    build = build_of(engine)
    made_with = (extracted.engine, extracted.build_digest, extracted.versions)
    assert made_with == (build.engine, build.digest, build.versions)
    assert (extracted.profile, extracted.profile_digest) == ("ct", profile_for("CT").digest)
    assert json.loads(json.dumps(extracted.as_dict(), allow_nan=False))["values"] == list(extracted.values)


def test_only_ct_tells_the_share_outside_tissue(extract):
    volume = scan("SUVbw")
    assert "outside_tissue_ratio" not in extract(volume, ball(volume.grid, 12.0), profile_for("PT")).provenance


def test_bits_are_the_same_in_every_process(extract, engine):
    program = (
        "import json, sys; from tests.radiomics_tasks.extraction.lesions import *;"
        "from radiomics_tasks.extraction.extractor import extract; from radiomics_tasks.extraction.profiles import *;"
        "v = scan('a.u.'); print(json.dumps(extract(v, ball(v.grid, 9.0), profile_for('MR'), sys.argv[1]).values))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, engine],
            env=BLAS
            | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    }
    volume = scan("a.u.")
    here = extract(volume, ball(volume.grid, 9.0), profile_for("MR")).values
    assert [tuple(json.loads(answer)) for answer in told] == [here]


def test_grey_levels_outside_the_usual_range_are_warned_about(extract):
    volume = scan()
    mask = ball(volume.grid, 12.0)
    narrow = Volume(volume.grid, volume.array / np.float32(10), "HU")
    wide = Volume(volume.grid, volume.array * np.float32(20), "HU")
    codes = [
        [note["code"] for note in extract(each, mask, profile_for("CT")).provenance["warnings"]]
        for each in (narrow, wide)
    ]
    assert codes == [["W_FEW_LEVELS"], ["W_MANY_LEVELS"]]
