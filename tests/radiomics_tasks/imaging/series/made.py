"""Small made-up series and raw DICOM bytes for the tests of reading."""

import struct
from datetime import date
from pathlib import Path

import numpy as np

from radiomics_tasks.imaging.phantom.dicom_out import write_series

SHAPE = (6, 20, 24)
SPACING_MM = (0.8, 0.7, 2.5)
DAY = date(2024, 3, 1)
EXPLICIT = "1.2.840.10008.1.2.1"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"


def values(shape=SHAPE, seed=3):
    return np.random.default_rng(seed).integers(-200, 200, shape).astype(np.int16)


def ct(folder: Path, array=None, **changes) -> list[Path]:
    """A CT of six slices; `changes` go to the phantom's writer."""
    arguments = {"acquired_on": DAY} | changes
    return write_series(folder, values() if array is None else array, SPACING_MM, **arguments)


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """One explicit little-endian element; `length` may lie."""
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    size = len(value) if length is None else length
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return head + struct.pack("<HI", 0, size) + value
    return head + struct.pack("<H", size) + value


def uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def part_10(dataset: bytes, syntax: str = EXPLICIT, sop_class: str = CT_CLASS) -> bytes:
    """A DICOM file with this dataset behind a proper preamble and meta group."""
    meta = element(0x00020002, b"UI", uid(sop_class)) + element(0x00020010, b"UI", uid(syntax))
    group = element(0x00020000, b"UL", struct.pack("<I", len(meta)))
    return b"\0" * 128 + b"DICM" + group + meta + dataset


def nested(depth: int, *, is_closed: bool = True) -> bytes:
    """Sequences of undefined length inside each other."""
    opening = element(0x00081140, b"SQ", b"", 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return opening * depth + (closing * depth if is_closed else b"")
