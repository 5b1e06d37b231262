"""DICOM SEG: every segment to a mask, its frames placed by their own positions on the scan's grid."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array
from pydicom.uid import SegmentationStorage

from patients.vocabulary import OutlineFormat
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.coded.objects import (
    UNREADABLE,
    algorithm_type,
    codes,
    first,
    items,
    naming_of,
    open_outlines,
    other_scan,
    person_of,
    reference_note,
    text,
    tool_of,
    whole,
)
from radiomics_tasks.imaging.coded.organs import organ_of
from radiomics_tasks.imaging.outline import MAX_OUTLINES, Outlined, SeriesGeometry
from radiomics_tasks.imaging.volume import POSITION_TOLERANCE_MM, BoolArray, Grid, Mask, box_on, lps_order

MAX_FRAMES = 100_000
MAX_EDGE = 4096
MAX_PIXELS = 4_000_000_000
# A fractional segment counts where at least half of the voxel, or of the certainty, is inside.
THRESHOLD_RATIO = 0.5


def read_seg(path: Path, scan: SeriesGeometry) -> list[Outlined]:
    """Every segment of a SEG, on the scan's grid; segments may overlap.

    Raises Refusal where the file as a whole cannot be read; what is wrong with one segment stands in its problems.
    """
    ds = open_outlines(path, SegmentationStorage)
    segments = items(ds, "SegmentSequence")
    if not segments:
        raise Refusal("E_MASK_EMPTY", "The SEG holds no segments. Outline the lesion and send it again.")
    if len(segments) > MAX_OUTLINES:
        raise Refusal("E_TOO_MANY_OUTLINES", f"More than {MAX_OUTLINES} segments in one file. Send only the lesions.")
    series, sops = _references(ds)
    refusal = other_scan(scan, str(ds.get("FrameOfReferenceUID") or ""), series, sops)
    if refusal:
        return [_described(segment, ds).refused(refusal) for segment in segments]
    _check_size(ds)
    frames = Frames(path, ds)
    notes = reference_note(scan, sops)
    return [_read_segment(_described(segment, ds), segment, frames, scan, notes) for segment in segments]


def _described(segment: Dataset, ds: Dataset) -> Outlined:
    name = text(segment, "SegmentLabel") or text(segment, "TrackingID") or f"segment {text(segment, 'SegmentNumber')}"
    anatomy = codes(segment, "AnatomicRegionSequence", "SegmentedPropertyTypeCodeSequence")
    return Outlined(
        name,
        OutlineFormat.SEG,
        tracking_uid=text(segment, "TrackingUID"),
        tracking_id=text(segment, "TrackingID"),
        organ=organ_of(anatomy, name),
        algorithm_type=algorithm_type(text(segment, "SegmentAlgorithmType")),
        algorithm=_algorithm(segment),
        tool=tool_of(ds),
        annotator=person_of(ds, "ContentCreatorName", "OperatorsName"),
        naming=naming_of(ds),
    )


def _algorithm(segment: Dataset) -> str:
    """The algorithm's name with its version where the segment identifies it."""
    identified = first(segment, "SegmentationAlgorithmIdentificationSequence")
    name = text(segment, "SegmentAlgorithmName") or text(identified, "AlgorithmName")
    version = text(identified, "AlgorithmVersion")
    return f"{name} {version}" if name and version and version not in name else name


def _read_segment(
    outlined: Outlined, segment: Dataset, frames: "Frames", scan: SeriesGeometry, notes: tuple[Refusal, ...]
) -> Outlined:
    try:
        mask = frames.mask(text(segment, "SegmentNumber"), scan)
    except Refusal as problem:
        return outlined.refused(problem)
    if mask is None:
        return outlined.refused(Refusal("E_MASK_EMPTY", "The segment marks nothing. Outline the lesion again."))
    if frames.has_fractions:
        sentence = "The segment holds fractions: voxels of at least one half count as inside."
        notes = (*notes, Refusal("W_FRACTIONAL", sentence))
    return outlined.with_mask(mask, scan.grid, *notes)


def _references(ds: Dataset) -> tuple[set[str], set[str]]:
    """Series and instances that the SEG says it was made from."""
    series = {str(item.get("SeriesInstanceUID") or "") for item in items(ds, "ReferencedSeriesSequence")}
    images = [
        image for item in items(ds, "ReferencedSeriesSequence") for image in items(item, "ReferencedInstanceSequence")
    ]
    for frame in items(ds, "PerFrameFunctionalGroupsSequence"):
        for derivation in items(frame, "DerivationImageSequence"):
            images += items(derivation, "SourceImageSequence")
    return series, {str(image.get("ReferencedSOPInstanceUID") or "") for image in images} - {""}


def _check_size(ds: Dataset) -> None:
    """Refuse before anything is allocated: impossible sizes, an unknown kind, pixels that are not all there."""
    rows, columns, count = (whole(ds, word) for word in ("Rows", "Columns", "NumberOfFrames"))
    fits = 0 < rows <= MAX_EDGE and 0 < columns <= MAX_EDGE and 0 < count <= MAX_FRAMES
    if not fits or rows * columns * count > MAX_PIXELS:
        raise Refusal("E_DIMS", "The size of the SEG is outside what is measured. Send only the lesions.")
    kind = (text(ds, "SegmentationType"), whole(ds, "BitsAllocated"), whole(ds, "SamplesPerPixel", 1))
    if kind not in {("BINARY", 1, 1), ("BINARY", 8, 1), ("FRACTIONAL", 8, 1)}:
        raise Refusal("E_SEG_TYPE", "This kind of SEG is not supported. Export a binary or fractional SEG.")
    if len(items(ds, "PerFrameFunctionalGroupsSequence")) != count:
        raise Refusal("E_UNREADABLE", "The SEG does not say where each of its frames lies. Export it again.")
    needed = (rows * columns * count * kind[1] + 7) // 8
    if not ds.file_meta.TransferSyntaxUID.is_encapsulated and len(ds.get("PixelData") or b"") < needed:
        raise Refusal("E_TRUNCATED", "The SEG is cut short. Copy it again.")


