"""NRRD with its voxels in the same file: read, and written as the canonical form of volumes and masks."""

import hashlib
import re
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.formats.raw import ImageHeader, bad_header, check_size, checked_grid, read_stored
from radiomics_tasks.imaging.volume import Grid, Mask, Volume

MAX_HEADER_BYTES = 64 * 1024
TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
KINDS = {word: kind for kind, words in TYPES.items() for word in words}
# How a space's axes turn into L, P, S.
SPACES = {
    "left-posterior-superior": (1, 1, 1), "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1), "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1), "las": (1, -1, 1),
}  # fmt: skip


def nrrd_header(path: Path) -> ImageHeader:
    """The header of a NRRD image, checked.

    Raises Refusal E_HEADER or E_DETACHED; the length of the file is checked when voxels are read.
    """
    fields, offset = _fields(path)
    if any(name in fields for name in ("data file", "datafile")):
        raise Refusal(
            "E_DETACHED", "Send a single-file image (.nii.gz or .nrrd), not a header with its data elsewhere."
        )
    if fields.get("dimension") != "3" or any(fields.get(name, "0") != "0" for name in ("line skip", "byte skip")):
        raise bad_header("The NRRD must hold one number per voxel in three dimensions.")
    sizes = tuple(_whole(word) for word in fields.get("sizes", "").split())
    if len(sizes) != 3 or fields.get("type", "") not in KINDS:
        raise bad_header("The NRRD's size or number type is not supported.")
    order = {"little": "<", "big": ">"}.get(fields.get("endian", "little"))
    encoding = fields.get("encoding", "")
    if order is None or encoding not in {"raw", "gzip", "gz"}:
        raise bad_header("The NRRD's encoding is not supported. Save it as raw or gzip.")
    dtype = np.dtype(order + KINDS[fields["type"]])
    check_size(sizes, dtype.itemsize)
    steps, origin = _placement(fields)
    return ImageHeader(
        grid=checked_grid((sizes[0], sizes[1], sizes[2]), steps, origin),
        dtype=dtype,
        unit=fields.get("sample units", "").strip('"'),
        data_offset=offset,
        is_data_gzipped=encoding != "raw",
    )


def _fields(path: Path) -> tuple[dict[str, str], int]:
    """Fields and key/value pairs of the header, names in small letters, and where the voxels begin."""
    with path.open("rb") as stream:
        start = stream.read(MAX_HEADER_BYTES)
    end = re.search(rb"\r?\n\r?\n", start)
    # A header without its blank line belongs to a file of its own, or is no header.
    text = start[: end.start() if end else len(start)].decode("utf-8", "replace")
    fields = {}
    for line in text.splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[name.strip().lower()] = value.removeprefix("=").strip()
    if end is None and not any(name in fields for name in ("data file", "datafile")):
        raise bad_header("The NRRD's header does not end, or is longer than 64 kB.")
    return fields, end.end() if end else len(start)


def _whole(word: str) -> int:
    if not re.fullmatch(r"\d{1,9}", word):
        raise bad_header("The NRRD's size is not a valid number.")
    return int(word)


def _placement(fields: dict[str, str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Steps (columns) and origin in LPS, millimetres."""
    turn = SPACES.get(fields.get("space", "").lower())
    if turn is None:
        raise bad_header("The NRRD does not say in which patient directions its axes run (space).")
    if any(unit.strip('"').lower() not in {"mm", "millimeter", ""} for unit in fields.get("space units", "").split()):
        raise bad_header("The image's unit of length is not the millimetre.")
    vectors = [_vector(part) for part in re.findall(r"\([^)]*\)|none", fields.get("space directions", ""))]
    if len(vectors) != 3:
        raise bad_header("The NRRD does not say how its axes run (space directions).")
    origin = _vector(fields.get("space origin", ""))
    turned = np.asarray(turn, dtype=np.float64)
    return np.stack(vectors, axis=1) * turned[:, None], np.asarray(origin) * turned


def _vector(text: str) -> npt.NDArray[np.float64]:
    try:
        numbers = [float(word) for word in text.strip("() ").split(",")]
    except ValueError as error:
        raise bad_header("Spacing or position in the header is not a valid number.") from error
    if len(numbers) != 3:
        raise bad_header("Spacing or position in the header is not a valid number.")
    return np.asarray(numbers)


def write_volume(volume: Volume, out: Path) -> str:
    """Write the volume in LPS order and give the SHA-256 (hex) of the bytes: same volume, same bytes."""
    canonical = volume.in_lps_order()
    return _write(canonical.grid, canonical.array.astype("<f4", copy=False), canonical.unit, out)


def write_mask(mask: Mask, out: Path) -> str:
    """Write the mask as it stands (crop it first) and give the SHA-256 (hex) of the bytes."""
    return _write(mask.grid, mask.array.astype(np.uint8), "", out)


def load_volume(path: Path) -> Volume:
    """A volume that `write_volume` wrote, bit for bit."""
    header = _own_header(path)
    return Volume(header.grid, read_stored(path, header).astype(np.float32, copy=False), header.unit)


def load_mask(path: Path) -> Mask:
    """A mask that `write_mask` wrote."""
    header = _own_header(path)
    return Mask(header.grid, read_stored(path, header).astype(np.bool_))


def _own_header(path: Path) -> ImageHeader:
    """The header of a file that was written here, with every bit of its geometry."""
    header, fields = nrrd_header(path), _fields(path)[0]
    spacing, direction = ([float(word) for word in fields[name].split()] for name in ("spacing_mm", "direction"))
    origin = [float(x) for x in _vector(fields["space origin"])]
    grid = Grid.from_dict(
        {
            "shape": [float(n) for n in header.grid.shape],
            "spacing_mm": spacing,
            "origin_mm": origin,
            "direction": direction,
        }
    )
    return replace(header, grid=grid)


def _write(grid: Grid, array: npt.NDArray[np.generic], unit: str, out: Path) -> str:
    steps = grid.columns * np.asarray(grid.spacing_mm)
    lines = [
        "NRRD0004",
        f"type: {'float' if array.dtype.itemsize == 4 else 'uchar'}",
        "dimension: 3",
        "space: left-posterior-superior",
        "sizes: " + " ".join(str(n) for n in array.shape[::-1]),
        "space directions: " + " ".join(_written(column) for column in steps.T),
        "kinds: domain domain domain",
        "endian: little",
        "encoding: gzip",
        "space origin: " + _written(grid.origin_mm),
        *([f"sample units: {unit}"] if unit else []),
        # Directions times spacing lose the last bit of either; these keep all of them.
        "spacing_mm:=" + " ".join(repr(float(x)) for x in grid.spacing_mm),
        "direction:=" + " ".join(repr(float(x)) for x in grid.direction),
    ]
    packed = zlib.compressobj(1, zlib.DEFLATED, 31)  # a gzip header without name or time
    body = packed.compress(np.ascontiguousarray(array).data) + packed.flush()
    content = ("\n".join(lines) + "\n\n").encode() + body
    out.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _written(vector: npt.ArrayLike) -> str:
    return "(" + ",".join(repr(float(x)) for x in np.asarray(vector)) + ")"
