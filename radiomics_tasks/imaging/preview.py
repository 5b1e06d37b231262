"""A lesion's slices and a scan's thumbnail as pictures, each file named by its digest."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from patients.vocabulary import Modality, Unit
from radiomics_tasks.imaging.drawing.png import png_bytes
from radiomics_tasks.imaging.drawing.polylines import polylines
from radiomics_tasks.imaging.drawing.stamp import stamp
from radiomics_tasks.imaging.volume import BoolArray, Mask, Volume, bounding_box, box_on, lps_order

SLICES_BESIDE = 3
CROP_MM = 96.0
MARGIN_MM = 24.0
THUMBNAIL_PX = 256
SAMPLED_VOXELS = 2_000_000
CONTOUR_COLOUR = (230, 159, 0)
CT_WINDOW_HU = (-160.0, 240.0)
PET_WINDOW_SUV = (0.0, 10.0)
WHITE = 65_535
Box = tuple[slice, slice, slice]


def write_slices(volume: Volume, mask: Mask, out: Path, *, is_synthetic: bool = False) -> dict[str, Any]:
    """Write a lesion's slices, three more on each side, and their manifest into the folder `out`.

    Parameters
    ----------
    volume : the scan in LPS order.
    mask : on the scan's grid or a sub-box of it, not empty.
    is_synthetic : whether to burn the word into a corner away from the lesion.

    Returns
    -------
    {"manifest": SHA-256 of the manifest, "first": first slice k, "count": slices, "largest": k of the largest area}
    """
    box, inside = _boxed(volume, mask)
    first = max(0, box[0].start - SLICES_BESIDE)
    last = min(volume.grid.shape[0], box[0].stop + SLICES_BESIDE)
    rows = _around(box[1], volume.grid.shape[1], volume.grid.spacing_mm[1])
    columns = _around(box[2], volume.grid.shape[2], volume.grid.spacing_mm[0])
    crop = (slice(first, last), rows, columns)
    marked = _within(crop, box, inside)
    stored, offset, slope = sixteen_bits(volume.array[crop])
    if is_synthetic:
        _burn(stored, np.asarray(marked.any(axis=0)))
    low, high = percentiles(volume)
    manifest = {
        "modality": modality_of(volume.unit),
        "unit": volume.unit,
        "pixel_mm": [volume.grid.spacing_mm[0], volume.grid.spacing_mm[1]],
        "origin_px": [columns.start, rows.start],
        "size_px": [columns.stop - columns.start, rows.stop - rows.start],
        "offset": offset,
        "slope": slope,
        "p1": low,
        "p99": high,
        "slices": [
            {
                "k": first + index,
                "z_mm": float(volume.grid.to_patient_mm((columns.start, rows.start, first + index))[2]),
                "png": _store(png_bytes(pixels), out),
                "contours": polylines(drawn),
            }
            for index, (pixels, drawn) in enumerate(zip(stored, marked, strict=True))
        ],
    }
    content = json.dumps(manifest, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return {
        "manifest": _store(content.encode(), out),
        "first": first,
        "count": last - first,
        "largest": _largest_slice(box, inside)[1],
    }


def write_thumbnail(volume: Volume, masks: Sequence[Mask], out: Path) -> str:
    """Write one slice as a small picture and give its SHA-256: that of the largest outline, else the middle one."""
    boxed = [_boxed(volume, mask) for mask in masks]
    largest = [_largest_slice(box, inside) for box, inside in boxed]
    k = max(largest, key=lambda found: (found[0], -found[1]))[1] if largest else volume.grid.shape[0] // 2
    values = volume.array[k]
    level = (slice(k, k + 1), slice(0, values.shape[0]), slice(0, values.shape[1]))
    step = max(1, -(-max(values.shape) // THUMBNAIL_PX))
    low, high = display_window(volume)
    grey = np.clip((_reduced(values, step) - low) / (high - low), 0, 1) * 255
    picture = np.repeat(np.round(grey).astype(np.uint8)[:, :, None], 3, axis=2)
    for box, inside in boxed:
        filled = _reduced(_within(level, box, inside)[0].astype(np.float32), step) > 0
        picture[filled & ~_eroded(filled)] = CONTOUR_COLOUR
    return _store(png_bytes(picture), out)


def modality_of(unit: str) -> str:
    """The modality whose display a unit asks for."""
    if unit == Unit.HU:
        return Modality.CT.value
    return (Modality.PT if unit.startswith("SUV") else Modality.MR).value


def display_window(volume: Volume) -> tuple[float, float]:
    """Lowest and highest value shown: CT 40/400 HU, PET SUV 0 to 10, else the 1st and 99th percentile."""
    modality = modality_of(volume.unit)
    if modality == Modality.CT:
        return CT_WINDOW_HU
    if modality == Modality.PT:
        return PET_WINDOW_SUV
    low, high = percentiles(volume)
    return low, max(high, low + 1e-6 * max(1.0, abs(low)))


def percentiles(volume: Volume) -> tuple[float, float]:
    """1st and 99th percentile of the voxels; of a large volume, of an even sample."""
    values = volume.array.reshape(-1)
    low, high = np.percentile(values[:: max(1, values.size // SAMPLED_VOXELS)], [1, 99])
    return float(low), float(high)


def sixteen_bits(values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint16], float, float]:
    """Values as 16-bit numbers with offset and slope: value = offset + slope * stored.

    Whole numbers that span less than 65,536 (Hounsfield units) are kept exactly, others to 1/65,535 of their span.
    """
    low, high = float(values.min()), float(values.max())
    if high - low <= WHITE and bool(np.all(values == np.round(values))):
        return (values - np.float32(low)).astype(np.uint16), low, 1.0
    slope = (high - low) / WHITE or 1.0
    return np.round((values.astype(np.float64) - low) / slope).astype(np.uint16), low, slope


def _boxed(volume: Volume, mask: Mask) -> tuple[Box, BoolArray]:
    """Where a mask's bounding box lies in the scan, and what is marked in it."""
    own, array = lps_order(mask.grid, mask.array)
    placed, tight = box_on(volume.grid, own), bounding_box(array)
    box = [slice(at.start + part.start, at.start + part.stop) for at, part in zip(placed, tight, strict=True)]
    return (box[0], box[1], box[2]), array[tight]


