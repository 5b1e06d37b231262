"""Kinds of section 3.4: outlines that do not fit their scan, mark nothing or cannot be read."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radiomics_tasks.imaging.phantom.nifti_out import write_nifti
from radiomics_tasks.imaging.phantom.uids import uid_from
from tests.corpus.drawn import Draw, kind, kinds


def label_map(
    draw: Draw, array: npt.NDArray[np.generic] | None = None, ending: str = ".nii.gz", **place: object
) -> Path:
    """A CT and a label map beside it."""
    draw.ct()
    arguments = {"spacing_mm": draw.spacing_mm} | place
    return write_nifti(draw.folder / f"mask{ending}", draw.middle() if array is None else array, **arguments)  # type: ignore[arg-type]  # as there


@kind
def empty_seg(draw: Draw) -> None:
    draw.seg(draw.ct(), draw.middle(empty=True))


@kind
def empty_structure(draw: Draw) -> None:
    draw.rtstruct(draw.ct(), draw.middle(empty=True))


@kind
def empty_label_map(draw: Draw) -> None:
    label_map(draw, draw.middle(empty=True))


@kind
def one_voxel(draw: Draw) -> None:
    mask = draw.middle(empty=True)
    mask[2, 9, 9 + draw.variant] = True
    draw.seg(draw.ct(), mask)


@kind
def one_slice(draw: Draw) -> None:
    mask = draw.middle()
    mask[:2], mask[3:] = False, False
    (draw.seg if draw.variant % 2 else draw.rtstruct)(draw.ct(), mask)


@kind
def several_labels(draw: Draw) -> None:
    array = draw.middle().astype(np.uint8)
    array[2, 15:18, 15:18] = 2 + draw.variant
    label_map(draw, array)


@kind
def label_255(draw: Draw) -> None:
    label_map(draw, draw.middle().astype(np.uint8) * 255)


@kind
def probabilities(draw: Draw) -> None:
    label_map(draw, draw.middle().astype(np.float32) * (0.5 + 0.09 * draw.variant))


@kind
def undefined_labels(draw: Draw) -> None:
    array = draw.middle().astype(np.float32)
    array[0, 0, draw.variant] = np.nan
    label_map(draw, array)


@kind
def negative_labels(draw: Draw) -> None:
    array = draw.middle().astype(np.int16)
    array[0, 0, draw.variant] = -1 - draw.variant
    label_map(draw, array)


@kind
def label_map_of_another_size(draw: Draw) -> None:
    mask = np.zeros((draw.shape[0] + 1, draw.shape[1] + draw.variant, draw.shape[2]), dtype=np.bool_)
    mask[1:4, 5:9, 5:9] = True
    label_map(draw, mask)


@kind
def label_map_beside_its_scan(draw: Draw) -> None:
    label_map(draw, origin_mm=(0.3 + draw.variant, 0.0, 0.0))


@kind
def label_map_of_another_spacing(draw: Draw) -> None:
    spacing = (draw.spacing_mm[0] + 0.05 * (1 + draw.variant), *draw.spacing_mm[1:])
    label_map(draw, spacing_mm=spacing)


@kind
def turned_label_map(draw: Draw) -> None:
    c, s = float(np.cos(0.02 * (1 + draw.variant))), float(np.sin(0.02 * (1 + draw.variant)))
    label_map(draw, direction=(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0))


@kind
def label_map_with_axes_flipped(draw: Draw) -> None:
    """Honest: array and header are flipped together, so it lies where it lay."""
    flips = [(-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)][draw.variant % 3]
    mask = draw.middle()[:, :: int(flips[1]), :: int(flips[0])]
    ends = [(n - 1) * s if f < 0 else 0.0 for n, s, f in zip(draw.shape[:0:-1], draw.spacing_mm, flips, strict=False)]
    label_map(draw, mask, origin_mm=(*ends, 0.0), direction=(flips[0], 0, 0, 0, flips[1], 0, 0, 0, 1))


@kind
def seg_in_another_frame(draw: Draw) -> None:
    draw.seg(draw.ct(), tags={"FrameOfReferenceUID": uid_from("elsewhere", draw.name)})


@kind
def seg_of_another_series(draw: Draw) -> None:
    first = draw.ct()
    path = draw.seg(first)
    kept = path.read_bytes()
    for old in first:
        old.unlink()
    draw.ct(draw.voxels() + 1, series_uid=uid_from("other", draw.name))
    path.write_bytes(kept)


@kind
def structure_outside_the_scan(draw: Draw) -> None:
    slices = draw.ct(origin_mm=(100.0 + draw.variant, 0.0, 0.0), series_uid="1.2.3", frame_of_reference_uid="1.2.4")
    draw.rtstruct(slices)
    for path in slices:
        path.unlink()
    draw.ct(series_uid="1.2.3", frame_of_reference_uid="1.2.4")


@kind
def outline_at_the_border(draw: Draw) -> None:
    mask = draw.middle(empty=True)
    mask[1:4, : 4 + draw.variant, 3:9] = True
    draw.seg(draw.ct(), mask)


@kind
def outline_of_everything(draw: Draw) -> None:
    mask = np.ones(draw.shape, dtype=np.bool_)
    mask[0, 0, : draw.variant] = False
    label_map(draw, mask)


@kind
def outline_of_air(draw: Draw) -> None:
    array = draw.voxels()
    array[:, 5 + draw.variant % 2 :, :] = -900
    draw.seg(draw.ct(array))


def cut(draw: Draw, word: str) -> None:
    is_plain = word == "truncated_label_map"
    path = label_map(draw, ending=".nii" if is_plain else ".nii.gz")
    # Packed it has little more than a hundred bytes, of which the last eight are the checksum and the length.
    lost = 20 + 31 * draw.variant if is_plain else 6 + 5 * draw.variant
    path.write_bytes(path.read_bytes()[:-lost])


kinds(("truncated_label_map", "truncated_packed_label_map"), cut)


def header(draw: Draw, word: str) -> None:
    """A NIfTI of zeros whose header says something impossible; packed in every other variant."""
    path = write_nifti(draw.folder / "mask.nii", draw.middle(), draw.spacing_mm)
    raw = bytearray(path.read_bytes())
    _HEADERS[word](raw, draw.variant)
    path.unlink()
    draw.ct()
    if draw.variant % 2:
        draw.file("mask.nii.gz", gzip.compress(bytes(raw), mtime=0))
    else:
        draw.file("mask.nii", bytes(raw))


def _size_of_all(raw: bytearray, _: int) -> None:
    struct.pack_into("<3h", raw, 42, 32767, 32767, 32767)


def _more_than_there_is(raw: bytearray, _: int) -> None:
    struct.pack_into("<3h", raw, 42, 2000, 2000, 1200)
    del raw[452:]


def _placed_twice(raw: bytearray, variant: int) -> None:
    struct.pack_into("<2h", raw, 252, 1, 1)
    struct.pack_into("<f", raw, 280 + 12, 55.0 + variant)


def _in_time(raw: bytearray, variant: int) -> None:
    struct.pack_into("<h", raw, 40, 4)
    struct.pack_into("<h", raw, 48, 2 + variant)


def _of_type(code: int, bits: int) -> Callable[[bytearray, int], None]:
    def change(raw: bytearray, _: int) -> None:
        struct.pack_into("<2h", raw, 70, code, bits)

    return change


def _in_micrometres(raw: bytearray, _: int) -> None:
    raw[123] = 3


_HEADERS = {
    "size_of_32767": _size_of_all,
    "header_of_gigabytes": _more_than_there_is,
    "placed_twice_differently": _placed_twice,
    "four_dimensions": _in_time,
    "coloured_label_map": _of_type(128, 24),
    "complex_label_map": _of_type(32, 64),
    "in_micrometres": _in_micrometres,
}
kinds(tuple(_HEADERS), header)


@kind
def packed_bomb(draw: Draw) -> None:
    """A small file that unpacks to far more than its header promises."""
    path = write_nifti(draw.folder / "x.nii", draw.middle(), draw.spacing_mm)
    content = path.read_bytes()
    path.unlink()
    draw.ct()
    draw.file("mask.nii.gz", gzip.compress(content + bytes(30_000_000 + draw.variant), mtime=0))


def nrrd(draw: Draw, word: str) -> None:
    path = write_nifti(draw.folder / "mask.nrrd", draw.middle(), draw.spacing_mm)
    head, blank, body = path.read_bytes().partition(b"\n\n")
    changes = {
        "nrrd_of_vectors": (b"dimension: 3", b"dimension: 4"),
        "nrrd_without_space": (b"space: left-posterior-superior", b"space: scanner-xyz"),
        "nrrd_with_data_elsewhere": (b"encoding: gzip", b"encoding: gzip\ndata file: /etc/passwd"),
        "nrrd_with_endless_header": (b"encoding: gzip", b"encoding: gzip\n#" + b"x" * (66_000 + draw.variant)),
    }
    old, new = changes[word]
    if old not in head:
        raise ValueError(f"the header has no {old!r}")
    draw.ct()
    path.write_bytes(head.replace(old, new) + blank + body)


kinds(("nrrd_of_vectors", "nrrd_without_space", "nrrd_with_data_elsewhere", "nrrd_with_endless_header"), nrrd)


@kind
def two_parts(draw: Draw) -> None:
    mask = draw.middle()
    mask[2:-2, 16:18, 18 - draw.variant % 2 : 20] = True
    (draw.rtstruct if draw.variant % 2 else draw.seg)(draw.ct(), mask)
