"""RTSTRUCT: contours to voxels by the pixel-centre rule, even-odd, on the planes of the scan."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from patients.vocabulary import OutlineFormat
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.coded.objects import (
    algorithm_type,
    codes,
    items,
    naming_of,
    open_outlines,
    other_scan,
    person_of,
    reference_note,
    text,
    tool_of,
)
from radiomics_tasks.imaging.coded.organs import organ_of
from radiomics_tasks.imaging.outline import MAX_OUTLINES, Outlined, SeriesGeometry, empty
from radiomics_tasks.imaging.volume import Grid, Mask, lps_order

OWN_SCAN = "Send it with the scan it was drawn on."
# Contours are written with rounded coordinates, and real series are not spaced to the last digit.
PLANE_TOLERANCE_RATIO = 0.1
CLOSED = {"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"}
OPEN = {"POINT", "OPEN_PLANAR", "OPEN_NONPLANAR"}
MAX_POINTS = 20_000_000
Points = npt.NDArray[np.float64]


def read_rtstruct(path: Path, scan: SeriesGeometry) -> list[Outlined]:
    """Every ROI of an RTSTRUCT, on the scan's grid.

    Raises Refusal where the file as a whole cannot be read; what is wrong with one ROI stands in its problems.
    """
    ds = open_outlines(path, RTStructureSetStorage)
    rois = items(ds, "StructureSetROISequence")
    if not rois:
        raise Refusal("E_MASK_EMPTY", "The RTSTRUCT holds no outlines. Outline the lesion and send it again.")
    if len(rois) > MAX_OUTLINES:
        raise Refusal("E_TOO_MANY_OUTLINES", f"More than {MAX_OUTLINES} outlines in one file. Send only the lesions.")
    contours = {text(item, "ReferencedROINumber"): item for item in items(ds, "ROIContourSequence")}
    observations = {text(item, "ReferencedROINumber"): item for item in items(ds, "RTROIObservationsSequence")}
    read = []
    for roi in rois:
        number = text(roi, "ROINumber")
        observation = observations.get(number, Dataset())
        read.append(_read_roi(ds, roi, contours.get(number, Dataset()), observation, scan))
    return read


def _read_roi(ds: Dataset, roi: Dataset, contour: Dataset, observation: Dataset, scan: SeriesGeometry) -> Outlined:
    name = text(roi, "ROIName") or text(observation, "ROIObservationLabel") or f"ROI {text(roi, 'ROINumber')}"
    outlined = Outlined(
        name,
        OutlineFormat.RTSTRUCT,
        organ=organ_of(codes(observation, "RTROIIdentificationCodeSequence"), name),
        algorithm_type=algorithm_type(text(roi, "ROIGenerationAlgorithm")),
        algorithm=text(roi, "ROIGenerationDescription"),
        tool=tool_of(ds),
        annotator=person_of(observation, "ROIInterpreter") or person_of(ds, "OperatorsName"),
        naming=naming_of(ds) | naming_of(observation),
    )
    frame = str(roi.get("ReferencedFrameOfReferenceUID") or ds.get("FrameOfReferenceUID") or "")
    series, sops = _references(ds, contour, frame)
    refusal = other_scan(scan, frame, series, sops)
    if refusal:
        return outlined.refused(refusal)
    try:
        polygons, notes = _polygons(contour)
        mask = rasterise(polygons, scan.grid, scan.slice_axis)
    except Refusal as problem:
        return outlined.refused(problem)
    return outlined.with_mask(mask, scan.grid, *reference_note(scan, sops), *notes)


def _references(ds: Dataset, contour: Dataset, frame: str) -> tuple[set[str], set[str]]:
    """Series and instances that the ROI's contours name; where they name none, those of the whole structure set."""
    series, listed = set(), set()
    for reference in items(ds, "ReferencedFrameOfReferenceSequence"):
        if str(reference.get("FrameOfReferenceUID") or "") != frame:
            continue
        for study in items(reference, "RTReferencedStudySequence"):
            for item in items(study, "RTReferencedSeriesSequence"):
                series.add(str(item.get("SeriesInstanceUID") or ""))
                listed |= _sops(item)
    named = {uid for item in items(contour, "ContourSequence") for uid in _sops(item)}
    return series, named or listed


def _sops(ds: Dataset) -> set[str]:
    return {str(image.get("ReferencedSOPInstanceUID") or "") for image in items(ds, "ContourImageSequence")} - {""}


def _polygons(contour: Dataset) -> tuple[list[Points], list[Refusal]]:
    """Closed contours as (n, 3) points in LPS mm, each once, with notes on what was left out."""
    polygons: dict[bytes, Points] = {}
    skipped = twice = total = 0
    for item in items(contour, "ContourSequence"):
        points = _points(item)
        total += len(points)
        if total > MAX_POINTS:
            raise Refusal("E_TOO_MANY_OUTLINES", "The outline has more points than can be measured. Send it as a SEG.")
        kind = text(item, "ContourGeometricType")
        if kind not in CLOSED | OPEN:
            # Left out, it would make another outline of the lesion.
            raise Refusal("E_UNREADABLE", "A contour is of no kind that is known. Export the outlines again.")
        if kind not in CLOSED or len(points) < 3:
            skipped += 1
            continue
        # By even-odd a contour that was written twice would erase itself.
        twice += points.tobytes() in polygons
        polygons[points.tobytes()] = points
    notes = []
    if skipped:
        notes.append(Refusal("W_CONTOUR_OPEN", f"{skipped} points or open contours enclose nothing and were left out."))
    if twice:
        notes.append(Refusal("W_CONTOUR_TWICE", f"{twice} contours were written twice and counted once."))
    return list(polygons.values()), notes


