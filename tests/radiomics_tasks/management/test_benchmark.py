"""The benchmark measures both engines on files and says where their numbers differ."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from radiomics_tasks.extraction.benchmark.cases import made_up_cases

SMALL = (24, 64, 64)


def test_a_pair_of_files_as_json(tmp_path):
    (case,) = made_up_cases(tmp_path, (1.5,), SMALL)
    told = io.StringIO()
    pair = ["--pair", str(case.image), str(case.mask)]
    call_command("benchmark", *pair, "--json", "--rounds", "1", "--profile", "ct", stdout=told)
    (found,) = json.loads(told.getvalue())["cases"]
    assert (found["features"], found["unequal"], found["is_same_with_two_threads"]) == (107, 0, True)
    assert found["worst_ratio"] < 1e-9
    assert abs(found["roi_voxels"] * 0.75 * 0.75 * 1.5 - 1_500) < 2
    assert min(found["own_s"], found["cold_pyradiomics_s"], found["peak_own_mb"]) > 0


def test_made_up_lesions_have_their_volume_and_lie_inside(tmp_path):
    import numpy as np
    import SimpleITK as sitk

    for case, size in zip(made_up_cases(tmp_path, (0.5, 4.0), SMALL), (0.5, 4.0), strict=True):
        image, mask = sitk.ReadImage(str(case.image)), sitk.ReadImage(str(case.mask))
        inside = sitk.GetArrayFromImage(mask) == 1
        assert inside.sum() * np.prod(mask.GetSpacing()) == pytest.approx(size * 1000, abs=3)
        assert not any(np.take(inside, [0, -1], axis).any() for axis in range(3))
        assert 10 < sitk.GetArrayFromImage(image)[inside].mean() < 70


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"gone\.nrrd is no file"):
        call_command("benchmark", "--pair", str(tmp_path / "gone.nrrd"), str(tmp_path / "gone.nrrd"))
