"""The 348 bytes at the start of a NIfTI-1 file, read here because libraries believe them too readily."""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.formats.raw import (
    ImageHeader,
    bad_header,
    check_size,
    checked_grid,
    is_gzip,
    read_exactly,
    unpacked,
)
from radiomics_tasks.imaging.volume import POSITION_TOLERANCE_MM

HEADER_BYTES = 348
NIFTI_2_BYTES = 540
TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
MILLIMETRES = {0, 2}  # many writers leave the unit empty
LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0])
Numbers = npt.NDArray[np.float64]


def is_nifti(start: bytes) -> bool:
    """Whether unpacked bytes begin with a NIfTI or Analyze header, in either byte order."""
    return start[:4] in {struct.pack(order + "i", size) for order in "<>" for size in (HEADER_BYTES, NIFTI_2_BYTES)}


def nifti_header(path: Path) -> ImageHeader:
    """The header of a single-file NIfTI-1 image, checked.

    Raises Refusal E_HEADER, E_DETACHED, E_DIMS or E_UNITS; the length of the file is checked when voxels are read.
    """
    with unpacked(path) as stream:
        raw = bytes(read_exactly(stream, HEADER_BYTES))
    order = "<" if struct.unpack("<i", raw[:4])[0] == HEADER_BYTES else ">"
    if struct.unpack(order + "i", raw[:4])[0] != HEADER_BYTES:
        raise bad_header("NIfTI-2 is not supported. Save the image as NIfTI-1 (.nii.gz).")
    if raw[344:348] == b"ni1\0":
        raise Refusal(
            "E_DETACHED", "Send a single-file image (.nii.gz or .nrrd), not a header with its data elsewhere."
        )
    if raw[344:348] != b"n+1\0":
        raise bad_header("This is not a NIfTI file that says where its voxels lie (.nii or .nii.gz).")
    sizes = _sizes(struct.unpack(order + "8h", raw[40:56]))
    code, bits = struct.unpack(order + "2h", raw[70:74])
    if code not in TYPES:
        raise bad_header("The image's number type is not supported: it must hold one real number per voxel.")
    dtype = np.dtype(order + TYPES[code])
    check_size(sizes, dtype.itemsize)
    offset, slope, intercept = struct.unpack(order + "3f", raw[108:120])
    if bits != 8 * dtype.itemsize or not (352 <= offset <= 1 << 20 and float(offset).is_integer()):
        raise bad_header("The header contradicts itself.")
    if raw[123] & 7 not in MILLIMETRES:
        raise bad_header("The image's unit of length is not the millimetre.")
    steps, origin = _placement(raw, order)
    if not (np.isfinite([slope, intercept]).all() and slope != 0):
        slope, intercept = 1.0, 0.0
    return ImageHeader(
        grid=checked_grid(sizes, steps, origin),
        dtype=dtype,
        slope=float(slope),
        intercept=float(intercept),
        data_offset=int(offset),
        is_file_gzipped=is_gzip(path),
    )


def _sizes(dim: tuple[int, ...]) -> tuple[int, int, int]:
    if not 3 <= dim[0] <= 7 or any(size != 1 for size in dim[4 : dim[0] + 1]):
        raise bad_header("The image has not three dimensions. Send one volume per file.")
    return dim[1], dim[2], dim[3]


def _placement(raw: bytes, order: str) -> tuple[Numbers, Numbers]:
    """Steps (columns) and origin in LPS, from the qform or the sform; where both are given they must agree."""
    qform_code, sform_code = struct.unpack(order + "2h", raw[252:256])
    forms = []
    if sform_code > 0:
        forms.append(_sform(raw, order))
    if qform_code > 0:
        forms.append(_qform(raw, order))
    if not forms:
        raise bad_header("The header does not say where the voxels lie (neither qform nor sform).")
    if len(forms) == 2 and not _agree(forms[0], forms[1], struct.unpack(order + "8h", raw[40:56])[1:4]):
        raise bad_header("The header places the image twice, and differently (qform and sform). Export it again.")
    return forms[0]


def _agree(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers], sizes: tuple[int, ...]) -> bool:
    corners = np.array([[i, j, k] for i in (0, sizes[0] - 1) for j in (0, sizes[1] - 1) for k in (0, sizes[2] - 1)])
    apart = corners @ (one[0] - other[0]).T + (one[1] - other[1])
    return bool(np.max(np.linalg.norm(apart, axis=1)) <= POSITION_TOLERANCE_MM)


def _sform(raw: bytes, order: str) -> tuple[Numbers, Numbers]:
    """The affine as written; where its steps are pixdim's up to rounding, pixdim has the better digits."""
    rows = np.asarray(struct.unpack(order + "12f", raw[280:328]), dtype=np.float64).reshape(3, 4)
    pixdim = np.asarray(struct.unpack(order + "8f", raw[76:108])[1:4], dtype=np.float64)
    steps, lengths = rows[:, :3], np.linalg.norm(rows[:, :3], axis=0)
    if np.all(lengths > 0) and np.allclose(lengths, pixdim, rtol=1e-5, atol=0):
        steps = steps / lengths * pixdim
    return LPS_FROM_RAS @ steps, LPS_FROM_RAS @ rows[:, 3]


def _qform(raw: bytes, order: str) -> tuple[Numbers, Numbers]:
    """Rotation from a unit quaternion (b, c, d; a follows), steps from pixdim, k turned by its sign."""
    pixdim = struct.unpack(order + "8f", raw[76:108])
    b, c, d, *origin = (float(x) for x in struct.unpack(order + "6f", raw[256:280]))
    square = 1.0 - (b * b + c * c + d * d)
    if not np.isfinite(square) or square < -1e-4 or min(pixdim[1:4]) <= 0:
        raise bad_header("Spacing or position in the header is not a valid number.")
    if square < 1e-7:  # half a turn, up to the rounding of single precision
        length = float(np.sqrt(b * b + c * c + d * d))
        a, b, c, d = 0.0, b / length, c / length, d / length
    else:
        a = float(np.sqrt(square))
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    turned = np.asarray(pixdim[1:4], dtype=np.float64) * np.array([1.0, 1.0, -1.0 if pixdim[0] < 0 else 1.0])
    return LPS_FROM_RAS @ rotation * turned, LPS_FROM_RAS @ np.asarray(origin)
