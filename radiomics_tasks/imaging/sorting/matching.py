"""Outlines to the scan they were drawn on: by the series and images they name, or by the grid they lie on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from pydicom.dataset import Dataset

from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.series.header import text
from radiomics_tasks.imaging.sorting.received import ReceivedFile
from radiomics_tasks.imaging.volume import Grid, box_on, lps_grid

SEG_CLASSES = {"1.2.840.10008.5.1.4.1.1.66.4"}
RTSTRUCT_CLASSES = {"1.2.840.10008.5.1.4.1.1.481.3"}


@dataclass(frozen=True, slots=True)
class References:
    """What a SEG or RTSTRUCT says about the scan it was drawn on: original UIDs."""

    series_uids: frozenset[str]
    sop_uids: frozenset[str]
    frame_of_reference_uid: str


@dataclass(frozen=True, slots=True)
class KnownScan:
    """A scan of the upload, as far as an outline can be matched to it; `grid` is None where it has none."""

    files: tuple[ReceivedFile, ...]
    grid: Grid | None
    series_uid: str = ""
    sop_uids: frozenset[str] = frozenset()
    frame_of_reference_uid: str = ""


def references(ds: Dataset) -> References:
    """The series, images and frame of reference that a SEG or RTSTRUCT names."""
    series: set[str] = set()
    images: set[str] = set()
    frames = [text(ds, "FrameOfReferenceUID")]
    for item in _items(ds, "ReferencedSeriesSequence"):
        series.add(text(item, "SeriesInstanceUID"))
        images |= {text(image, "ReferencedSOPInstanceUID") for image in _items(item, "ReferencedInstanceSequence")}
    for frame in _items(ds, "ReferencedFrameOfReferenceSequence"):
        frames.append(text(frame, "FrameOfReferenceUID"))
        for study in _items(frame, "RTReferencedStudySequence"):
            for item in _items(study, "RTReferencedSeriesSequence"):
                series.add(text(item, "SeriesInstanceUID"))
                images |= {text(image, "ReferencedSOPInstanceUID") for image in _items(item, "ContourImageSequence")}
    named = [frame for frame in frames if frame]
    return References(frozenset(series - {""}), frozenset(images - {""}), named[-1] if named else "")


def _items(ds: Dataset, keyword: str) -> list[Dataset]:
    return list(ds.get(keyword) or [])


def scan_of_references(wanted: References, scans: Sequence[KnownScan]) -> KnownScan | None:
    """The scan that an outline names: by series, else by its images, else the only one in its frame of reference."""
    for scan in scans:
        if scan.series_uid and scan.series_uid in wanted.series_uids:
            return scan
    for scan in scans:
        if scan.sop_uids & wanted.sop_uids:
            return scan
    if wanted.series_uids:
        return None
    frame = wanted.frame_of_reference_uid
    sharing = [scan for scan in scans if frame and scan.frame_of_reference_uid == frame]
    return sharing[0] if len(sharing) == 1 else None


def scan_of_grid(file: ReceivedFile, grid: Grid, scans: Sequence[KnownScan]) -> KnownScan | None:
    """The scan on whose grid a label map lies; among several the one of its size, then the one in the nearest folder.

    Raises NeedsPerson Q_MASK_AMBIGUOUS where several are equally near.
    """
    fitting = [scan for scan in scans if scan.grid is not None and lies_on(grid, scan.grid)]
    whole = [scan for scan in fitting if scan.grid is not None and lps_grid(scan.grid).shape == lps_grid(grid).shape]
    fitting = whole or fitting
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    near = [_shared_folders(file, scan) for scan in fitting]
    best = [scan for scan, shared in zip(fitting, near, strict=True) if shared == max(near)]
    if len(best) > 1:
        sentence = "This label map fits several scans of the upload. Send it together with its own scan only."
        raise NeedsPerson("Q_MASK_AMBIGUOUS", sentence)
    return best[0]


def lies_on(grid: Grid, scan_grid: Grid) -> bool:
    """Whether a grid is the scan's grid, a part of it, or an axis flip of either."""
    try:
        box_on(lps_grid(scan_grid), lps_grid(grid))
    except Refusal:
        return False
    return True


def _shared_folders(file: ReceivedFile, scan: KnownScan) -> int:
    """How many outer folders a file shares with a scan's first file."""
    pairs = zip(file.folder, scan.files[0].folder, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
