"""Shape of a mask: its mesh's area, volume and diameters, and the axes of its voxels."""

import math

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.engine import kernels
from radiomics_tasks.extraction.engine.cubes import cubes


def shape_features(mask: npt.NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> dict[str, float]:
    """`shape_Quantity` to value, of the lesion's own box; `spacing_mm` along i, j, k."""
    spacing = np.array(spacing_mm[::-1], dtype=np.float64)
    bordered = np.pad(mask, 1).astype(np.uint8)
    area, volume = _surface(kernels.cube_kinds(bordered), spacing)
    slice_mm, column_mm, row_mm, longest_mm = kernels.mesh_diameters(bordered, spacing).tolist()
    least, minor, major = _eigenvalues(mask, spacing)
    found = {
        "Elongation": math.sqrt(minor / major),
        "Flatness": math.sqrt(least / major),
        "LeastAxisLength": math.sqrt(least) * 4,
        "MajorAxisLength": math.sqrt(major) * 4,
        "Maximum2DDiameterColumn": column_mm,
        "Maximum2DDiameterRow": row_mm,
        "Maximum2DDiameterSlice": slice_mm,
        "Maximum3DDiameter": longest_mm,
        "MeshVolume": volume,
        "MinorAxisLength": math.sqrt(minor) * 4,
        "Sphericity": (36 * math.pi * volume**2) ** (1.0 / 3.0) / area,
        "SurfaceArea": area,
        "SurfaceVolumeRatio": area / volume if volume else math.nan,
        "VoxelVolume": int(np.count_nonzero(mask)) * float(spacing[0] * spacing[2] * spacing[1]),
    }
    return {f"shape_{name}": value for name, value in found.items()}


def _surface(kinds: npt.NDArray[np.int64], spacing: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Area and volume from how many cubes there are of each kind, and where."""
    sums, normals = cubes()
    determinants = int(kinds[:, 0] @ sums[:, 0]) + 2 * int(np.sum(kinds[:, 1:] * sums[:, 1:]))
    volume = determinants / 48 * float(np.prod(spacing))
    # A normal's part along one axis spans the other two.
    across = np.array([spacing[1] * spacing[2], spacing[0] * spacing[2], spacing[0] * spacing[1]])
    area = math.fsum(
        int(kinds[kind, 0]) * float(np.sum(np.sqrt(np.sum((own * across) ** 2, axis=1)))) / 8
        for kind, own in enumerate(normals)
        if kinds[kind, 0] and len(own)
    )
    return area, volume


def _eigenvalues(mask: npt.NDArray[np.bool_], spacing: npt.NDArray[np.float64]) -> list[float]:
    """Variances along the three axes of the voxels (mm²), rising; from sums of whole numbers."""
    count = int(np.count_nonzero(mask))
    planes = {(a, b): mask.sum(axis=3 - a - b, dtype=np.int64) for a, b in ((0, 1), (0, 2), (1, 2))}
    places = [np.arange(side, dtype=np.int64) for side in mask.shape]
    lines = [planes[0, 1].sum(axis=1), planes[0, 1].sum(axis=0), planes[0, 2].sum(axis=0)]
    first = [int(place @ line) for place, line in zip(places, lines, strict=True)]
    scatter = [[0] * 3 for _ in range(3)]
    for a in range(3):
        for b in range(a, 3):
            product = places[a] ** 2 @ lines[a] if a == b else places[a] @ planes[a, b] @ places[b]
            scatter[a][b] = scatter[b][a] = count * int(product) - first[a] * first[b]
    covariance = np.array([[value / count**2 for value in row] for row in scatter]) * np.outer(spacing, spacing)
    values = [max(float(value), 0.0) for value in np.linalg.eigvalsh(covariance)]
    if _determinant(scatter) == 0:
        values[0] = 0.0  # the voxels lie in one plane, however it is turned
    return values


def _determinant(m: list[list[int]]) -> int:
    minors = [m[1][b] * m[2][c] - m[1][c] * m[2][b] for b, c in ((1, 2), (0, 2), (0, 1))]
    return m[0][0] * minors[0] - m[0][1] * minors[1] + m[0][2] * minors[2]
