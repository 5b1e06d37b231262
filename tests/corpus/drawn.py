"""What every kind of the corpus is made of: a seeded draw, a small scan from it, and the table of kinds."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.phantom.rtstruct_out import write_rtstruct
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec, write_seg
from radiomics_tasks.imaging.phantom.uids import uid_from

VARIANTS = 5
DAY = date(2026, 3, 2)
Box = npt.NDArray[np.bool_]


@dataclass
class Draw:
    """One variant of one kind: an own folder, and everything that differs between variants from one seed.

    `truth_zyx` is the array of the scan that was written last, for kinds that must be read exactly.
    """

    kind: str
    variant: int
    folder: Path
    truth_zyx: npt.NDArray[Any] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        self.random = Random(f"{self.kind} {self.variant}")
        self.folder.mkdir(parents=True, exist_ok=True)
        pick = self.random.choice
        self.shape = (pick((6, 7, 8, 9)), pick((20, 24, 30)), pick((22, 26, 32)))
        self.spacing_mm = (pick((0.7, 0.8, 1.0)), pick((0.7, 0.8, 1.0)), pick((1.0, 2.5, 5.0)))

    @property
    def name(self) -> str:
        """Told apart from every other file of the corpus."""
        return f"{self.kind}-{self.variant}"

    def voxels(self) -> npt.NDArray[np.int16]:
        """Soft tissue with noise, another one in each variant."""
        seed = list(self.name.encode())
        found: npt.NDArray[np.int16] = np.random.default_rng(seed).integers(-100, 200, self.shape).astype(np.int16)
        return found

    def ct(self, array: npt.NDArray[Any] | None = None, **changes: Any) -> list[Path]:
        """A CT with nothing wrong but what is changed."""
        self.truth_zyx = self.voxels() if array is None else array
        # Sequences and raw elements are patched in the explicit encoding only where a kind says so.
        syntax = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)[self.variant % 2]
        arguments: dict[str, Any] = {
            "acquired_on": DAY,
            "patient_id": f"SYN-{self.name}"[:60],
            "transfer_syntax": syntax,
        }
        spacing = changes.pop("spacing_mm", self.spacing_mm)
        return write_series(self.folder / "CT", self.truth_zyx, spacing, **arguments | changes)

    def middle(self, *, empty: bool = False) -> Box:
        """A block of at least 64 voxels that touches no border, or nothing."""
        mask = np.zeros(self.shape, dtype=np.bool_)
        mask[2:-2, 6:14, 7:15] = not empty
        return mask

    def outline(self, mask: Box | None = None) -> OutlineSpec:
        """The outline of a lesion."""
        return OutlineSpec("liver 1", self.middle() if mask is None else mask, uid_from(self.name), "liver 1")

    def seg(self, slices: Sequence[Path], mask: Box | None = None, **more: Any) -> Path:
        """A SEG beside a series."""
        return write_seg(self.folder / "SEG.dcm", slices, [self.outline(mask)], **more)

    def rtstruct(self, slices: Sequence[Path], mask: Box | None = None, **more: Any) -> Path:
        """An RTSTRUCT beside a series."""
        return write_rtstruct(self.folder / "RT.dcm", slices, [self.outline(mask)], **more)

    def file(self, name: str, content: bytes) -> Path:
        """Any other file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


Writer = Callable[[Draw], object]
KINDS: dict[str, Writer] = {}


def kind(write: Writer) -> Writer:
    """Enter a writer into the table under its own name."""
    if write.__name__ in KINDS:
        raise ValueError(f"two kinds are named {write.__name__}")
    KINDS[write.__name__] = write
    return write


def kinds(names: Sequence[str], write: Callable[[Draw, str], object]) -> None:
    """Enter one writer several times, each time with its own word."""
    for name in names:
        KINDS[name] = partial(_with_word, write, name)


def _with_word(write: Callable[[Draw, str], object], word: str, draw: Draw) -> object:
    return write(draw, word)


def edited(paths: Sequence[Path], number: int | None = None, **elements: object) -> Sequence[Path]:
    """Change elements of one file, or of all; None removes one."""
    for path in paths if number is None else [paths[number]]:
        ds = pydicom.dcmread(path)
        for keyword, value in elements.items():
            if value is not None:
                setattr(ds, keyword, value)
            elif keyword in ds:
                delattr(ds, keyword)
        ds.save_as(path)
    return paths


def as_written(paths: Sequence[Path], keyword: str, value: bytes) -> None:
    """Put bytes into an element that no library would write there; the files become explicit little endian."""
    tag, vr = tag_for_keyword(keyword), dictionary_VR(keyword)
    if tag is None:
        raise ValueError(f"there is no {keyword}")
    mark = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    word = value + (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    for path in paths:
        raw = _explicit(path)
        at = raw.index(mark, 144 + struct.unpack_from("<I", raw, 140)[0])
        (length,) = struct.unpack_from("<H", raw, at + 6)
        path.write_bytes(raw[: at + 6] + struct.pack("<H", len(word)) + word + raw[at + 8 + length :])


def _explicit(path: Path) -> bytes:
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, implicit_vr=False, little_endian=True)
    return path.read_bytes()


def with_syntax(path: Path, uid: str) -> None:
    """Let the meta group of a file name another transfer syntax; the dataset stays as it is."""
    raw = _explicit(path)
    group_length = struct.unpack_from("<I", raw, 140)[0]
    old = struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    word = uid.encode() + b"\0" * (len(uid) % 2)
    new = struct.pack("<HH2sH", 2, 0x10, b"UI", len(word)) + word
    if old not in raw:
        raise ValueError("no transfer syntax in the meta group")
    raw = raw.replace(old, new, 1)
    path.write_bytes(raw[:140] + struct.pack("<I", group_length + len(new) - len(old)) + raw[144:])
