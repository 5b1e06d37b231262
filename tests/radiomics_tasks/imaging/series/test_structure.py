"""Hostile and broken DICOM files stop at the walk, before a library parses them."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.header import read_header
from radiomics_tasks.imaging.series.structure import MAX_DEPTH, file_layout, stated_class
from tests.radiomics_tasks.imaging.series.made import CT_CLASS, ct, element, nested, part_10, uid

SOP_CLASS = element(0x00080016, b"UI", uid(CT_CLASS))


def code_of(tmp_path, content: bytes) -> str:
    path = tmp_path / "file.dcm"
    path.write_bytes(content)
    with pytest.raises(Refusal) as caught:
        read_header(path)
    return caught.value.code


def test_a_good_file_is_walked_to_its_pixels(tmp_path):
    path = ct(tmp_path)[0]
    layout = file_layout(path)
    assert layout.sop_class_uid == CT_CLASS == stated_class(path)
    assert layout.pixel_bytes == 20 * 24 * 2
    assert layout.pixel_offset + layout.pixel_bytes == layout.file_bytes
    assert not layout.is_cut


def test_deflated_is_refused_before_it_is_unpacked(tmp_path):
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = bomb.compress(SOP_CLASS + bytes(64 << 20)) + bomb.flush()
    tracemalloc.start()
    assert code_of(tmp_path, part_10(body, "1.2.840.10008.1.2.1.99")) == "E_TRANSFER_SYNTAX"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "syntax", ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.102", "1.2"]
)
def test_lossy_video_and_private_encodings(tmp_path, syntax):
    assert code_of(tmp_path, part_10(SOP_CLASS, syntax)) == "E_TRANSFER_SYNTAX"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 200, 5_000, 100_000])
@pytest.mark.parametrize("is_closed", [True, False])
def test_deep_nesting(tmp_path, depth, is_closed):
    content = part_10(SOP_CLASS + nested(depth, is_closed=is_closed))
    assert code_of(tmp_path, content) == "E_TOO_DEEP"


def test_nesting_as_deep_as_reports_have_it(tmp_path):
    path = tmp_path / "file.dcm"
    path.write_bytes(part_10(SOP_CLASS + nested(12)))
    assert "ReferencedImageSequence" in read_header(path).ds


def test_deep_nesting_with_stated_lengths(tmp_path):
    body = b""
    for _ in range(60):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body
        body = element(0x00081140, b"SQ", item)
    assert code_of(tmp_path, part_10(SOP_CLASS + body)) == "E_TOO_DEEP"


def test_forged_lengths(tmp_path):
    forged = SOP_CLASS + element(0x00091001, b"UN", b"1234", 0xFFFFFFF0)
    assert code_of(tmp_path, part_10(forged)) == "E_UNREADABLE"
    assert code_of(tmp_path, part_10(element(0x00080008, b"UT", b"", 0xFFFFFFF0))) == "E_UNREADABLE"
    assert code_of(tmp_path, part_10(SOP_CLASS + element(0x00080020, b"DA", b"20240301", 5000))) == "E_TRUNCATED"


def test_a_header_cut_short_is_no_empty_dataset(tmp_path):
    whole = ct(tmp_path / "ct")[0].read_bytes()
    assert code_of(tmp_path, whole[:300]) == "E_MISSING_TAG"
    assert code_of(tmp_path, whole[:701]) == "E_TRUNCATED"


def test_not_dicom_at_all(tmp_path):
    whole = ct(tmp_path / "ct")[0].read_bytes()
    for content in (b"<html>" + b" " * 500, b"short", whole[132:], b"\0" * 200):
        assert code_of(tmp_path, content) == "E_NOT_DICOM"


def test_elements_that_are_none(tmp_path):
    assert code_of(tmp_path, part_10(SOP_CLASS + b"\x10\0\x10\0??\x04\0abcd")) == "E_UNREADABLE"


def test_every_sample_of_the_library_is_read_or_refused_in_words(tmp_path):
    folder = get_testdata_file("CT_small.dcm", read=False).rsplit("/", 1)[0]
    read = 0
    for path in sorted(Path(folder).rglob("*.dcm")):
        try:
            read_header(path)
            read += 1
        except Refusal as refusal:
            assert refusal.sentence
    assert read > 40
