"""Slice positions to one regular grid, or the sentence that says why they make none."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.volume import Grid

MIN_SLICES = 3
MAX_VOXELS = 200_000_000
MAX_SPACING_MM = 50.0
MAX_POSITION_MM = 100_000.0
SAME_PLACE_MM = 0.01
STEP_TOLERANCE_RATIO = 0.01
ORTHONORMAL_TOLERANCE = 1e-3
DIRECTION_TOLERANCE = 1e-4
SHEAR_TOLERANCE_MM = 0.05

Vector = npt.NDArray[np.float64]
_EXPORT = "Export the whole series again."


def sorted_grid(headers: Sequence[Header]) -> tuple[Grid, list[Header]]:
    """The grid of a series and its slices in order along it, towards the patient's left, back or head.

    Raises
    ------
    Refusal
        E_MISSING_TAG, E_SPACING, E_GEOMETRY, E_MIXED_SIZE, E_MIXED_SPACING, E_MIXED_ORIENTATION, E_DUP_POSITION,
        E_TOO_FEW_SLICES, E_GANTRY_TILT, E_MISSING_SLICES, E_VARIABLE_SPACING or E_DIMS.
    """
    cosines = _orientation(headers)
    _same_size(headers)
    spacing = _pixel_spacing(headers)
    positions = np.asarray([_position(header) for header in headers])
    normal = np.cross(cosines[:3], cosines[3:])
    # Upwards along the patient axis that the slices run along, so that slice order is the volume's order.
    normal *= 1.0 if normal[int(np.argmax(np.abs(normal)))] > 0 else -1.0
    order = sorted(range(len(headers)), key=lambda index: (float(positions[index] @ normal), index))
    ordered, places = [headers[index] for index in order], positions[order]
    along = places @ normal
    _no_duplicates(along)
    if len(headers) < MIN_SLICES:
        raise Refusal(
            "E_TOO_FEW_SLICES",
            f"The series has {_count(len(headers))}; at least {MIN_SLICES} are needed. Send all of it.",
        )
    _no_tilt(places, along, normal)
    _regular(ordered, along)
    shape = (len(headers), headers[0].whole("Rows"), headers[0].whole("Columns"))
    if math.prod(shape) > MAX_VOXELS:
        raise Refusal("E_DIMS", "The image size is outside what can be measured. Send one series at a time.")
    step = _exact_step(ordered, normal)
    direction = np.column_stack([cosines[:3], cosines[3:], normal])
    origin = tuple(float(value) for value in places[0])
    grid = Grid(
        shape,
        (spacing[1], spacing[0], step),
        origin,  # type: ignore[arg-type]  # a position has three numbers
        tuple(float(value) for value in direction.reshape(-1)),  # type: ignore[arg-type]  # three columns of three
    )
    return grid, ordered


def _exact_step(ordered: Sequence[Header], normal: Vector) -> float:
    """The mean step, mm, from the decimals that stand in the files.

    They have at most 16 characters: beyond a billionth of a millimetre stands only how the writer cut them off.
    """
    ends = [[Fraction(word) for word in header.words("ImagePositionPatient")] for header in (ordered[0], ordered[-1])]
    length = sum(Fraction(float(unit)) * (last - first) for unit, first, last in zip(normal, *ends, strict=True))
    return round(float(length / (len(ordered) - 1)), 9)


def _count(slices: int) -> str:
    return "only one slice" if slices == 1 else f"only {slices} slices"


def _pixel_spacing(headers: Sequence[Header]) -> tuple[float, ...]:
    found = [header.numbers("PixelSpacing", 2, "E_SPACING") for header in headers]
    if any(not 0 < value <= MAX_SPACING_MM for pair in found for value in pair):
        raise Refusal(
            "E_SPACING", "The pixel spacing is not a size that a patient's image can have. Export the series again."
        )
    if float(np.ptp(np.asarray(found), axis=0).max()) > SAME_PLACE_MM / 10:
        raise Refusal("E_MIXED_SPACING", "The slices have different pixel spacings. Send one series at a time.")
    return found[0]


def _orientation(headers: Sequence[Header]) -> Vector:
    found = np.asarray([header.numbers("ImageOrientationPatient", 6, "E_GEOMETRY") for header in headers])
    rows, columns = found[:, :3], found[:, 3:]
    lengths = np.concatenate([np.linalg.norm(rows, axis=1), np.linalg.norm(columns, axis=1)])
    skew = np.abs(np.sum(rows * columns, axis=1))
    if np.max(np.abs(lengths - 1)) > ORTHONORMAL_TOLERANCE or np.max(skew) > ORTHONORMAL_TOLERANCE:
        raise Refusal("E_GEOMETRY", "The orientation of the slices is not a valid one. Export the series again.")
    if float(np.max(np.abs(found - found[0]))) > DIRECTION_TOLERANCE:
        raise Refusal("E_MIXED_ORIENTATION", "The slices lie in different orientations. Send one series at a time.")
    return np.asarray(found[0], dtype=np.float64)


def _same_size(headers: Sequence[Header]) -> None:
    if len({(header.whole("Rows"), header.whole("Columns")) for header in headers}) > 1:
        raise Refusal(
            "E_MIXED_SIZE", "The slices have different numbers of rows or columns. Send one series at a time."
        )


def _position(header: Header) -> tuple[float, ...]:
    position = header.numbers("ImagePositionPatient", 3, "E_GEOMETRY")
    if any(abs(value) > MAX_POSITION_MM for value in position):
        raise Refusal("E_GEOMETRY", "The position of a slice is not a place in a patient. Export the series again.")
    return position


def _no_duplicates(along: Vector) -> None:
    if len(along) > 1 and float(np.diff(along).min()) < SAME_PLACE_MM:
        same = int(np.count_nonzero(np.diff(along) < SAME_PLACE_MM)) + 1
        if same == len(along):
            sentence = f"All {same} images lie at one position: this is no volume. Send a stack of slices."
        else:
            sentence = "Two images share a position (several phases or time points?). Send one phase at a time."
        raise Refusal("E_DUP_POSITION", sentence)


def _no_tilt(places: Vector, along: Vector, normal: Vector) -> None:
    aside = (places - places[0]) - np.outer(along - along[0], normal)
    shift = float(np.linalg.norm(aside, axis=1).max())
    if shift > SHEAR_TOLERANCE_MM:
        degrees = math.degrees(math.atan2(shift, float(along[-1] - along[0])))
        sentence = f"The slices are stacked at a slant of {degrees:.1f} degrees (gantry tilt). "
        sentence += "Nothing is resampled here: send a series without tilt."
        raise Refusal("E_GANTRY_TILT", sentence)


def _regular(ordered: Sequence[Header], along: Vector) -> None:
    steps = np.diff(along)
    usual = float(np.median(steps))
    allowed = max(SAME_PLACE_MM, STEP_TOLERANCE_RATIO * usual)
    odd = [int(index) for index in np.flatnonzero(np.abs(steps - usual) > allowed)]
    if not odd:
        return
    gaps = [index for index in odd if _is_gap(float(steps[index]) / usual, ordered[index : index + 2])]
    if len(gaps) == len(odd):
        first = gaps[0]
        numbers = [_slice_name(ordered[index], index) for index in (first, first + 1)]
        low, high = sorted(numbers, key=lambda name: (len(name), name))
        raise Refusal("E_MISSING_SLICES", f"Slices are missing between {low} and {high}. {_EXPORT}")
    sentence = f"The slice distance varies between {steps.min():.1f} and {steps.max():.1f} mm. "
    sentence += "Nothing is resampled here: send a series with one distance."
    raise Refusal("E_VARIABLE_SPACING", sentence)


def _is_gap(ratio: float, pair: Sequence[Header]) -> bool:
    """Whether a step is that of lost slices: a multiple of the usual one that the image numbers do not deny."""
    if round(ratio) < 2 or abs(ratio - round(ratio)) > 2 * STEP_TOLERANCE_RATIO * ratio:
        return False
    numbers = [header.number("InstanceNumber") for header in pair]
    known = [number for number in numbers if number is not None]
    return len(known) < 2 or abs(known[1] - known[0]) != 1


def _slice_name(header: Header, index: int) -> str:
    number = header.number("InstanceNumber")
    return f"{number:.0f}" if number is not None else str(index + 1)
