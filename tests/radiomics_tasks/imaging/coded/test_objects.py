"""Files of outlines are opened within limits, and no damage to them is more than a refusal."""

import random
import warnings

import pydicom
import pytest
from pydicom.dataset import Dataset

from patients.vocabulary import AlgorithmType
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.coded.objects import algorithm_type, codes, first, items, open_outlines, text, whole
from radiomics_tasks.imaging.nifti import read_label_map
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.rtstruct import read_rtstruct
from radiomics_tasks.imaging.segmentation import read_seg
from tests.radiomics_tasks.imaging.scans import ORIGIN_MM, SPACING_MM, block, small_series

MARKED = block(k=slice(1, 4), j=slice(3, 9), i=slice(4, 11))
MUTANTS = 150


def mutant(content, seed):
    """The bytes with one to five small injuries."""
    rng, damaged = random.Random(seed), bytearray(content)
    reach = rng.choice([len(damaged), min(len(damaged), 400)])
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(reach)
        injury = rng.choice(["set", "set", "cut", "insert", "length"])
        if injury == "set":
            damaged[at] = rng.randrange(256)
        elif injury == "cut":
            del damaged[at : at + rng.randrange(1, 9)]
            reach = min(reach, len(damaged))
        elif injury == "insert":
            damaged[at:at] = rng.randbytes(rng.randrange(1, 9))
        else:
            damaged[at : at + 4] = b"\xff\xff\xff\xf0"
    return bytes(damaged)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """One good file of each format, its reader and its scan."""
    folder = tmp_path_factory.mktemp("good")
    paths, scan = small_series(folder / "ct")
    outlines = [OutlineSpec("Liver 1", MARKED, "2.25.1", "L1")]
    made = {
        "SEG": (write_seg(folder / "seg.dcm", paths, outlines), read_seg),
        "RTSTRUCT": (write_rtstruct(folder / "rs.dcm", paths, outlines), read_rtstruct),
    }
    for name in ("mask.nii", "mask.nii.gz", "mask.nrrd"):
        made[name] = (write_nifti(folder / name, MARKED, SPACING_MM, origin_mm=ORIGIN_MM), read_label_map)
    return made, scan


@pytest.mark.parametrize("kind", ["SEG", "RTSTRUCT", "mask.nii", "mask.nii.gz", "mask.nrrd"])
def test_damage_is_never_more_than_a_refusal(good, tmp_path, kind):
    (path, reader), scan = good[0][kind], good[1]
    content, refused = path.read_bytes(), 0
    for seed in range(MUTANTS):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(mutant(content, seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                refused += any(outlined.mask is None for outlined in reader(damaged, scan))
            except Refusal:
                refused += 1
    assert 0 < refused < MUTANTS


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "E_NOT_DICOM"), (b"%PDF-1.7" * 50, "E_NOT_DICOM"), (b"\0" * 128 + b"DICM", "E_TRANSFER_SYNTAX")],
)
def test_other_files(tmp_path, content, code):
    path = tmp_path / "file.dcm"
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        open_outlines(path, pydicom.uid.SegmentationStorage)
    assert refused.value.code == code


def test_elements_that_are_missing_or_of_another_kind_read_as_nothing():
    ds = Dataset()
    ds.ROIName = "  Liver\u202e\n 1  "
    ds.Rows = 5
    assert (text(ds, "ROIName"), text(ds, "ROIDescription")) == ("Liver 1", "")
    assert (whole(ds, "Rows"), whole(ds, "Columns"), whole(ds, "ROIName")) == (5, 0, 0)
    assert (items(ds, "ROIName"), items(ds, "SegmentSequence"), len(first(ds, "SegmentSequence"))) == ([], [], 0)
    assert codes(ds, "AnatomicRegionSequence") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("MANUAL", AlgorithmType.MANUAL), ("", AlgorithmType.UNKNOWN), ("BY_HAND", AlgorithmType.UNKNOWN)],
)
def test_algorithm_type(value, expected):
    assert algorithm_type(value) == expected
