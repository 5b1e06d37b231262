"""Small scans and grids for the tests of imaging, and real series as outlines see them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom

from radiomics_tasks.imaging.dicom import read_series
from radiomics_tasks.imaging.outline import Outlined, SeriesGeometry
from radiomics_tasks.imaging.phantom.dicom_out import write_series
from radiomics_tasks.imaging.volume import IDENTITY, Grid, Mask, Matrix, Volume

SHAPE = (6, 20, 24)
SPACING_MM = (0.8, 0.8, 2.5)
ORIGIN_MM = (-9.6, -8.0, -100.0)
DEMO_DATES = ("T0_20210301", "T1_20210412", "T2_20210524", "T3_20210816")


def turned_about_x(degrees: float) -> Matrix:
    """Direction cosines of a grid tilted about the left-right axis."""
    c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    return (1.0, 0.0, 0.0, 0.0, c, -s, 0.0, s, c)


def small_grid(direction: Matrix = IDENTITY) -> Grid:
    """A grid of few voxels, all edges different."""
    return Grid(SHAPE, SPACING_MM, ORIGIN_MM, direction)


def small_series(folder: Path, *, direction: Matrix = IDENTITY) -> tuple[list[Path], SeriesGeometry]:
    """A made-up CT of six slices on `small_grid`, and how outlines see it."""
    values = np.random.default_rng(7).integers(-100, 200, SHAPE).astype(np.int16)
    paths = write_series(
        folder, values, SPACING_MM, acquired_on=date(2026, 3, 1), origin_mm=ORIGIN_MM, direction=direction
    )
    return paths, seen_by_outlines(paths)[1]


def seen_by_outlines(paths: Sequence[Path], key: bytes | None = None) -> tuple[Volume, SeriesGeometry]:
    """The volume of a series and what outlines are checked against."""
    volume = read_series(paths).volume
    heads = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    plain = SeriesGeometry(volume.grid)
    scan = SeriesGeometry(plain.grid, key=key)
    return volume, SeriesGeometry(
        volume.grid,
        frozenset(scan.as_known(str(ds.SOPInstanceUID)) for ds in heads),
        scan.as_known(str(heads[0].FrameOfReferenceUID)),
        scan.as_known(str(heads[0].SeriesInstanceUID)),
        key,
    )


def block(*, k: slice, j: slice, i: slice, shape: tuple[int, int, int] = SHAPE) -> npt.NDArray[np.bool_]:
    """A box of marked voxels."""
    array = np.zeros(shape, dtype=np.bool_)
    array[k, j, i] = True
    return array


def mask_of(outlined: Outlined) -> Mask:
    """The mask of an outline that has one."""
    assert outlined.mask is not None, outlined.problems
    return outlined.mask


def place(point: npt.ArrayLike) -> tuple[float, float, float]:
    """Three floats."""
    x, y, z = np.asarray(point, dtype=np.float64)
    return float(x), float(y), float(z)


def files(folder: Path) -> list[Path]:
    """The files of a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.is_file())
