"""Where the patient lies in a scan, so that two scans of one patient can be laid over each other."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from patients.vocabulary import Modality
from radiomics_tasks.imaging.preview import modality_of, percentiles
from radiomics_tasks.imaging.volume import BoolArray, Volume

STEP_MM = 5.0
PIXEL_MM = 4.0
BODY_HU, BONE_HU = -300.0, 200.0
# Part of the 99th percentile above which an MR or PET voxel belongs to the body.
BODY_RATIOS = {Modality.MR.value: 0.1, Modality.PT.value: 0.03}
CHANNELS = ("area_mm2", "air_mm2", "bone_mm2")
SEARCH_STEP_MM = 1.0
SMALLEST_OVERLAP_MM = 60.0
SMALLEST_OVERLAP_RATIO = 0.5
FLOOR_RATIO = 0.02
NARROWEST_FIELD_MM = 180.0
Numbers = npt.NDArray[np.float64]
Profile = Mapping[str, Sequence[float]]


def body_profile(volume: Volume) -> dict[str, list[float]]:
    """The body's cross-sections every 5 mm along patient z, as plain data.

    Parameters
    ----------
    volume : in LPS order.

    Returns
    -------
    "z_mm" rising, and for each: "area_mm2" of the largest body outline without the couch, "air_mm2" and
    "bone_mm2" inside it (CT only, else zero), "x_mm" and "y_mm" of its centre (LPS). Slices without a body
    are left out.
    """
    grid = volume.grid
    centre = [(grid.shape[2] - 1) / 2, (grid.shape[1] - 1) / 2]
    heights = grid.to_patient_mm([[*centre, k] for k in range(grid.shape[0])])[:, 2]
    wanted = np.arange(heights[0], heights[-1] + STEP_MM / 2, STEP_MM)
    sizes_ij = (grid.shape[2], grid.shape[1])
    step_ij = tuple(
        min(size, max(1, round(PIXEL_MM / spacing)))
        for size, spacing in zip(sizes_ij, grid.spacing_mm[:2], strict=True)
    )
    profile: dict[str, list[float]] = {name: [] for name in ("z_mm", *CHANNELS, "x_mm", "y_mm")}
    is_ct = modality_of(volume.unit) == Modality.CT
    threshold = _threshold(volume)
    for k in dict.fromkeys(int(np.argmin(np.abs(heights - z))) for z in wanted):
        values = _blocks(volume.array[k], step_ij)
        body = _largest(values > threshold)
        if not body.any():
            continue
        pixel_mm2 = float(np.prod(grid.spacing_mm[:2]) * np.prod(step_ij))
        row, column = np.mean(np.argwhere(body), axis=0)
        i, j = (column + 0.5) * step_ij[0] - 0.5, (row + 0.5) * step_ij[1] - 0.5
        x_mm, y_mm, z_mm = grid.to_patient_mm((i, j, k))
        profile["z_mm"].append(float(z_mm))
        profile["x_mm"].append(float(x_mm))
        profile["y_mm"].append(float(y_mm))
        profile["area_mm2"].append(float(body.sum()) * pixel_mm2)
        profile["air_mm2"].append(float((body & (values < BODY_HU)).sum()) * pixel_mm2 if is_ct else 0.0)
        profile["bone_mm2"].append(float((body & (values > BONE_HU)).sum()) * pixel_mm2 if is_ct else 0.0)
    return profile


def body_inside(volume: Volume, box: tuple[slice, slice, slice]) -> BoolArray | None:
    """Which voxels of a box (slices over k, j, i) lie in the body, lungs and bowel gas included; about 4 mm exact.

    None where the field of view is narrower than a body, so that its outline cannot be told.

    Parameters
    ----------
    volume : in LPS order.
    """
    spacing_mm = volume.grid.spacing_mm
    _, rows, columns = volume.grid.shape
    if min(rows * spacing_mm[1], columns * spacing_mm[0]) < NARROWEST_FIELD_MM:
        return None
    step_ij = (max(1, round(PIXEL_MM / spacing_mm[0])), max(1, round(PIXEL_MM / spacing_mm[1])))
    threshold = _threshold(volume)
    found = np.zeros(tuple(part.stop - part.start for part in box), dtype=np.bool_)
    for place, k in enumerate(range(box[0].start, box[0].stop)):
        coarse = _largest(_blocks(volume.array[k], step_ij) > threshold)
        fine = coarse.repeat(step_ij[1], axis=0).repeat(step_ij[0], axis=1)
        # Blocks leave a rest of a few pixels at the far borders, which is as the last block is.
        fine = np.pad(fine, ((0, rows - fine.shape[0]), (0, columns - fine.shape[1])), mode="edge")
        found[place] = fine[box[1], box[2]]
    return found


def offset_between_mm(one: Profile, other: Profile) -> tuple[float, float, float]:
    """What to add to a place in `one` (LPS, mm) to be at the same place of the body in `other`.

    The profiles of area, air and bone are slid along each other over every shift at which they overlap by half
    of the shorter; the shift at which they differ least wins. Table position, field of view and coverage may
    differ. Zero where either scan shows no body.
    """
    if not len(one["z_mm"]) or not len(other["z_mm"]):
        return 0.0, 0.0, 0.0
    first, second = _arrays(one), _arrays(other)
    shortest = min(np.ptp(first["z_mm"]), np.ptp(second["z_mm"]))
    needed = min(shortest, max(SMALLEST_OVERLAP_MM, SMALLEST_OVERLAP_RATIO * shortest))
    lowest = second["z_mm"][0] - first["z_mm"][-1] + needed
    highest = second["z_mm"][-1] - first["z_mm"][0] - needed
    shifts = np.arange(lowest, highest + SEARCH_STEP_MM, SEARCH_STEP_MM)
    scales = _scales(first, second)
    costs = [_difference(first, second, float(shift), scales) for shift in shifts]
    dz = float(shifts[int(np.argmin(costs))])
    inside = _overlap(first, second, dz)
    z = first["z_mm"][inside]
    apart = [np.median(np.interp(z + dz, second["z_mm"], second[a]) - first[a][inside]) for a in ("x_mm", "y_mm")]
    return float(apart[0]), float(apart[1]), dz


def _threshold(volume: Volume) -> float:
    modality = modality_of(volume.unit)
    return BODY_HU if modality == Modality.CT else BODY_RATIOS[modality] * percentiles(volume)[1]


def _blocks(values: npt.NDArray[np.float32], step_ij: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Means of blocks of pixels about 4 mm wide, so that noise and the couch's thin shells vanish."""
    rows, columns = values.shape[0] // step_ij[1], values.shape[1] // step_ij[0]
    whole = values[: rows * step_ij[1], : columns * step_ij[0]]
    means: npt.NDArray[np.float32] = whole.reshape(rows, step_ij[1], columns, step_ij[0]).mean(axis=(1, 3))
    return means


