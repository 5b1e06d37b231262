"""Sizes of a mask by the definition, worked out apart from the project's own measuring: slow and plain."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull

from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import lesions_on, recipe_of
from radiomics_tasks.imaging.phantom.scan import drawn_masks

Sizes = dict[str, float]


@lru_cache
def drawn_sizes_mm(patient: DemoPatient) -> tuple[Sizes, ...]:
    """Per visit, each outlined lesion's longest diameter, for nodes the short axis."""
    visits: list[Sizes] = []
    for number, visit in enumerate(patient.visits):
        sizes: Sizes = {}
        for index, scan in enumerate(visit.scans):
            masks = drawn_masks(recipe_of(patient, number, index))
            for lesion in lesions_on(patient, number, scan):
                pixel_mm = scan.spacing_mm[:2]
                sizes[lesion.name] = diameters_mm(masks[lesion.name], pixel_mm)[int(lesion.is_node)]
        visits.append(sizes)
    return tuple(visits)


def face_points_mm(mask_yx: npt.NDArray[np.bool_], pixel_mm: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Midpoints of the pixel faces between inside and outside, (x, y) in mm."""
    padded = np.pad(mask_yx, 1).astype(int)
    rows, columns = np.nonzero(np.diff(padded, axis=0))
    beside_rows, beside_columns = np.nonzero(np.diff(padded, axis=1))
    x = np.concatenate([columns, beside_columns + 0.5])
    y = np.concatenate([rows + 0.5, beside_rows])
    return np.stack([x * pixel_mm[0], y * pixel_mm[1]], axis=1)


def slice_diameters_mm(mask_yx: npt.NDArray[np.bool_], pixel_mm: tuple[float, float]) -> tuple[float, float]:
    """Longest diameter of one slice and its longest perpendicular."""
    points = face_points_mm(mask_yx, pixel_mm)
    corners = points[ConvexHull(points).vertices]
    apart = corners[:, None] - corners[None]
    lengths = np.hypot(apart[..., 0], apart[..., 1])
    longest = float(lengths.max())
    along = apart[np.unravel_index(lengths.argmax(), lengths.shape)] / longest
    places = points @ along
    bins = np.floor((places - places.min()) / pixel_mm[0] + 1e-9).astype(int)
    across = points @ np.array([-along[1], along[0]])
    short = max(float(np.ptp(across[bins == each])) for each in np.unique(bins))
    return longest, min(short, longest)


def diameters_mm(mask_zyx: npt.NDArray[np.bool_], pixel_mm: tuple[float, float]) -> tuple[float, float]:
    """Longest diameter and short axis: each the largest over the slices."""
    pairs = [slice_diameters_mm(mask_yx, pixel_mm) for mask_yx in mask_zyx if mask_yx.any()]
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
