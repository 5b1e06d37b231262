"""Single-file images in and out: NIfTI-1 and NRRD, as scans or as label maps; the content decides which."""

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from patients.vocabulary import OutlineFormat, Unit
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.formats.nifti_header import is_nifti, nifti_header
from radiomics_tasks.imaging.formats.nrrd import load_mask, load_volume, nrrd_header, write_mask, write_volume
from radiomics_tasks.imaging.formats.raw import (
    MAX_LABEL,
    MAX_LABELS,
    Array,
    ImageHeader,
    bad_header,
    looks_like_labels,
    read_stored,
    truncated,
    unpacked,
)
from radiomics_tasks.imaging.outline import Outlined, SeriesGeometry, empty
from radiomics_tasks.imaging.volume import Mask, Volume, place_on

__all__ = [
    "is_image_file",
    "load_mask",
    "load_volume",
    "mask_refusal",
    "read_header",
    "read_image",
    "read_label_map",
    "write_mask",
    "write_volume",
]

UNITS = set(Unit)
META_IMAGE = (b"ObjectType", b"NDims", b"Comment =")
# What the same refusal is called when the file was to be a mask.
MASK_CODES = {"E_HEADER": "E_MASK_HEADER", "E_TRUNCATED": "E_MASK_TRUNCATED"}


def is_image_file(path: Path) -> bool:
    """Whether the content is a NIfTI, NRRD or MetaImage file, readable or not."""
    try:
        start = _start(path)
    except Refusal:
        return False
    return is_nifti(start) or start.startswith((b"NRRD000", *META_IMAGE))


def read_header(path: Path) -> ImageHeader:
    """Geometry, number type and whether it looks like a label map (which reads voxels, up to the first that do not).

    Raises Refusal E_HEADER, E_DETACHED, E_TRUNCATED or E_TYPE.
    """
    header = _header(path)
    return replace(header, is_label_like=looks_like_labels(path, header))


def read_image(path: Path) -> Volume:
    """A scan in LPS order; its unit is the file's own where it names one, else arbitrary.

    Raises Refusal as `read_header` does, and E_NONFINITE where a voxel is not a number.
    """
    header = _header(path)
    stored = read_stored(path, header)
    with np.errstate(over="ignore"):
        if (header.slope, header.intercept) == (1.0, 0.0):
            values = stored.astype(np.float32)
        else:
            values = (stored.astype(np.float64) * header.slope + header.intercept).astype(np.float32)
    wrong = values.size - int(np.count_nonzero(np.isfinite(values)))
    if wrong:
        raise Refusal(
            "E_NONFINITE",
            f"{wrong} voxel{' holds' if wrong == 1 else 's hold'} no finite number. Export the image again.",
        )
    unit = header.unit if header.unit in UNITS else Unit.ARBITRARY.value
    return Volume(header.grid, values, unit).in_lps_order()


def read_label_map(path: Path, scan: SeriesGeometry) -> list[Outlined]:
    """Every label of a label map on the scan's grid, in the order of their numbers, named "label 2".

    Raises Refusal where the file as a whole cannot be used: E_MASK_HEADER, E_MASK_TRUNCATED, E_MASK_VALUES,
    E_MASK_LABELS, E_MASK_EMPTY, E_MASK_SIZE, E_MASK_GEOMETRY, E_DETACHED or E_TYPE.
    """
    try:
        header = _header(path)
        stored = read_stored(path, header)
    except Refusal as refusal:
        raise mask_refusal(refusal) from refusal
    labels = _labels(stored, header)
    outlines = []
    for label in labels:
        mask = place_on(scan.grid, Mask(header.grid, np.asarray(stored == label)))
        outlines.append(Outlined(f"label {label}", OutlineFormat.LABEL_MAP).with_mask(mask, scan.grid))
    return outlines


def mask_refusal(refusal: Refusal) -> Refusal:
    """The refusal of an image as it is called where the file was to be a mask."""
    return Refusal(MASK_CODES.get(refusal.code, refusal.code), refusal.sentence)


def _start(path: Path) -> bytes:
    with unpacked(path) as stream:
        try:
            return stream.read(352)
        except EOFError as error:
            raise truncated() from error
        except (OSError, zlib.error) as error:
            raise bad_header("The file's compression is damaged.") from error


def _header(path: Path) -> ImageHeader:
    start = _start(path)
    if is_nifti(start):
        return nifti_header(path)
    if start.startswith(b"NRRD000"):
        return nrrd_header(path)
    if start.startswith(META_IMAGE):
        raise Refusal("E_DETACHED", "MetaImage files are not read. Send a single-file image (.nii.gz or .nrrd).")
    raise Refusal("E_TYPE", "This is neither a NIfTI nor an NRRD image. Save it again as .nii.gz or .nrrd.")


def _labels(stored: Array, header: ImageHeader) -> list[int]:
    """The labels of a map in rising order, background left out.

    Raises Refusal where the numbers cannot be labels.
    """
    if (header.slope, header.intercept) != (1.0, 0.0):
        raise Refusal("E_MASK_VALUES", "The mask's numbers are scaled. Save it as whole numbers.")
    values = _distinct(stored)
    if not np.isfinite(values).all() or values[0] < 0:
        raise Refusal("E_MASK_VALUES", "The mask holds negative or undefined numbers. Save it as whole-number labels.")
    if np.any(values != np.floor(values)):
        raise Refusal("E_MASK_LABELS", "The mask holds fractions (probabilities?). Save it as whole-number labels.")
    labels = [int(value) for value in values if value != 0]
    if len(labels) > MAX_LABELS or values[-1] > MAX_LABEL:
        raise Refusal(
            "E_MASK_VALUES", "The mask holds more labels, or larger ones, than a label map has. Send only the lesions."
        )
    if not labels:
        raise empty()
    return labels


def _distinct(stored: Array) -> npt.NDArray[np.float64]:
    """The different values, slice by slice, in rising order; no further than it takes to see that they are too many."""
    seen: npt.NDArray[np.float64] = np.empty(0)
    for level in stored:
        seen = np.unique(np.concatenate([seen, np.unique(level).astype(np.float64)]))
        if len(seen) > MAX_LABELS + 1:
            break
    return seen
