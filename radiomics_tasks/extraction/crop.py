"""How much of a scan around an outline the engine needs so that its numbers stay as on the whole scan."""

import math
from dataclasses import dataclass

from radiomics_tasks.extraction.profiles import IBSI, Profile
from radiomics_tasks.imaging.volume import BoolArray, Grid, bounding_box

Box = tuple[slice, slice, slice]

# A cubic B-spline's coefficients forget a border by a factor of 0.268 a voxel: after 24 voxels what is left
# (2e-14) is below the rounding of the single-precision voxels that come out.
SPLINE_REACH_VOXELS = 24


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a scan that is handed to the engine.

    Parameters
    ----------
    box : slices over (k, j, i) of the scan's array.
    tight : the lesion's own box over it.
    margin_voxels : margin around the outline along (i, j, k) before the scan's border cut it; None: no crop.
    """

    box: Box
    tight: Box
    margin_voxels: tuple[int, int, int] | None

    def as_dict(self) -> dict[str, list[int] | list[list[int]] | None]:
        """The crop as plain data, for the provenance."""
        margin = None if self.margin_voxels is None else list(self.margin_voxels)
        return {"margin_voxels_ijk": margin, "box_kji": [[part.start, part.stop] for part in self.box]}


def crop_for(grid: Grid, marked: BoolArray, profile: Profile) -> Crop:
    """The crop of one outline (bool array over the whole grid) under one profile.

    Before a B-spline resampling the whole scan would be filtered for its coefficients, so it is cut. The engine
    keeps `padDistance` resampled voxels around the outline, and filters see that padding: the margin holds it plus
    the reach of the spline. The resampling grid itself still starts at the scan's own corner.
    Not cut: before a linear resampling (nothing is gained, and where a value lies half-way between two single
    precision numbers the last bit of a position decides), and for filters without resampling (they see all of it).
    Raises Refusal E_MASK_EMPTY where nothing is marked.
    """
    tight = bounding_box(marked)
    target_mm = profile.spacing_mm
    if target_mm is not None and profile.conformance == IBSI:
        # A voxel of the new grid around the lesion, and the two old ones between which its value lies.
        around = [2 + math.ceil(new / old) for old, new in zip(grid.spacing_mm, target_mm, strict=True)]
        around = [more + (SPLINE_REACH_VOXELS if _is_spline(profile) else 0) for more in around]
        return Crop(_grown(tight, around, grid), tight, (around[0], around[1], around[2]))
    if target_mm is None and profile.is_unfiltered:
        return Crop(tight, tight, (0, 0, 0))
    if target_mm is None or not _is_spline(profile):
        return Crop((slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2])), tight, None)
    padding = int(profile.settings["padDistance"]) + 1
    margin = [
        SPLINE_REACH_VOXELS + math.ceil(padding * max(1.0, new / old))
        for old, new in zip(grid.spacing_mm, target_mm, strict=True)
    ]
    return Crop(_grown(tight, margin, grid), tight, (margin[0], margin[1], margin[2]))


def _is_spline(profile: Profile) -> bool:
    return bool(profile.settings["interpolator"] == "sitkBSpline")


def _grown(tight: Box, margin_ijk: list[int], grid: Grid) -> Box:
    k, j, i = (
        slice(max(0, part.start - more), min(count, part.stop + more))
        for part, count, more in zip(tight, grid.shape, margin_ijk[::-1], strict=True)
    )
    return k, j, i
