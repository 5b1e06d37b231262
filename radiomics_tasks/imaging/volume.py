"""A scan's voxels and an outline's voxels, each on its grid; grids compared and brought to LPS order."""

import hashlib
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from radiomics_tasks.errors import Refusal

Triple = tuple[float, float, float]
Matrix = tuple[float, float, float, float, float, float, float, float, float]
FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Voxel = TypeVar("Voxel", bound=np.generic)
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

# A mask lies on its scan's grid within these, or it is refused; they are part of the promise.
POSITION_TOLERANCE_MM = 0.01
COSINE_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Grid:
    """Where voxels lie in the patient.

    Parameters
    ----------
    shape : voxels along (k, j, i): slices, rows, columns; the shape of the array.
    spacing_mm : distance of voxel centres along (i, j, k), millimetres.
    origin_mm : centre of the voxel [0, 0, 0], patient coordinates LPS, millimetres.
    direction : row-major 3x3; its columns are the unit vectors of i, j and k (as in SimpleITK).
    """

    shape: tuple[int, int, int]
    spacing_mm: Triple
    origin_mm: Triple
    direction: Matrix = IDENTITY

    @property
    def columns(self) -> npt.NDArray[np.float64]:
        """Direction as a 3x3 array: columns are the unit vectors of i, j, k."""
        return np.asarray(self.direction, dtype=np.float64).reshape(3, 3)

    def to_patient_mm(self, index_ijk: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Patient coordinates (LPS, mm) of continuous indices (…, 3) in the order i, j, k."""
        steps = self.columns * np.asarray(self.spacing_mm)
        shifted: npt.NDArray[np.float64] = np.asarray(index_ijk, dtype=np.float64) @ steps.T + np.asarray(
            self.origin_mm
        )
        return shifted

    def to_index(self, point_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Continuous indices (i, j, k) of patient coordinates (…, 3), LPS, mm."""
        steps = self.columns * np.asarray(self.spacing_mm)
        offset = np.asarray(point_mm, dtype=np.float64) - np.asarray(self.origin_mm)
        index: npt.NDArray[np.float64] = offset @ np.linalg.inv(steps).T
        return index

    def as_dict(self) -> dict[str, list[float] | list[int]]:
        """The grid as plain data; floats keep every bit through JSON."""
        return {
            "shape": list(self.shape),
            "spacing_mm": list(self.spacing_mm),
            "origin_mm": list(self.origin_mm),
            "direction": list(self.direction),
        }

    @classmethod
    def from_dict(cls, data: dict[str, list[float]]) -> "Grid":
        """The grid back from plain data."""
        shape = tuple(int(n) for n in data["shape"])
        numbers = [tuple(float(x) for x in data[key]) for key in ("spacing_mm", "origin_mm", "direction")]
        return cls(shape, *numbers)  # type: ignore[arg-type]  # lengths are fixed by as_dict


@dataclass(frozen=True, slots=True)
class Volume:
    """A scan's voxels: float32 array (k, j, i) in `unit` on `grid`."""

    grid: Grid
    array: FloatArray
    unit: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over unit, geometry and voxels in LPS order: the scan's identity."""
        canonical = self.in_lps_order()
        return _digest(canonical.grid, canonical.array, canonical.unit)

    def in_lps_order(self) -> "Volume":
        """The same voxels with axes permuted and flipped so that i, j, k run nearest to L, P, S."""
        grid, array = lps_order(self.grid, self.array)
        return replace(self, grid=grid, array=np.ascontiguousarray(array, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Mask:
    """An outline as voxels: boolean array (k, j, i) on `grid`, which may be a sub-box of its scan's."""

    grid: Grid
    array: BoolArray

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over geometry and marked voxels, after cropping: equal outlines, equal digests."""
        cropped = self.cropped()
        return _digest(cropped.grid, cropped.array.astype(np.uint8), "mask")

    @property
    def voxels(self) -> int:
        """How many voxels are marked."""
        return int(np.count_nonzero(self.array))

    def cropped(self, margin: int = 0) -> "Mask":
        """The bounding box of what is marked, with `margin` voxels around it inside the grid."""
        box = bounding_box(self.array, margin)
        return Mask(sub_grid(self.grid, box), np.ascontiguousarray(self.array[box]))


def _digest(grid: Grid, array: npt.NDArray[np.generic], unit: str) -> str:
    head = [str(grid.shape), array.dtype.newbyteorder("<").str, unit]
    # Minus zero and zero are one number, and a flip recomputes the corner in floats: neither may change who a
    # scan is. So the origin counts to a nanometre, far below any tolerance; spacing and direction to the bit.
    head += [(float(number) + 0.0).hex() for number in (*grid.spacing_mm, *grid.direction)]
    head += [f"{round(number, 6) + 0.0:.6f}" for number in grid.origin_mm]
    digest = hashlib.sha256("|".join(head).encode())
    digest.update(np.ascontiguousarray(array).data)  # a view: no copy of a whole scan
    return digest.hexdigest()


def lps_order(grid: Grid, array: npt.NDArray[Voxel]) -> tuple[Grid, npt.NDArray[Voxel]]:
    """Permute and flip axes so that each index axis runs along its nearest patient axis, L, P and S."""
    columns = grid.columns
    axes = _nearest_axes(columns)
    order = [axes.index(patient_axis) for patient_axis in range(3)]  # index axis for L, P, S
    signs = [1 if columns[patient_axis, order[patient_axis]] >= 0 else -1 for patient_axis in range(3)]
    array = array.transpose([2 - order[2], 2 - order[1], 2 - order[0]])
    counts = [grid.shape[2 - axis] for axis in order]
    corner = np.zeros(3)
    for patient_axis in range(3):
        if signs[patient_axis] < 0:
            corner[order[patient_axis]] = counts[patient_axis] - 1
            array = np.flip(array, axis=2 - patient_axis)
    direction = columns[:, order] * np.asarray(signs)
    placed = Grid(
        (counts[2], counts[1], counts[0]),
        tuple(grid.spacing_mm[axis] for axis in order),  # type: ignore[arg-type]  # three axes, three numbers
        tuple(float(x) for x in grid.to_patient_mm(corner)),  # type: ignore[arg-type]
        tuple(float(x) for x in direction.reshape(-1)),  # type: ignore[arg-type]
    )
    return placed, array


def _nearest_axes(columns: npt.NDArray[np.float64]) -> list[int]:
    """For each index axis the patient axis it runs along; each patient axis once."""
    weights = np.abs(columns)
    axes = [-1, -1, -1]
    for _ in range(3):
        patient_axis, index_axis = np.unravel_index(int(np.argmax(weights)), weights.shape)
        axes[int(index_axis)] = int(patient_axis)
        weights[patient_axis, :] = -1
        weights[:, index_axis] = -1
    return axes


def bounding_box(array: BoolArray, margin: int = 0) -> tuple[slice, slice, slice]:
    """The smallest box that holds every marked voxel, grown by `margin` inside the array."""
    if not array.any():
        raise Refusal("E_MASK_EMPTY", "The mask marks nothing. Outline the lesion and send it again.")
    box = []
    for axis in range(3):
        marked = np.flatnonzero(array.any(axis=tuple(other for other in range(3) if other != axis)))
        low, high = int(marked[0]), int(marked[-1])
        box.append(slice(max(0, low - margin), min(array.shape[axis], high + 1 + margin)))
    return box[0], box[1], box[2]


def sub_grid(grid: Grid, box: tuple[slice, slice, slice]) -> Grid:
    """The grid of a box (slices over k, j, i) of a grid."""
    start_ijk = [box[2].start, box[1].start, box[0].start]
    shape = tuple(part.stop - part.start for part in box)
    origin = grid.to_patient_mm(start_ijk)
    return replace(grid, shape=shape, origin_mm=(float(origin[0]), float(origin[1]), float(origin[2])))


def place_on(grid: Grid, mask: Mask) -> Mask:
    """The mask on the whole of `grid` (in LPS order), if it lies on that grid: equal, a sub-box, or an axis flip of it.

    Raises Refusal E_MASK_GEOMETRY with the offset in millimetres where it does not, E_MASK_SIZE where it is
    larger than the grid; nothing is resampled.
    """
    canonical = lps_grid(grid)
    own, array = lps_order(mask.grid, mask.array)
    whole = np.zeros(canonical.shape, dtype=np.bool_)
    whole[box_on(canonical, own)] = array
    return Mask(canonical, whole)


def lps_grid(grid: Grid) -> Grid:
    """The grid that `lps_order` gives, without voxels."""
    return lps_order(grid, np.broadcast_to(np.False_, grid.shape))[0]


def box_on(canonical: Grid, own: Grid) -> tuple[slice, slice, slice]:
    """Which voxels (slices over k, j, i) of `canonical` the grid `own` covers; both in LPS order.

    Raises Refusal as `place_on` does.
    """
    _same_axes(canonical, own)
    nearest = np.round(canonical.to_index(own.origin_mm))
    corners = np.array(list(product(*((0, n - 1) for n in own.shape[::-1]))))
    drift = own.to_patient_mm(corners) - canonical.to_patient_mm(nearest + corners)
    worst_mm = float(np.max(np.linalg.norm(drift, axis=1)))
    if worst_mm > POSITION_TOLERANCE_MM:
        raise Refusal("E_MASK_GEOMETRY", f"The mask lies {worst_mm:.2f} mm away from the scan's grid. {_ADVICE}")
    start_kji = [int(x) for x in nearest[::-1]]
    _inside(canonical, own, start_kji)
    box = [slice(start, start + count) for start, count in zip(start_kji, own.shape, strict=True)]
    return box[0], box[1], box[2]


_ADVICE = "Export it on the grid of the scan it was drawn on."


def _same_axes(grid: Grid, own: Grid) -> None:
    if np.max(np.abs(grid.columns - own.columns)) > COSINE_TOLERANCE:
        raise Refusal("E_MASK_GEOMETRY", f"The mask is turned against the scan. {_ADVICE}")
    counts = np.asarray(own.shape[::-1])
    stretch = float(np.max(np.abs(np.subtract(grid.spacing_mm, own.spacing_mm)) * counts))
    if stretch > POSITION_TOLERANCE_MM:
        sizes = [" × ".join(f"{s:.4g}" for s in g.spacing_mm) for g in (own, grid)]
        raise Refusal(
            "E_MASK_GEOMETRY",
            f"The mask has voxels of {sizes[0]} mm, the scan of {sizes[1]} mm. {_ADVICE}",
        )


def _inside(grid: Grid, own: Grid, start_kji: list[int]) -> None:
    if any(n > whole for n, whole in zip(own.shape, grid.shape, strict=True)):
        sizes = [" × ".join(str(n) for n in g.shape[::-1]) for g in (own, grid)]
        raise Refusal("E_MASK_SIZE", f"The mask has {sizes[0]} voxels, the scan {sizes[1]}. {_ADVICE}")
    over = [max(0, -s) + max(0, s + n - whole) for s, n, whole in zip(start_kji, own.shape, grid.shape, strict=True)]
    if any(over):
        millimetres = max(n * s for n, s in zip(over[::-1], grid.spacing_mm, strict=True))
        raise Refusal("E_MASK_GEOMETRY", f"The mask reaches {millimetres:.1f} mm outside the scan. {_ADVICE}")
