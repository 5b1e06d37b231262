"""Peak memory and time of the extraction child beside pyradiomics in a process of its own; prints the figures.

Run it by `python3 manage.py test -m benchmark -n0 tests/benchmarks/test_memory.py`.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.extraction.profiles import profile_for
from radiomics_tasks.imaging.formats.nrrd import write_mask, write_volume
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.patient_out import recipe_of
from radiomics_tasks.imaging.phantom.scan import made_scan
from radiomics_tasks.imaging.volume import Grid, Mask, Volume
from radiomics_tasks.sandbox import ChildLimits, run_child

pytestmark = pytest.mark.benchmark
LIMITS = ChildLimits(memory_mb=4096, cpu_seconds=600, wall_seconds=900, file_mb=64)
MOST = 1.5
BY_ITSELF = """
import json, re, sys
from pathlib import Path
import SimpleITK as sitk
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
from radiomics import featureextractor
runner = featureextractor.RadiomicsFeatureExtractor(**json.loads(sys.argv[3]))
assert len([name for name in runner.execute(sys.argv[1], sys.argv[2]) if name.startswith("original_")]) == 107
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024)
"""


@dataclass
class Pair:
    """A scan and one outline, as files for pyradiomics."""

    name: str
    image: str
    mask: str


def by_itself(pair):
    settings = json.dumps(dict(profile_for("CT").settings))
    command = [sys.executable, "-c", BY_ITSELF, pair.image, pair.mask, settings]
    started_at = time.monotonic()
    ended = subprocess.run(command, capture_output=True, check=True, text=True)
    return float(ended.stdout), time.monotonic() - started_at


def in_child(pair, folder):
    image = sitk.ReadImage(pair.image)
    array = sitk.GetArrayFromImage(image).astype(np.float32)
    volume = Volume(Grid(array.shape, image.GetSpacing(), image.GetOrigin(), image.GetDirection()), array, "HU")
    mask = Mask(volume.grid, sitk.GetArrayFromImage(sitk.ReadImage(pair.mask)) > 0)
    write_volume(volume, folder / "volume")
    write_mask(mask.cropped(), folder / "mask")
    job = {
        "kind": "extract",
        "out": str(folder),
        "result": str(folder / "result.json"),
        "volume": str(folder / "volume"),
        "volume_digest": volume.digest,
        "profile": "ct",
        "engine": "own",
        "outlines": [{"pk": 1, "mask": str(folder / "mask")}],
    }
    started_at = time.monotonic()
    told = run_child(job, LIMITS, lambda: None)
    assert None not in json.loads((folder / "outline-1.json").read_text())["snapshot"]["values"]
    return told["peak_rss_mb"], time.monotonic() - started_at


@pytest.fixture
def phantom(data_dir):
    folder = data_dir / "ibsi1_ct_phantom" / "nifti"
    return Pair("IBSI CT phantom", str(folder / "image" / "phantom.nii.gz"), str(folder / "mask" / "mask.nii.gz"))


@pytest.fixture
def largest_demo_lesion(tmp_path):
    """The largest lesion of the whole demo cohort, on the scan it was made on."""
    size_mm, patient, visit, lesion = max(
        (
            (size_mm, patient, visit, lesion)
            for patient in DEMO_PATIENTS
            for lesion in patient.lesions
            for visit, size_mm in enumerate(lesion.sizes_mm)
            if size_mm is not None and lesion.modality == "CT"
        ),
        key=lambda found: found[0],
    )
    recipe = recipe_of(patient, visit, 0)
    made = made_scan(recipe)
    paths = [str(tmp_path / "image.nii.gz"), str(tmp_path / "mask.nii.gz")]
    arrays: list[Any] = [made.array_zyx, made.masks[lesion.name].astype(np.uint8)]
    for array, path in zip(arrays, paths, strict=True):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(recipe.grid.spacing_mm)
        image.SetOrigin(recipe.grid.origin_mm)
        sitk.WriteImage(image, path)
    return Pair(f"{patient.pseudonym} {lesion.name}, {size_mm:g} mm in {made.array_zyx.shape}", *paths)


@pytest.mark.parametrize("which", ["phantom", "largest_demo_lesion"])
def test_child_needs_at_most_half_more_memory_than_pyradiomics(which, request, tmp_path, capsys):
    pair = request.getfixturevalue(which)
    theirs_mb, theirs_seconds = by_itself(pair)
    ours_mb, ours_seconds = in_child(pair, tmp_path)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{pair.name}: child {ours_mb:.0f} MB, {ours_seconds:.1f} s; "
            f"pyradiomics {theirs_mb:.0f} MB, {theirs_seconds:.1f} s; memory ratio {ours_mb / theirs_mb:.2f}\n"
        )
    assert ours_mb <= MOST * theirs_mb