class Frames:
    """The frames of a SEG: which segment each belongs to, where it lies, and its pixels."""

    def __init__(self, path: Path, ds: Dataset) -> None:
        self._path = path
        self._ds = ds
        self._shape = (int(ds.Rows), int(ds.Columns))
        self._shared = first(ds, "SharedFunctionalGroupsSequence")
        self._groups = items(ds, "PerFrameFunctionalGroupsSequence")
        self._full = whole(ds, "MaximumFractionalValue") or 255 if ds.SegmentationType == "FRACTIONAL" else 1
        self._numbers = [
            text(self._group(frame, "SegmentIdentificationSequence"), "ReferencedSegmentNumber")
            for frame in self._groups
        ]
        self.has_fractions = False

    def mask(self, number: str, scan: SeriesGeometry) -> Mask | None:
        """The union of a segment's frames on the whole of the scan's grid; None where all are empty.

        Raises Refusal where a frame does not lie on the grid.
        """
        grid = scan.grid
        self.has_fractions = False
        union: BoolArray | None = None
        for index in self._of_segment(number):
            pixels = self._pixels(index)
            if not pixels.any():
                continue
            own, array = lps_order(self._frame_grid(self._groups[index], scan), pixels[None])
            if union is None:
                union = np.zeros(grid.shape, dtype=np.bool_)
            union[box_on(grid, own)] |= array
        return None if union is None else Mask(grid, union)

    def _of_segment(self, number: str) -> Iterator[int]:
        return (index for index, named in enumerate(self._numbers) if named == number)

    def _group(self, frame: Dataset, keyword: str) -> Dataset:
        """A functional group of a frame, its own or the shared one."""
        return first(frame, keyword) if items(frame, keyword) else first(self._shared, keyword)

    def _frame_grid(self, frame: Dataset, scan: SeriesGeometry) -> Grid:
        """One frame as a grid of one slice; its thickness is the scan's step along its normal."""
        try:
            position = [float(x) for x in self._group(frame, "PlanePositionSequence").ImagePositionPatient]
            cosines = [float(x) for x in self._group(frame, "PlaneOrientationSequence").ImageOrientationPatient]
            row_mm, column_mm = (float(x) for x in self._group(frame, "PixelMeasuresSequence").PixelSpacing)
        except UNREADABLE as error:
            raise Refusal("E_MISSING_TAG", "The SEG does not say where its frames lie. Export it again.") from error
        numbers = np.asarray([*position, *cosines, row_mm, column_mm])
        if numbers.size != 11 or not np.isfinite(numbers).all() or min(row_mm, column_mm) <= 0:
            raise Refusal("E_GEOMETRY", "Spacing or position of the SEG is not a valid number. Export it again.")
        normal = np.cross(cosines[:3], cosines[3:])
        axis = int(np.argmax(np.abs(normal @ scan.grid.columns)))
        position = _on_slice(position, axis, scan)
        direction = np.stack([cosines[:3], cosines[3:], normal], axis=1)
        return Grid(
            (1, *self._shape),
            (column_mm, row_mm, scan.grid.spacing_mm[axis]),
            (position[0], position[1], position[2]),
            tuple(float(x) for x in direction.reshape(-1)),  # type: ignore[arg-type]  # nine cosines
        )

    def _pixels(self, index: int) -> BoolArray:
        """Which pixels (j, i) of a frame are inside."""
        values = self._stored(index)
        if self._full == 1:
            inside: BoolArray = values != 0
            return inside
        self.has_fractions |= bool(np.any((values > 0) & (values < self._full)))
        return values.astype(np.float64) / self._full >= THRESHOLD_RATIO

    def _stored(self, index: int) -> npt.NDArray[np.uint8]:
        count = self._shape[0] * self._shape[1]
        try:
            if self._ds.file_meta.TransferSyntaxUID.is_encapsulated:
                decoded: npt.NDArray[np.uint8] = pixel_array(self._path, index=index, raw=True)
                return decoded.reshape(self._shape)
            if self._ds.BitsAllocated == 8:
                stored = np.frombuffer(self._ds.PixelData, dtype=np.uint8, count=count, offset=index * count)
                return stored.reshape(self._shape)
        except (RuntimeError, *UNREADABLE) as error:
            raise Refusal("E_PIXEL_DECODE", "The SEG's pixels cannot be decoded. Export it uncompressed.") from error
        # Frames of one bit a pixel follow each other without padding: a frame may begin inside a byte.
        begin = index * count
        packed = np.frombuffer(
            self._ds.PixelData, dtype=np.uint8, count=(begin + count + 7) // 8 - begin // 8, offset=begin // 8
        )
        bits = np.unpackbits(packed, bitorder="little")
        return bits[begin % 8 : begin % 8 + count].reshape(self._shape)


def _on_slice(position: list[float], axis: int, scan: SeriesGeometry) -> list[float]:
    """A frame's position moved onto the even grid along one of its axes, by no more than the series' own jitter."""
    index = scan.grid.to_index(position)[axis]
    off_mm = float(index - np.round(index)) * scan.grid.spacing_mm[axis]
    if not scan.jitter_mm or abs(off_mm) > scan.jitter_mm + POSITION_TOLERANCE_MM:
        return position
    return [float(x) for x in np.asarray(position) - off_mm * scan.grid.columns[:, axis]]
