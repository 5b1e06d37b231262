"""The bones of a DICOM file, walked within bounds before any library parses it.

Lengths are checked against the file, nesting and element count are limited, and the transfer syntax is
known before anything is unpacked: a deflated file would otherwise unpack without a bound.
"""

import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import VR

from radiomics_tasks.errors import Refusal

MAX_DEPTH = 32
MAX_ELEMENTS = 2_000_000
PREAMBLE_BYTES = 128
START = PREAMBLE_BYTES + 4

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
LOSSLESS = {IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, RLE, *JPEG_LOSSLESS, JPEG_LS, JPEG_2000}
DEFLATED = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"}

UNDEFINED = 0xFFFFFFFF
_FORGED = 0x7FFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXELS = {0x7FE00008, 0x7FE00009, 0x7FE00010}
_LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_BYTE_VRS = {b"OB", b"OW"}
_VRS = {vr.value.encode() for vr in VR if len(vr.value) == 2}
_WANTED = {
    0x00020002: "media_class",
    0x00020010: "transfer_syntax",
    0x00080016: "sop_class",
    0x0020000E: "series",
}


@dataclass(slots=True)
class Layout:
    """What the walk found: UIDs at the top level, and where the pixel data lie."""

    transfer_syntax_uid: str
    sop_class_uid: str
    series_instance_uid: str
    file_bytes: int
    pixel_offset: int | None = None
    pixel_bytes: int = 0  # as declared; of encapsulated data the fragments with their delimiter
    is_encapsulated: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether the pixel data reach beyond the end of the file."""
        return self.pixel_offset is not None and self.pixel_offset + self.pixel_bytes > self.file_bytes


def is_dicom(head: bytes) -> bool:
    """Whether the first 132 bytes are those of a DICOM Part 10 file."""
    return head[PREAMBLE_BYTES:START] == b"DICM"


def unreadable() -> Refusal:
    """The refusal of a file whose lengths or elements make no sense."""
    return Refusal("E_UNREADABLE", "The file is damaged. Export it again.")


def missing(name: str) -> Refusal:
    """The refusal of a file that lacks an element without which nothing can be measured."""
    return Refusal("E_MISSING_TAG", f"Required information is missing: {name}. Export the original series again.")


def check_transfer_syntax(uid: str) -> None:
    """Raise Refusal E_TRANSFER_SYNTAX for anything that is not a plain or lossless encoding known here."""
    if uid in LOSSLESS:
        return
    if uid in DEFLATED:
        raise Refusal("E_TRANSFER_SYNTAX", "This DICOM encoding is not supported (Deflated). Export it uncompressed.")
    raise Refusal("E_TRANSFER_SYNTAX", "Lossy or unsupported compression cannot be measured. Export it uncompressed.")


def file_layout(path: Path) -> Layout:
    """Walk one DICOM Part 10 file up to its pixel data.

    Raises
    ------
    Refusal
        E_NOT_DICOM, E_MISSING_TAG, E_TRANSFER_SYNTAX, E_TOO_DEEP, E_TRUNCATED or E_UNREADABLE.
    """
    size = path.stat().st_size
    if size < START:
        raise Refusal("E_NOT_DICOM", "This is not a DICOM file. Send the images as scanner or PACS export them.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if not is_dicom(data[:START]):
            raise Refusal("E_NOT_DICOM", "This is not a DICOM file. Send the images as scanner or PACS export them.")
        return _layout(data, size)


def stated_class(path: Path) -> str:
    """The SOP class that the file meta group names: what the file is, even where it cannot be read further."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        walk = _Walk(data, len(data))
        walk.meta_group()
        return walk.found.get("media_class", "")


def _layout(data: mmap.mmap, size: int) -> Layout:
    walk = _Walk(data, size)
    position = walk.meta_group()
    syntax = walk.found.get("transfer_syntax", "")
    if not syntax:
        raise missing("Transfer Syntax")
    check_transfer_syntax(syntax)
    walk.is_explicit = syntax != IMPLICIT_LITTLE
    walk.order = ">" if syntax == EXPLICIT_BIG else "<"
    walk.elements(position, size, 0, None)
    if not walk.found.get("sop_class"):
        raise missing("SOP Class")
    layout = Layout(syntax, walk.found["sop_class"], walk.found.get("series", ""), size)
    layout.pixel_offset, layout.pixel_bytes = walk.pixel_offset, walk.pixel_bytes
    layout.is_encapsulated = walk.is_encapsulated
    return layout


