"""A Mask to millimetres and millilitres."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from patients.vocabulary import Absence
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.axial import axial
from radiomics_tasks.imaging.volume import BoolArray, Grid, Mask, bounding_box, lps_order, sub_grid

# Diagonal neighbours belong together: an outline is one piece where its voxels touch at all.
TOUCHING = np.ones((3, 3, 3), dtype=np.bool_)
SMALLEST_PART_VOXELS = 2
MOST_PARTS = 20
TIE_MM = 1e-9
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """The size of one outline.

    Parameters
    ----------
    longest_diameter_mm : largest distance between boundary points of one axial slice, largest over the slices.
    short_axis_mm : largest extent across a slice's own longest diameter, largest over the slices.
    volume_ml : voxels times voxel volume.
    longest_at, shortest_at : {"slice": index k on the mask's grid in LPS order, "points_mm": two points (LPS)};
        empty for an empty mask.
    component_diameters_mm : longest diameter of each separate part, the largest first.
    short_axis_at_longest_mm : the short axis in the slice of the longest diameter.
    absence : SEVERAL_PARTS when the outline falls apart (the diameters are then those of its largest part),
        EMPTY when it marks nothing.
    notes : W_… remarks for the reader.
    """

    longest_diameter_mm: float
    short_axis_mm: float
    volume_ml: float
    longest_at: dict[str, Any]
    shortest_at: dict[str, Any]
    component_diameters_mm: tuple[float, ...]
    short_axis_at_longest_mm: float = 0.0
    absence: Absence | None = None
    notes: tuple[Refusal, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The size as plain data; floats keep every bit through JSON, an absence is its code or empty."""
        return {
            "longest_diameter_mm": self.longest_diameter_mm,
            "short_axis_mm": self.short_axis_mm,
            "volume_ml": self.volume_ml,
            "longest_at": self.longest_at,
            "shortest_at": self.shortest_at,
            "component_diameters_mm": list(self.component_diameters_mm),
            "short_axis_at_longest_mm": self.short_axis_at_longest_mm,
            "absence": self.absence.value if self.absence else "",
            "notes": [note.as_dict() for note in self.notes],
        }


@dataclass(frozen=True, slots=True)
class Extent:
    """One slice's longest diameter and the longest extent across it: lengths in mm, end points as (x, y) in mm."""

    longest_mm: float
    longest_points: Points
    across_mm: float
    across_points: Points
    pixels: int


@dataclass(frozen=True, slots=True)
class Part:
    """One connected part: the extents of its slices, by index k on `grid`, which is axial."""

    grid: Grid
    slices: dict[int, Extent]

    @property
    def longest(self) -> int:
        """The slice of the longest diameter; of equal ones that with the larger area, then the lower index."""
        best = max(extent.longest_mm for extent in self.slices.values())
        tied = [k for k, extent in self.slices.items() if extent.longest_mm > best - TIE_MM]
        return min(tied, key=lambda k: (-self.slices[k].pixels, k))

    @property
    def widest(self) -> int:
        """The slice in which the short axis is largest; equal ones as above."""
        best = max(extent.across_mm for extent in self.slices.values())
        tied = [k for k, extent in self.slices.items() if extent.across_mm > best - TIE_MM]
        return min(tied, key=lambda k: (-self.slices[k].pixels, k))


def measure(mask: Mask) -> Measured:
    """Longest diameter, short axis and volume of an outline.

    Boundary points are the midpoints of the pixel faces between inside and outside, so a single pixel measures
    its own width. A grid more than 5 degrees oblique is first resampled to axial slices. Parts of one voxel
    beside a larger part are left out, with a note.

    References
    ----------
    RECIST 1.1: Eisenhauer EA et al. Eur J Cancer 2009;45:228-47 (longest diameter in the axial plane; short axis
    of nodes).
    """
    grid, array = lps_order(mask.grid, mask.array)
    if not array.any():
        return Measured(0.0, 0.0, 0.0, {}, {}, (), absence=Absence.EMPTY)
    box = bounding_box(array)
    cropped = Mask(sub_grid(grid, box), np.ascontiguousarray(array[box]))
    kept, notes = _without_specks(cropped.array)
    volume_ml = int(np.count_nonzero(kept)) * float(np.prod(grid.spacing_mm)) / 1000
    parts, count = _parts(Mask(cropped.grid, kept))
    longest = parts[0].slices[parts[0].longest]
    widest = parts[0].slices[parts[0].widest]
    return Measured(
        longest_diameter_mm=longest.longest_mm,
        short_axis_mm=widest.across_mm,
        volume_ml=volume_ml,
        longest_at=_place(parts[0].longest, longest.longest_points, parts[0].grid, grid),
        shortest_at=_place(parts[0].widest, widest.across_points, parts[0].grid, grid),
        component_diameters_mm=tuple(part.slices[part.longest].longest_mm for part in parts),
        short_axis_at_longest_mm=longest.across_mm,
        absence=Absence.SEVERAL_PARTS if count > 1 else None,
        notes=notes,
    )


def _without_specks(array: BoolArray) -> tuple[BoolArray, tuple[Refusal, ...]]:
    """The array without parts of a single voxel, unless it has no larger part."""
    labelled, count = ndimage.label(array, structure=TOUCHING)
    sizes = np.bincount(labelled.ravel(), minlength=count + 1)[1:]
    specks = int(np.count_nonzero(sizes < SMALLEST_PART_VOXELS))
    if not specks or specks == count:
        return array, ()
    keep = np.concatenate([[False], sizes >= SMALLEST_PART_VOXELS])
    note = Refusal("W_ROI_SPECKS", f"{specks} single voxels beside the lesion were left out of its size.")
    kept: BoolArray = keep[labelled]
    return kept, (note,)


def _parts(mask: Mask) -> tuple[list[Part], int]:
    """The connected parts, that of the longest diameter first, and how many there are.

    An outline in very many parts is noise: only its largest are measured.
    """
    labelled, count = ndimage.label(mask.array, structure=TOUCHING)
    sizes = np.bincount(labelled.ravel(), minlength=count + 1)[1:]
    boxes = ndimage.find_objects(labelled)
    parts = []
    for number in np.argsort(-sizes, kind="stable")[:MOST_PARTS]:
        box = boxes[number]
        level = axial(Mask(sub_grid(mask.grid, box), labelled[box] == number + 1))
        slices = np.flatnonzero(level.array.any(axis=(1, 2)))
        pixel_mm = (level.grid.spacing_mm[0], level.grid.spacing_mm[1])
        parts.append(Part(level.grid, {int(k): extent_of(level.array[k], pixel_mm) for k in slices}))
    parts.sort(key=lambda part: -part.slices[part.longest].longest_mm)
    return parts, count


def extent_of(pixels: BoolArray, pixel_mm: tuple[float, float]) -> Extent:
    """The longest diameter of one slice and the longest extent across it.

    Parameters
    ----------
    pixels : (j, i), at least one marked.
    pixel_mm : width and height of a pixel.
    """
    points = boundary_points(pixels) * np.asarray(pixel_mm)
    corners = hull(points)
    apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    longest = float(apart.max())
    tied = np.argwhere(np.triu(apart) > longest - TIE_MM)
    # A disc has many equal diameters; the one with the longest extent across does not depend on how it is turned.
    across = [_across(points, corners[one], corners[other], min(pixel_mm)) for one, other in tied]
    best = max(range(len(tied)), key=lambda n: (round(across[n][0], 9), -n))
    ends = corners[tied[best]]
    return Extent(longest, ends, min(across[best][0], longest), across[best][1], int(np.count_nonzero(pixels)))


def boundary_points(pixels: BoolArray) -> Points:
    """Midpoints (x, y) in pixels of the faces between marked and unmarked pixels; centres lie at integers."""
    padded = np.pad(pixels, 1)
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
    upright = np.stack([columns - 0.5, rows - 1.0], axis=1)
    rows, columns = np.nonzero(padded[1:] != padded[:-1])
    level = np.stack([columns - 1.0, rows - 0.5], axis=1)
    return np.concatenate([upright, level])


def hull(points: Points) -> Points:
    """Corners of the convex hull of points (x, y), counter-clockwise, none on a straight edge (monotone chain)."""
    ordered = np.unique(points, axis=0)
    # Of the points with one x only the outer two can be corners.
    starts = np.flatnonzero(np.diff(ordered[:, 0], prepend=-np.inf))
    ends = np.append(starts[1:], len(ordered)) - 1
    lower, upper = _chain(ordered[starts]), _chain(ordered[ends][::-1])
    return np.unique(np.concatenate([lower, upper]), axis=0)


def _chain(points: Points) -> Points:
    chain: list[tuple[float, float]] = []
    for x, y in points.tolist():
        while len(chain) > 1 and _turn(chain[-2], chain[-1], (x, y)) <= 0:
            chain.pop()
        chain.append((x, y))
    return np.asarray(chain)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _across(points: Points, start: Points, end: Points, step_mm: float) -> tuple[float, Points]:
    """The longest extent across the line start-end, in bins of one pixel along it, and its two end points."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]])
    position, height = (points - start) @ along, (points - start) @ across
    bins = np.floor((position - position.min()) / step_mm + TIE_MM).astype(np.int64)
    low, high = np.full(bins.max() + 1, np.inf), np.full(bins.max() + 1, -np.inf)
    np.minimum.at(low, bins, height)
    np.maximum.at(high, bins, height)
    best = int(np.argmax(high - low))
    inside = np.flatnonzero(bins == best)
    ends = [inside[np.argmin(height[inside])], inside[np.argmax(height[inside])]]
    return float(high[best] - low[best]), points[ends]


def _place(k: int, ends_mm: Points, level: Grid, grid: Grid) -> dict[str, Any]:
    """Where two points of a slice lie: the slice of the original grid nearest to them, and LPS coordinates."""
    pixels = ends_mm / np.asarray(level.spacing_mm[:2])
    points = level.to_patient_mm(np.column_stack([pixels, np.full(2, float(k))]))
    nearest = int(np.round(np.mean(grid.to_index(points)[:, 2])))
    return {"slice": nearest, "points_mm": [[float(x) for x in point] for point in points]}