def _largest(marked: BoolArray) -> BoolArray:
    """The largest piece with its holes filled, after what is thinner than about 12 mm has been taken away."""
    opened = ndimage.binary_opening(marked)
    labelled, count = ndimage.label(opened if opened.any() else marked)
    if not count:
        return np.zeros_like(marked)
    sizes = np.bincount(labelled.ravel())
    filled: BoolArray = ndimage.binary_fill_holes(labelled == 1 + int(np.argmax(sizes[1:])))
    return filled


def _arrays(profile: Profile) -> dict[str, Numbers]:
    return {name: np.asarray(values, dtype=np.float64) for name, values in profile.items()}


def _scales(first: dict[str, Numbers], second: dict[str, Numbers]) -> dict[str, float]:
    """How much each channel varies anyway, so that none outweighs the others."""
    floor = FLOOR_RATIO * float(np.mean(np.concatenate([first["area_mm2"], second["area_mm2"]])))
    return {name: float(np.std(np.concatenate([first[name], second[name]]))) + floor for name in CHANNELS}


def _overlap(first: dict[str, Numbers], second: dict[str, Numbers], dz: float) -> BoolArray:
    moved = first["z_mm"] + dz
    inside: BoolArray = (moved >= second["z_mm"][0] - 1e-6) & (moved <= second["z_mm"][-1] + 1e-6)
    return inside


def _difference(first: dict[str, Numbers], second: dict[str, Numbers], dz: float, scales: dict[str, float]) -> float:
    """Mean squared difference of the channels where the bodies overlap, shifted by `dz`."""
    inside = _overlap(first, second, dz)
    if not inside.any():
        return float("inf")
    moved = first["z_mm"][inside] + dz
    squared = [
        ((np.interp(moved, second["z_mm"], second[name]) - first[name][inside]) / scales[name]) ** 2
        for name in CHANNELS
    ]
    return float(np.mean(squared))