def _within(crop: Box, box: Box, inside: BoolArray) -> BoolArray:
    """What is marked in another box of the same scan."""
    marked = np.zeros([part.stop - part.start for part in crop], dtype=np.bool_)
    both = [(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(crop, box, strict=True)]
    if all(start < stop for start, stop in both):
        target = tuple(slice(s - a.start, e - a.start) for (s, e), a in zip(both, crop, strict=True))
        source = tuple(slice(s - b.start, e - b.start) for (s, e), b in zip(both, box, strict=True))
        marked[target] = inside[source]
    return marked


def _largest_slice(box: Box, inside: BoolArray) -> tuple[int, int]:
    """Area in pixels and index k of the slice on which the mask is largest."""
    areas = np.count_nonzero(inside, axis=(1, 2))
    return int(areas.max()), box[0].start + int(np.argmax(areas))


def _around(part: slice, count: int, pixel_mm: float) -> slice:
    """The lesion's box with a margin, at least 96 mm where the image has them, moved inside the image."""
    length = max(CROP_MM, (part.stop - part.start) * pixel_mm + 2 * MARGIN_MM)
    size = min(count, int(np.ceil(length / pixel_mm)))
    start = min(max(0, (part.start + part.stop - size) // 2), count - size)
    return slice(start, start + size)


def _burn(stored: npt.NDArray[np.uint16], inside: BoolArray) -> None:
    """Burn the word into the first corner that holds nothing of the lesion: bright letters on a dark plate."""
    rows, columns = inside.shape
    drawn = stamp((columns, rows))
    height, width = drawn.shape
    low, high = stored.min(), stored.max()
    if low == high:  # a flat picture has no second shade to write with
        high = np.uint16(WHITE if low < WHITE else 0)
    corners = [(top, left) for top in (0, rows - height) for left in (0, columns - width)]
    for top, left in corners:
        if not inside[top : top + height, left : left + width].any():
            stored[:, top : top + height, left : left + width] = np.where(drawn, high, low)
            return
    stored[:, :height, :width][:, drawn] = high


def _reduced(values: npt.NDArray[np.float32], step: int) -> npt.NDArray[np.float32]:
    """Means of blocks of step by step pixels; what is left over at the far edges is dropped."""
    rows, columns = (n // step for n in values.shape)
    blocks = values[: rows * step, : columns * step].reshape(rows, step, columns, step)
    means: npt.NDArray[np.float32] = blocks.mean(axis=(1, 3))
    return means


def _eroded(inside: BoolArray) -> BoolArray:
    padded = np.pad(inside, 1)
    return padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


def _store(content: bytes, out: Path) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (out / digest).write_bytes(content)
    return digest
