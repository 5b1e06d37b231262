"""Stored pixel values of one slice: one pinned decoder for each lossless encoding, sizes checked first."""

import struct
from pathlib import Path
from typing import Any

import imagecodecs
import jpeg_ls  # type: ignore[import-untyped]  # ships no types
import numpy as np
import numpy.typing as npt
from openjpeg.utils import decode_pixel_data as decode_jpeg_2000
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import RLELossless

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.series.structure import EXPLICIT_BIG, JPEG_2000, JPEG_LOSSLESS, JPEG_LS, RLE

StoredArray = npt.NDArray[np.integer[Any]]

MAX_SIDE = 4096
_FRAME_MARKERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xF7}


def check_pixel_format(header: Header) -> None:
    """Refuse what is not one grey image of 8 or 16 bits: E_DIMS, E_MULTIFRAME, E_COLOR, E_BITS, E_MISSING_TAG."""
    rows, columns = header.whole("Rows"), header.whole("Columns")
    frames = header.number("NumberOfFrames")
    if frames is not None and frames != 1:
        raise Refusal("E_MULTIFRAME", "Multi-frame files are not supported yet. Export one file for each slice.")
    if not (1 <= rows <= MAX_SIDE and 1 <= columns <= MAX_SIDE):
        raise Refusal("E_DIMS", "The image size is outside what can be measured. Send the original series.")
    samples = header.whole("SamplesPerPixel")
    interpretation = header.text("PhotometricInterpretation")
    if not interpretation:
        raise Refusal(
            "E_MISSING_TAG",
            "Required information is missing: Photometric Interpretation. Export the original series again.",
        )
    if samples != 1 or interpretation != "MONOCHROME2":
        raise Refusal("E_COLOR", "Only greyscale CT, MR and PET images are measured. Send the original series.")
    allocated, sign = header.whole("BitsAllocated"), header.whole("PixelRepresentation")
    stored = allocated if not header.text("BitsStored") else header.whole("BitsStored")
    high = stored - 1 if not header.text("HighBit") else header.whole("HighBit")
    if allocated not in (8, 16) or not 1 <= stored <= allocated or high != stored - 1 or sign not in (0, 1):
        raise Refusal("E_BITS", "The pixel format is not supported: 8 or 16 bits are. Export the original series.")


def check_pixel_length(header: Header, ordinal: str) -> None:
    """Compare the bytes that are there with the bytes that are promised, before anything is allocated.

    `ordinal` names the file in sentences: "File 3 of 40".
    """
    layout = header.layout
    if layout.pixel_offset is None:
        raise Refusal("E_TRUNCATED", f"{ordinal} holds no image data. Copy it again.")
    if layout.is_cut:
        raise Refusal("E_TRUNCATED", f"{ordinal} is cut short. Copy it again.")
    is_encapsulated = layout.transfer_syntax_uid in (RLE, *JPEG_LOSSLESS, JPEG_LS, JPEG_2000)
    if is_encapsulated != layout.is_encapsulated:
        raise Refusal(
            "E_PIXEL_DECODE", f"The image data of {ordinal.lower()} cannot be decoded. Export it uncompressed."
        )
    expected = header.whole("Rows") * header.whole("Columns") * header.whole("BitsAllocated") // 8
    # Odd lengths are padded by one byte (PS3.5 section 8.1.1).
    if not is_encapsulated and layout.pixel_bytes not in (expected, expected + expected % 2):
        sentence = f"{ordinal} holds {layout.pixel_bytes} bytes of image data where {expected} belong. Copy it again."
        raise Refusal("E_PIXEL_LENGTH", sentence)


def pixel_bytes(header: Header) -> bytes:
    """The bytes of Pixel Data as they stand in the file; encapsulated ones with their items and delimiter."""
    offset, length = header.layout.pixel_offset or 0, header.layout.pixel_bytes
    with Path(header.path).open("rb") as file:
        file.seek(offset)
        return file.read(length)