def _points(item: Dataset) -> Points:
    try:
        values = np.asarray([float(value) for value in item.get("ContourData") or []], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Refusal("E_UNREADABLE", "A contour holds a coordinate that is not a number. Export it again.") from error
    if values.size % 3 or not np.isfinite(values).all():
        raise Refusal("E_UNREADABLE", "A contour holds a coordinate that is not a number. Export it again.")
    return values.reshape(-1, 3)


def rasterise(polygons: list[Points], grid: Grid, slice_axis: int = 2) -> Mask:
    """The voxels whose centres lie inside an odd number of the polygons.

    Parameters
    ----------
    polygons : closed contours, (n, 3) points in LPS mm.
    grid : in LPS order. A contour lies on one of its slices, within a tenth of the slice distance.
    slice_axis : the axis (0, 1, 2 for i, j, k) along which the slices lie: not k where they are sagittal or coronal.

    Raises Refusal E_MASK_GEOMETRY, E_ROI_OUTSIDE or E_MASK_EMPTY.
    """
    if slice_axis != 2:
        turned = rasterise(polygons, _turned(grid, slice_axis))
        return Mask(*lps_order(turned.grid, turned.array))
    planes: dict[int, list[Points]] = defaultdict(list)
    for polygon in polygons:
        index = grid.to_index(polygon)
        planes[_plane(index, grid)].append(index[:, :2])
    if not planes:
        raise empty()
    low, high = min(planes), max(planes)
    array = np.zeros((high - low + 1, *grid.shape[1:]), dtype=np.bool_)
    for k, parts in planes.items():
        array[k - low] = fill(parts, (grid.shape[1], grid.shape[2]))
    origin = [float(x) for x in grid.to_patient_mm((0, 0, low))]
    own = Grid(array.shape, grid.spacing_mm, (origin[0], origin[1], origin[2]), grid.direction)
    if not array.any():
        raise Refusal("E_MASK_EMPTY", "The contours enclose no voxel centre. Outline the lesion and send it again.")
    return Mask(own, array)


def _turned(grid: Grid, axis: int) -> Grid:
    """The same voxels with one axis last."""
    order = [*(one for one in range(3) if one != axis), axis]
    counts, spacing, columns = grid.shape[::-1], grid.spacing_mm, grid.columns[:, order].reshape(-1)
    shape = (counts[order[2]], counts[order[1]], counts[order[0]])
    placed = (spacing[order[0]], spacing[order[1]], spacing[order[2]])
    return Grid(shape, placed, grid.origin_mm, tuple(float(x) for x in columns))  # type: ignore[arg-type]  # nine of them


def _plane(index: Points, grid: Grid) -> int:
    """The slice on which a contour (continuous i, j, k) lies."""
    k = int(np.round(np.median(index[:, 2])))
    off_mm = float(np.max(np.abs(index[:, 2] - k))) * grid.spacing_mm[2]
    if np.ptp(index[:, 2]) > PLANE_TOLERANCE_RATIO:
        sentence = "The contours are oblique to the scan's slices. Draw them on the slices and export again."
        raise Refusal("E_MASK_GEOMETRY", sentence)
    corner = np.asarray(grid.shape[::-1]) - 0.5
    over = np.maximum(np.max(index - corner, axis=0), np.max(-0.5 - index, axis=0)) * np.asarray(grid.spacing_mm)
    if np.max(over) > PLANE_TOLERANCE_RATIO * min(grid.spacing_mm):
        sentence = f"The outline reaches {np.max(over):.1f} mm outside the scan. {OWN_SCAN}"
        raise Refusal("E_ROI_OUTSIDE", sentence)
    if off_mm > PLANE_TOLERANCE_RATIO * grid.spacing_mm[2]:
        sentence = f"A contour lies {off_mm:.2f} mm off the nearest slice of the scan. {OWN_SCAN}"
        raise Refusal("E_MASK_GEOMETRY", sentence)
    return k


def fill(polygons: list[Points], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Pixels (j, i) whose centres are inside an odd number of polygons given in continuous (i, j).

    Each edge that crosses the line of a row's centres turns inside to outside for every pixel from there on.
    An edge owns its lower end and not its upper one, so a shared corner counts once.
    """
    rows, columns = shape
    turns = np.zeros((rows, columns + 1), dtype=np.int64)
    for polygon in polygons:
        start, end = polygon, np.roll(polygon, -1, axis=0)
        low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
        top = np.clip(np.ceil(low), 0, rows).astype(np.int64)
        counts = np.maximum(np.clip(np.ceil(high), 0, rows).astype(np.int64) - top, 0)
        edge = np.repeat(np.arange(len(polygon)), counts)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + top[edge]
        slope = (row - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
        crossing = start[edge, 0] + slope * (end[edge, 0] - start[edge, 0])
        column = np.clip(np.ceil(crossing), 0, columns).astype(np.int64)
        np.add.at(turns, (row, column), 1)
    inside: npt.NDArray[np.bool_] = np.cumsum(turns[:, :columns], axis=1) % 2 == 1
    return inside
