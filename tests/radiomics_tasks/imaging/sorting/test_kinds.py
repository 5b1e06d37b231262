"""What a packed image is, also where it was cut short."""

import gzip

import numpy as np
import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.sorting.kinds import Kind, kind_of
from radiomics_tasks.imaging.sorting.received import ReceivedFile


@pytest.fixture
def packed(tmp_path):
    """A packed label map of a few voxels."""
    array = np.random.default_rng(1).integers(0, 2, (6, 20, 20)).astype(np.uint8)
    return write_nifti(tmp_path / "mask.nii.gz", array, (1.0, 1.0, 2.0))


def code(path) -> str:
    with pytest.raises(Refusal) as refused:
        kind_of(ReceivedFile(path, path.name))
    return refused.value.code


def test_an_image_that_was_cut_behind_its_header_is_an_image(packed):
    content = packed.read_bytes()
    packed.write_bytes(content[: len(content) * 3 // 4])
    assert kind_of(ReceivedFile(packed, packed.name)) is Kind.IMAGE


def test_an_image_of_which_not_even_the_header_is_there_is_cut_short(packed):
    packed.write_bytes(packed.read_bytes()[:30])
    assert code(packed) == "E_TRUNCATED"


def test_another_packed_file_is_no_image(tmp_path):
    (tmp_path / "letter.gz").write_bytes(gzip.compress(b"Dear colleague"))
    assert code(tmp_path / "letter.gz") == "E_TYPE"
