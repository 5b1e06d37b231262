"""A DICOM series to a Volume and its acquisition facts; pixels by the project's own decoders only."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from patients.vocabulary import Modality, Unit
from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.series.checks import check_headers, check_kind, check_one_series, provenance_notes
from radiomics_tasks.imaging.series.geometry import sorted_grid
from radiomics_tasks.imaging.series.header import Header, read_header
from radiomics_tasks.imaging.series.pixels import stored_values
from radiomics_tasks.imaging.suv import SuvScaling, suv_scaling
from radiomics_tasks.imaging.volume import FloatArray, Grid, Volume

UNSCALED_HU = 1000.0


@dataclass(frozen=True, slots=True)
class DicomSeries:
    """One series as read: its headers in slice order, its volume in LPS order.

    `suv` says how PET values were made; `notes` are worth knowing, `problems` need a person.
    """

    modality: Modality
    headers: tuple[Header, ...]
    volume: Volume
    suv: SuvScaling | None = None
    notes: tuple[Refusal, ...] = ()
    problems: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class _Remarks:
    notes: list[Refusal] = field(default_factory=list)
    problems: list[Refusal] = field(default_factory=list)

    def add(self, remarks: Sequence[Refusal]) -> None:
        for remark in remarks:
            (self.problems if remark.code.startswith("Q_") else self.notes).append(remark)


def read_headers(paths: Sequence[Path]) -> list[Header]:
    """The headers of some files, in their order, with the parser's warnings kept quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [read_header(path) for path in paths]


def read_series(paths: Sequence[Path]) -> DicomSeries:
    """Read the image files of one series.

    Parameters
    ----------
    paths : single-frame CT, MR or PET files in any order.

    Returns
    -------
    DicomSeries
        Voxels in HU (CT), SUV (PET) or arbitrary units (MR): slope and intercept of each slice are applied in
        float64 and stored as float32.

    Raises
    ------
    Refusal
        Any E_… of the checks: nothing is guessed, assumed or resampled.
    """
    return series_of(read_headers(paths))


def series_of(headers: Sequence[Header]) -> DicomSeries:
    """The series of headers that were read already."""
    modality = check_kind(headers)
    check_headers(headers, modality)
    grid, ordered = sorted_grid(headers)
    check_one_series(ordered, modality)
    remarks = _Remarks()
    remarks.add(provenance_notes(ordered, grid.spacing_mm[2]))
    suv = suv_scaling(ordered) if modality == Modality.PT else None
    if suv is not None:
        remarks.add(suv.notes)
    array = _values(ordered, grid, suv)
    remarks.add(_implausible(array, modality))
    volume = Volume(grid, array, _unit(modality, suv)).in_lps_order()
    return DicomSeries(Modality(modality), tuple(ordered), volume, suv, tuple(remarks.notes), tuple(remarks.problems))


def _unit(modality: str, suv: SuvScaling | None) -> str:
    if suv is not None:
        return str(suv.unit)
    return str(Unit.HU if modality == Modality.CT else Unit.ARBITRARY)


def _values(ordered: Sequence[Header], grid: Grid, suv: SuvScaling | None) -> FloatArray:
    array: FloatArray = np.empty(grid.shape, dtype=np.float32)
    for index, header in enumerate(ordered):
        slope, intercept = _rescale(header)
        values = stored_values(header).astype(np.float64) * slope + intercept
        array[index] = values * suv.factors[index] if suv is not None else values
    if not np.isfinite(array).all():
        raise Refusal("E_NONFINITE", "The image holds values that are not numbers. Export the series again.")
    return array


def _rescale(header: Header) -> tuple[float, float]:
    """Slope and intercept of one slice; an MR or PET without them holds its values as they are."""
    found = []
    for keyword, usual in (("RescaleSlope", 1.0), ("RescaleIntercept", 0.0)):
        stated = header.number(keyword)
        if stated is None and header.text(keyword):
            raise Refusal("E_GEOMETRY", "The rescale values are not valid numbers. Export the series again.")
        found.append(usual if stated is None else stated)
    if found[0] == 0.0:
        raise Refusal("E_NO_RESCALE", "The rescale slope is zero: the values are lost. Export the original series.")
    return found[0], found[1]


def _implausible(array: FloatArray, modality: str) -> list[Refusal]:
    low, high = float(array.min()), float(array.max())
    if low == high:
        return [NeedsPerson("Q_HU_RANGE", "All voxels have the same value. Check that this is the right series.")]
    # A CT without a single voxel below water, whose brighter part looks like water plus 1000, was not rescaled.
    if modality == Modality.CT and low >= 0 and float(np.percentile(array, 90)) >= UNSCALED_HU:
        return [NeedsPerson("Q_HU_RANGE", "The values do not look like Hounsfield units. Check the export.")]
    return []
