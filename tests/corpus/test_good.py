"""Good series are never refused and never read otherwise: voxels and outlines to the bit, held against what was drawn.

python3 manage.py test -m corpus -n0 -s tests/corpus/test_good.py
"""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radiomics_tasks.imaging.intake import sort_upload
from radiomics_tasks.imaging.reading import read_scan
from tests.corpus.good import GOOD, Good, Voxels, good_upload
from tests.radiomics_tasks.imaging.uploads import KEY, LIMITS, TODAY, received

# The quick part: every modality, encoding, direction and kind of outline at least once.
QUICK = (1, 5, 8, 18, 22, 23, 33, 57)


def differs(good: Good, out: Path) -> list[str]:
    """What was read otherwise than it was drawn."""
    found = sort_upload(received(good.folder), out / "unpacked", LIMITS, KEY)
    said = [each.refusal.code for each in found.refused]
    if said or len(found.scans) != 1 or found.loose_outlines:
        return [f"{good.name}: {said}, {len(found.scans)} scans, {len(found.loose_outlines)} loose outlines"]
    (out / "scan").mkdir()
    read = read_scan(found.scans[0], out / "scan", KEY, TODAY).as_dict()
    facts, outlines = read["facts"], read["outlines"]
    said = [each["code"] for each in [*read["problems"], *(one for each in outlines for one in each["problems"])]]
    if said or not facts["volume_file"] or len(outlines) != (good.mask is not None):
        return [f"{good.name}: {said}, {len(outlines)} outlines"]
    volume = image_of(out / "scan" / facts["volume_file"])
    wrong = {
        "voxels": is_as_drawn(volume, good),
        "unit": facts["unit"] == good.unit,
        "spacing": np.allclose(volume.GetSpacing(), good.volume.GetSpacing(), rtol=0, atol=1e-6),
        "origin": np.allclose(volume.GetOrigin(), good.volume.GetOrigin(), rtol=0, atol=1e-3),
        "direction": np.allclose(volume.GetDirection(), good.volume.GetDirection(), rtol=0, atol=1e-6),
        "outline": good.mask is None
        or np.array_equal(marked_in(volume, out / "scan" / outlines[0]["mask_file"]), good.mask),
    }
    return [f"{good.name}: another {name}" for name, is_same in wrong.items() if not is_same]


def is_as_drawn(volume: sitk.Image, good: Good) -> bool:
    """To the bit; uptake to the last digits of a float, since it is worked out from dose, weight and decay."""
    found, drawn = sitk.GetArrayFromImage(volume), sitk.GetArrayFromImage(good.volume)
    if found.shape != drawn.shape or good.unit != "SUVbw":
        return np.array_equal(found, drawn)
    return bool(np.allclose(found, drawn, rtol=3e-7, atol=0))


def image_of(path: Path) -> sitk.Image:
    """A stored file, whose name has no ending, by a reader that is not ours."""
    named = path.with_name(f"{path.name}.nrrd")
    path.rename(named)
    return sitk.ReadImage(str(named))


def marked_in(volume: sitk.Image, path: Path) -> Voxels:
    """An outline in the whole grid of its scan, put there by where its corner lies."""
    mask = image_of(path)
    box, whole = sitk.GetArrayFromImage(mask), np.zeros(volume.GetSize()[::-1], dtype=np.uint8)
    k, j, i = volume.TransformPhysicalPointToIndex(mask.GetOrigin())[::-1]
    whole[k : k + box.shape[0], j : j + box.shape[1], i : i + box.shape[2]] = box
    return whole


@pytest.mark.parametrize("number", QUICK)
def test_some_good_series_are_read_as_they_were_drawn(tmp_path, number):
    assert differs(good_upload(tmp_path / "drop", number), tmp_path) == []


@pytest.mark.corpus
def test_good_series_are_read_as_they_were_drawn(tmp_path):
    wrong, kinds = [], set()
    for number in range(GOOD):
        good = good_upload(tmp_path / "drop", number)
        kinds.add(good.name.partition(" ")[2])
        (tmp_path / f"read{number}").mkdir()
        wrong += differs(good, tmp_path / f"read{number}")
    print(f"\n{GOOD} good series of {len(kinds)} kinds: {len(wrong)} refused or read otherwise")  # noqa: T201  # the figure is what this is for
    assert wrong == []
    assert len(kinds) == GOOD
