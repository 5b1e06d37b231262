"""Ten good uploads, one file of each to be damaged, and which of its bytes carry values that no format protects."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.pet_tags import pet_tags
from radiomics_tasks.imaging.series.structure import file_layout
from tests.corpus.drawn import Draw

Spans = list[tuple[int, int]]
PLACES = (b"space directions", b"space origin", b"space:")


@dataclass(frozen=True, slots=True)
class Seed:
    """A good upload: its folder, the file that is damaged, and the spans of it in which a value is only a value.

    A pixel, a contour's point or a frame's place that is changed to another possible one is another good file: no
    checksum says otherwise. Everywhere else a change is noticed or changes no number.
    """

    name: str
    folder: Path
    target: Path
    values: Spans


def pixels(path: Path) -> Spans:
    """Where the pixel data of a DICOM file lie."""
    layout = file_layout(path)
    start = layout.pixel_offset or 0
    return [(start, start + layout.pixel_bytes)]


def texts(path: Path, keywords: tuple[str, ...]) -> Spans:
    """Where the values of some elements stand, at any depth, found by their bytes."""
    content = path.read_bytes()
    found = []
    for element in pydicom.dcmread(path).iterall():
        if element.keyword in keywords:
            parts = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
            word = "\\".join(str(part) for part in parts).encode()
            found += [(match.start(), match.end()) for match in re.finditer(re.escape(word), content)]
    return found


def middle(draw: Draw, paths: list[Path]) -> Path:
    """A slice that is neither the first nor the last."""
    return paths[len(paths) // 2]


def series(draw: Draw, modality: str, syntax: str) -> list[Path]:
    array = draw.voxels() if modality == "CT" else np.abs(draw.voxels())
    more = {}
    if modality == "PT":
        array = array.astype(np.float64) * 40
        more["tags"] = pet_tags(injected_at=datetime(2026, 3, 2, 10))
    return draw.ct(array, modality=modality, transfer_syntax=syntax, **more)


def image_series(modality: str, syntax: str = ExplicitVRLittleEndian) -> Callable[[Draw], tuple[Path, Spans]]:
    def make(draw: Draw) -> tuple[Path, Spans]:
        path = middle(draw, series(draw, modality, syntax))
        return path, pixels(path)

    return make


def seg(draw: Draw) -> tuple[Path, Spans]:
    path = draw.seg(draw.ct())
    return path, pixels(path) + texts(path, ("ImagePositionPatient", "ReferencedSegmentNumber"))


def rtstruct(draw: Draw) -> tuple[Path, Spans]:
    path = draw.rtstruct(draw.ct())
    return path, texts(path, ("ContourData",))


def nifti(draw: Draw) -> tuple[Path, Spans]:
    path = write_nifti(draw.folder / "scan.nii.gz", draw.voxels(), draw.spacing_mm)
    return path, []


def nrrd(draw: Draw) -> tuple[Path, Spans]:
    path = write_nifti(draw.folder / "scan.nrrd", draw.voxels(), draw.spacing_mm)
    content = path.read_bytes()
    head = content[: content.index(b"\n\n")]
    lines = [(match.start(), match.end()) for match in re.finditer(rb"[^\n]+", head)]
    return path, [(start, end) for start, end in lines if head[start:end].startswith(PLACES)]


def archive(draw: Draw) -> tuple[Path, Spans]:
    paths = draw.ct()
    packed = draw.folder / "scan.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in paths:
            file.write(path, path.name)
            path.unlink()
    return packed, []


MAKERS: dict[str, Callable[[Draw], tuple[Path, Spans]]] = {
    "CT": image_series("CT"),
    "MR": image_series("MR"),
    "PET": image_series("PT"),
    "RLE": image_series("CT", RLELossless),
    "JPEG-LS": image_series("CT", JPEGLSLossless),
    "SEG": seg,
    "RTSTRUCT": rtstruct,
    "nii.gz": nifti,
    "nrrd": nrrd,
    "zip": archive,
}


def seeds(root: Path) -> list[Seed]:
    """All ten."""
    found = []
    for name, make in MAKERS.items():
        draw = Draw(f"seed {name}", 0, root / name)
        target, values = make(draw)
        found.append(Seed(name, root / name, target, values))
    return found