@dataclass(slots=True)
class _Walk:
    data: mmap.mmap
    size: int
    is_explicit: bool = True
    order: str = "<"
    count: int = 0
    found: dict[str, str] = field(default_factory=dict)
    pixel_offset: int | None = None
    pixel_bytes: int = 0
    is_encapsulated: bool = False

    def meta_group(self) -> int:
        """Walk the file meta group and return where the dataset begins."""
        position = START
        while position + 8 <= self.size and self.data[position : position + 2] == b"\x02\x00":
            tag, _, length, value = self._head(position)
            self._within(length, value)
            self._note(tag, length, value)
            position = value + length
        return position

    def elements(self, position: int, end: int, depth: int, delimiter: int | None) -> int:
        """Walk elements until `end` or the delimiter; returns the position behind them."""
        while position < end:
            tag, vr, length, value = self._head(position)
            if tag == delimiter:
                return value
            if depth == 0 and tag in _PIXELS:
                self._note_pixels(length, value)
                return end
            position = self._skip(vr, length, value, depth)
            if depth == 0:
                self._note(tag, length, value)
        return position

    def _skip(self, vr: bytes, length: int, value: int, depth: int) -> int:
        if length == UNDEFINED:
            # Unknown content of undefined length is encoded implicitly, whatever surrounds it (PS3.5 6.2.2).
            was_explicit, self.is_explicit = self.is_explicit, self.is_explicit and vr != b"UN"
            position = self._items(value, self.size, depth + 1, has_elements=vr not in _BYTE_VRS)
            self.is_explicit = was_explicit
            return position
        self._within(length, value)
        if vr == b"SQ":
            self._items(value, value + length, depth + 1, has_elements=True)
        return value + length

    def _items(self, position: int, end: int, depth: int, *, has_elements: bool) -> int:
        if depth > MAX_DEPTH:
            raise Refusal("E_TOO_DEEP", "The file is damaged or unsafe. Export it again.")
        while position < end:
            tag, _, length, value = self._head(position)
            if tag == _SEQUENCE_END:
                return value
            if tag != _ITEM:
                raise unreadable()
            if length == UNDEFINED:
                position = self.elements(value, end, depth, _ITEM_END)
                continue
            self._within(length, value)
            if has_elements:
                self.elements(value, value + length, depth, None)
            position = value + length
        return position

    def _head(self, position: int) -> tuple[int, bytes, int, int]:
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise unreadable()
        if position + 8 > self.size:
            raise self._cut()
        group, element = struct.unpack_from(self.order + "HH", self.data, position)
        tag = group << 16 | element
        if group == 0xFFFE or not self.is_explicit:
            (length,) = struct.unpack_from(self.order + "I", self.data, position + 4)
            return tag, self._implicit_vr(tag), length, position + 8
        vr = self.data[position + 4 : position + 6]
        if vr not in _VRS:
            raise unreadable()
        if vr not in _LONG_VRS:
            (length,) = struct.unpack_from(self.order + "H", self.data, position + 6)
            return tag, vr, length, position + 8
        if position + 12 > self.size:
            raise self._cut()
        (length,) = struct.unpack_from(self.order + "I", self.data, position + 8)
        return tag, vr, length, position + 12

    def _implicit_vr(self, tag: int) -> bytes:
        if self.is_explicit or tag >> 16 & 1 or tag >> 16 == 0xFFFE:
            return b""
        try:
            return dictionary_VR(tag)[:2].encode()
        except KeyError:
            return b""

    def _within(self, length: int, value: int) -> None:
        if length > _FORGED:
            raise unreadable()
        if value + length > self.size:
            raise self._cut()

    def _cut(self) -> Refusal:
        if "sop_class" not in self.found:
            return missing("SOP Class")
        return Refusal("E_TRUNCATED", "The file is cut short. Copy it again.")

    def _note_pixels(self, length: int, value: int) -> None:
        self.pixel_offset, self.pixel_bytes = value, length
        if length != UNDEFINED:
            return
        self.is_encapsulated = True
        try:
            self.pixel_bytes = self._items(value, self.size, 1, has_elements=False) - value
        except Refusal:
            # One byte more than there is: the file is cut, and belongs to its series all the same.
            self.pixel_bytes = self.size - value + 1

    def _note(self, tag: int, length: int, value: int) -> None:
        name = _WANTED.get(tag)
        if name and length <= 64:
            self.found[name] = self.data[value : value + length].decode("ascii", "replace").strip("\0 ")
