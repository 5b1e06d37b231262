"""Each lossless encoding gives the stored values back; what cannot be trusted is refused before it is decoded."""

import shutil
import struct

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLSLossless, RLELossless

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.dicom import read_series
from radiomics_tasks.imaging.series.header import read_header
from radiomics_tasks.imaging.series.pixels import check_pixel_format, check_pixel_length, stored_values
from tests.radiomics_tasks.imaging.series.made import ct, values

IMPLICIT = "1.2.840.10008.1.2"
JPEG_LOSSLESS, JPEG_2000 = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90"


def decoded(path):
    header = read_header(path)
    check_pixel_format(header)
    check_pixel_length(header, "File 1 of 1")
    return stored_values(header)


def code_of(path) -> str:
    with pytest.raises(Refusal) as caught:
        decoded(path)
    return caught.value.code


def changed(tmp_path, **elements):
    """A slice of a made-up CT with other elements; None removes one."""
    path = ct(tmp_path / "changed")[0]
    ds = pydicom.dcmread(path)
    for keyword, value in elements.items():
        delattr(ds, keyword) if value is None else setattr(ds, keyword, value)
    ds.save_as(path)
    return path


def encapsulated(tmp_path, syntax: str, frame: bytes, **elements):
    """A slice whose pixel data are this compressed frame."""
    path = ct(tmp_path / "packed")[0]
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].is_undefined_length = True
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    ds.save_as(path, enforce_file_format=True)
    return path


def test_nine_encodings_of_one_slice_are_equal(data_dir):
    paths = sorted((data_dir / "transfer_syntaxes").glob("*.dcm"))
    arrays = [decoded(path) for path in paths]
    assert len({read_header(path).layout.transfer_syntax_uid for path in paths}) == 7
    assert len(arrays) == 9
    assert arrays[0].shape == (384, 384)
    assert all(array.dtype == np.uint16 and np.array_equal(array, arrays[0]) for array in arrays)
    assert np.array_equal(arrays[0], pydicom.dcmread(paths[0]).pixel_array)


@pytest.mark.parametrize("syntax", [IMPLICIT, RLELossless, JPEGLSLossless])
def test_compressed_series_equal_the_plain_one(tmp_path, syntax):
    plain = read_series(ct(tmp_path / "plain")).volume
    packed = read_series(ct(tmp_path / "packed", transfer_syntax=syntax)).volume
    assert np.array_equal(plain.array, values())
    assert packed.digest == plain.digest


def test_negative_values_in_few_bits(tmp_path):
    array = values()
    signed = ct(tmp_path / "signed", array, intercept=0, tags={"BitsStored": 12, "HighBit": 11})[0]
    assert np.array_equal(decoded(signed), array[0])
    ds = pydicom.dcmread(signed)
    ds.PixelData = (array[0].astype(np.uint16) & 0x0FFF).tobytes()
    ds.save_as(signed)
    assert np.array_equal(decoded(signed), array[0])
    ds.PixelRepresentation = 0
    ds.PixelData = (array[0].astype(np.uint16) | 0xF000).tobytes()
    ds.save_as(signed)
    assert code_of(signed) == "E_BITS"


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"Rows": 65535, "Columns": 65535}, "E_DIMS"),
        ({"NumberOfFrames": 1000}, "E_MULTIFRAME"),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, "E_COLOR"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "E_COLOR"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "E_COLOR"),
        ({"BitsAllocated": 32}, "E_BITS"),
        ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, "E_BITS"),
        ({"BitsAllocated": 12}, "E_BITS"),
        ({"BitsStored": 17}, "E_BITS"),
        ({"HighBit": 14}, "E_BITS"),
        ({"PixelRepresentation": 2}, "E_BITS"),
        ({"Rows": 21}, "E_PIXEL_LENGTH"),
        ({"Rows": None}, "E_MISSING_TAG"),
        ({"PhotometricInterpretation": None}, "E_MISSING_TAG"),
    ],
)
def test_formats_that_are_not_measured(tmp_path, elements, code):
    assert code_of(changed(tmp_path, **elements)) == code


def test_data_cut_short_missing_and_padded(tmp_path):
    path = ct(tmp_path / "ct")[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert code_of(path) == "E_TRUNCATED"
    path.write_bytes(whole[: read_header(path).layout.pixel_offset - 12])
    assert code_of(path) == "E_TRUNCATED"
    odd = ct(tmp_path / "odd")[0]
    ds = pydicom.dcmread(odd)
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit = 3, 3, 8, 8, 7
    ds.PixelData = bytes(range(9)) + b"\0"
    ds.save_as(odd)
    assert decoded(odd).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_compressed_data_cut_short(tmp_path):
    path = ct(tmp_path / "packed", transfer_syntax=RLELossless)[0]
    path.write_bytes(path.read_bytes()[:-40])
    assert code_of(path) == "E_TRUNCATED"


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG_LOSSLESS, JPEG_2000])
def test_streams_that_cannot_be_decoded(tmp_path, syntax):
    for frame in (b"\xff\xd8garbage and more of it ", b"\0" * 64, b"\xff\x4f\xff\x51" + bytes(60)):
        assert code_of(encapsulated(tmp_path, syntax, frame)) == "E_PIXEL_DECODE"


def test_a_small_stream_cannot_ask_for_gigabytes(tmp_path):
    start_of_frame = b"\xff\xd8\xff\xf7" + struct.pack(">HBHHB", 11, 16, 65535, 65535, 1) + b"\1\x11\0"
    assert code_of(encapsulated(tmp_path, JPEGLSLossless, start_of_frame + bytes(20))) == "E_PIXEL_DECODE"
    size = b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 41, 0, 65535, 65535, 0, 0) + bytes(40)
    assert code_of(encapsulated(tmp_path, JPEG_2000, size)) == "E_PIXEL_DECODE"


def test_run_lengths_beyond_the_image(tmp_path):
    segments = struct.pack("<16I", 2, 64, 64, *[0] * 13)
    frame = segments + b"\x81\x00" * 500_000
    assert code_of(encapsulated(tmp_path, RLELossless, frame)) == "E_PIXEL_DECODE"


def test_plain_data_under_a_compressed_name(tmp_path):
    path = ct(tmp_path / "ct")[0]
    lying = tmp_path / "lying.dcm"
    shutil.copy(path, lying)
    content = lying.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    lying.write_bytes(content)
    assert code_of(lying) == "E_PIXEL_DECODE"