def stored_values(header: Header) -> StoredArray:
    """Decode one slice to its stored values, an array (rows, columns) of 8 or 16 bits.

    The header must have passed `check_pixel_format` and `check_pixel_length`.
    Raises Refusal E_PIXEL_DECODE where the data cannot be decoded, E_BITS where values exceed the bits stored.
    """
    raw = pixel_bytes(header)
    rows, columns, allocated = (header.whole(name) for name in ("Rows", "Columns", "BitsAllocated"))
    if not header.layout.is_encapsulated:
        order = ">" if header.layout.transfer_syntax_uid == EXPLICIT_BIG else "<"
        values = np.frombuffer(raw, dtype=f"{order}u{allocated // 8}", count=rows * columns)
    else:
        values = _decoded(header, raw, rows, columns).reshape(-1)
    if values.size != rows * columns:
        raise _undecodable()
    is_signed = header.whole("PixelRepresentation") == 1
    native: StoredArray = values.astype(f"=u{allocated // 8}", copy=False).reshape(rows, columns)
    return _within_bits(native.view(f"=i{allocated // 8}") if is_signed else native, header, is_signed=is_signed)


def _within_bits(values: StoredArray, header: Header, *, is_signed: bool) -> StoredArray:
    allocated = header.whole("BitsAllocated")
    stored = allocated if not header.text("BitsStored") else header.whole("BitsStored")
    if stored == allocated:
        return values
    low, high = (-(1 << stored - 1), (1 << stored - 1) - 1) if is_signed else (0, (1 << stored) - 1)
    if int(values.min()) >= low and int(values.max()) <= high:
        return values
    if is_signed and int(values.min()) >= 0 and int(values.max()) < 1 << stored:
        # Signed values whose upper bits were left empty: the sign stands in the highest stored bit.
        shift = allocated - stored
        return np.right_shift(np.left_shift(values, shift), shift)
    raise Refusal("E_BITS", "Pixel values exceed the bits that the file declares. Export the original series.")


def _decoded(header: Header, raw: bytes, rows: int, columns: int) -> npt.NDArray[Any]:
    syntax = header.layout.transfer_syntax_uid
    allocated = header.whole("BitsAllocated")
    try:
        frame = get_frame(raw, 0, number_of_frames=1)
        if syntax == RLE:
            return _decoded_rle(header, raw, len(frame), rows * columns * allocated // 8)
        _check_codestream(frame, rows, columns, is_jpeg_2000=syntax == JPEG_2000)
        if syntax in JPEG_LOSSLESS:
            return np.asarray(imagecodecs.ljpeg_decode(frame))
        if syntax == JPEG_LS:
            return np.frombuffer(jpeg_ls.decode_pixel_data(frame)[0], dtype=f"<u{allocated // 8}")
        return np.frombuffer(decode_jpeg_2000(frame, version=2), dtype=f"<u{allocated // 8}")
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise _undecodable() from error


def _decoded_rle(header: Header, raw: bytes, packed_bytes: int, expected_bytes: int) -> npt.NDArray[Any]:
    # A run of two bytes unpacks to at most 128: more bytes than a badly packed image has are an attack.
    if packed_bytes > 2 * expected_bytes + 256:
        raise _undecodable()
    pixels, _ = get_decoder(RLELossless).as_array(
        raw,
        index=0,
        decoding_plugin="pydicom",
        raw=True,
        **_rle_description(header),
    )
    return pixels


def _rle_description(header: Header) -> dict[str, Any]:
    allocated = header.whole("BitsAllocated")
    return {
        "rows": header.whole("Rows"),
        "columns": header.whole("Columns"),
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "pixel_representation": 0,
        "bits_allocated": allocated,
        "bits_stored": allocated,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
    }


def _check_codestream(frame: bytes, rows: int, columns: int, *, is_jpeg_2000: bool) -> None:
    """The size inside a compressed image must be the header's, or a few bytes could ask for gigabytes."""
    size = _jpeg_2000_size(frame) if is_jpeg_2000 else _jpeg_size(frame)
    if size != (rows, columns):
        raise _undecodable()


def _jpeg_2000_size(frame: bytes) -> tuple[int, int]:
    start = frame.find(b"\xff\x4f\xff\x51")
    if start < 0:
        raise _undecodable()
    width, height, left, top = struct.unpack_from(">IIII", frame, start + 8)
    return height - top, width - left


def _jpeg_size(frame: bytes) -> tuple[int, int]:
    position = 2
    while position + 9 <= len(frame):
        if frame[position] != 0xFF:
            raise _undecodable()
        marker, length = frame[position + 1], struct.unpack_from(">H", frame, position + 2)[0]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", frame, position + 5)
            return height, width
        position += 1 if marker == 0xFF else 2 + length
    raise _undecodable()


def _undecodable() -> Refusal:
    return Refusal("E_PIXEL_DECODE", "The image data cannot be decoded. Export the series again.")
