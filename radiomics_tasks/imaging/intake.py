"""An upload sorted by content into scans and their outlines; headers only, no pixels."""

import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydicom._uid_dict import UID_dictionary

from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.nifti import mask_refusal
from radiomics_tasks.imaging.nifti import read_header as read_image_header
from radiomics_tasks.imaging.series.checks import MODALITIES, MULTI_FRAME
from radiomics_tasks.imaging.series.geometry import sorted_grid
from radiomics_tasks.imaging.series.header import read_header
from radiomics_tasks.imaging.series.identity import clean_text, keyed_uid
from radiomics_tasks.imaging.series.structure import missing, stated_class
from radiomics_tasks.imaging.sorting.archive import unpack
from radiomics_tasks.imaging.sorting.kinds import Kind, kind_of
from radiomics_tasks.imaging.sorting.matching import (
    RTSTRUCT_CLASSES,
    SEG_CLASSES,
    KnownScan,
    References,
    references,
    scan_of_grid,
    scan_of_references,
)
from radiomics_tasks.imaging.sorting.members import Member, member_of, series_of
from radiomics_tasks.imaging.sorting.received import (
    ArchiveLimits,
    LooseOutline,
    ReceivedFile,
    RefusedFile,
    ScanFiles,
    SortedUpload,
)
from radiomics_tasks.imaging.volume import Grid

__all__ = [
    "ArchiveLimits",
    "LooseOutline",
    "ReceivedFile",
    "RefusedFile",
    "ScanFiles",
    "SortedUpload",
    "sort_upload",
]

_IMAGES = set(MODALITIES) | MULTI_FRAME
_OUTLINES = SEG_CLASSES | RTSTRUCT_CLASSES
# Refusals of files that may have been slices of a series beside them.
_DAMAGED = {
    "E_BAD_UID",
    "E_EMPTY",
    "E_MISSING_TAG",
    "E_POLYGLOT",
    "E_TOO_DEEP",
    "E_TRANSFER_SYNTAX",
    "E_TRUNCATED",
    "E_UNREADABLE",
    "E_ZIP_NOT_AT_ZERO",
}
MAX_NAME, MAX_PATH = 120, 4096
_IMAGE_WORDS = ("image", "img", "scan")
_MASK_WORDS = ("mask", "seg", "label", "roi", "contour")


@dataclass(slots=True)
class _Sorting:
    """What has been found so far."""

    members: list[Member] = field(default_factory=list)
    outlines: list[tuple[ReceivedFile, References]] = field(default_factory=list)
    images: list[tuple[ReceivedFile, Grid]] = field(default_factory=list)
    label_maps: list[tuple[ReceivedFile, Grid]] = field(default_factory=list)
    loose: list[LooseOutline] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    damaged_folders: set[tuple[str, ...]] = field(default_factory=set)
    ignored: int = 0

    def refuse(self, file: ReceivedFile, refusal: Refusal) -> None:
        name = clean_text(file.name, MAX_PATH)
        # The end of a long path tells files apart.
        self.refused.append(RefusedFile(name if len(name) <= MAX_NAME else f"…{name[1 - MAX_NAME :]}", refusal))
        if refusal.code in _DAMAGED:
            self.damaged_folders.add(file.folder)


def sort_upload(files: Sequence[ReceivedFile], work_dir: Path, limits: ArchiveLimits, key: bytes) -> SortedUpload:
    """Sort an upload into scans, each with the outlines that belong to it.

    Parameters
    ----------
    files : what was received; archives among them are unpacked.
    work_dir : an own, empty folder for what is unpacked; the scans refer to files in it.
    limits : how much all archives together may unpack to.
    key : the site key, under which UIDs of outlines without their scan are handed on.

    Returns
    -------
    SortedUpload
        Every file ends in one of its parts; nothing raises for what a file holds.
    """
    sorting = _Sorting()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in _unpacked(files, work_dir, limits, sorting):
            try:
                _sort_file(file, sorting)
            except Refusal as refusal:
                sorting.refuse(file, refusal)
        scans = _matched(sorting, key)
    if not scans and not sorting.loose and not sorting.refused:
        sorting.refused.append(
            RefusedFile(
                "",
                Refusal(
                    "E_MODALITY",
                    "No image series found in this upload. Send the CT, MR or PET images with their outlines.",
                ),
            )
        )
    return SortedUpload(tuple(scans), tuple(sorting.loose), sorting.ignored, tuple(sorting.refused))


def _unpacked(
    files: Sequence[ReceivedFile], work_dir: Path, limits: ArchiveLimits, sorting: _Sorting
) -> list[ReceivedFile]:
    """All files that are no archives, archives replaced by what is in them."""
    found: list[ReceivedFile] = []
    left = limits
    for number, file in enumerate(files):
        into = work_dir / f"{number:06d}"
        try:
            if kind_of(file) is not Kind.ARCHIVE:
                found.append(file)
                continue
            inside = unpack(file, into, left)
        except Refusal as refusal:
            # Uncounted: what a refused archive had unpacked must not fill the disk while the next ones are tried.
            shutil.rmtree(into, ignore_errors=True)
            sorting.refuse(file, refusal)
            continue
        spent = sum(each.path.stat().st_size for each in inside)
        left = replace(left, max_unpacked_bytes=left.max_unpacked_bytes - spent, max_files=left.max_files - len(inside))
        found.extend(ReceivedFile(each.path, f"{file.name}/{each.name}") for each in inside)
    return found


def _sort_file(file: ReceivedFile, sorting: _Sorting) -> None:
    kind = kind_of(file)
    if kind is Kind.IGNORED:
        sorting.ignored += 1
    elif kind is Kind.IMAGE:
        _sort_image(file, sorting)
    elif kind is Kind.DICOM:
        _sort_dicom(file, sorting)


def _sort_image(file: ReceivedFile, sorting: _Sorting) -> None:
    """A single-file image by its voxels; one that is called a mask and holds no labels is no scan for all that."""
    is_mask = _is_called_mask(file)
    try:
        header = read_image_header(file.path)
    except Refusal as refusal:
        raise mask_refusal(refusal) if is_mask else refusal from refusal
    (sorting.label_maps if header.is_label_like or is_mask else sorting.images).append((file, header.grid))


def _is_called_mask(file: ReceivedFile) -> bool:
    name = file.base_name.casefold()
    return any(word in name for word in _MASK_WORDS) and not any(word in name for word in _IMAGE_WORDS)


def _sort_dicom(file: ReceivedFile, sorting: _Sorting) -> None:
    try:
        header = read_header(file.path)
    except Refusal as refusal:
        stated = stated_class(file.path)
        if refusal.code == "E_TRANSFER_SYNTAX" and stated in UID_dictionary and stated not in _IMAGES | _OUTLINES:
            sorting.ignored += 1
            return
        raise
    kind = header.layout.sop_class_uid
    if kind in _OUTLINES:
        sorting.outlines.append((file, references(header.ds)))
    elif kind in _IMAGES:
        if not header.layout.series_instance_uid:
            raise missing("Series Instance UID")
        sorting.members.append(member_of(file, header))
    elif stated_class(file.path) not in ("", kind):
        # What a file is stands in it twice: where the two differ, it may be a slice or an outline that was damaged.
        raise Refusal("E_BAD_UID", "Identifiers in the file are invalid. Export it again.")
    else:
        # Reports, presentation states, plans, captures and the like hold nothing to measure.
        sorting.ignored += 1


def _matched(sorting: _Sorting, key: bytes) -> list[ScanFiles]:
    scans: list[tuple[KnownScan, tuple[Refusal, ...]]] = []
    for series in series_of(sorting.members):
        problems = list(series.problems)
        if {member.file.folder for member in series.members} & sorting.damaged_folders:
            sentence = (
                "A damaged file lies beside this series, which may therefore be incomplete. Check it or send again."
            )
            problems.append(NeedsPerson("Q_INCOMPLETE", sentence))
        sorting.ignored += series.duplicates
        grid = _series_grid(series.members) if sorting.label_maps else None
        scans.append((series.as_known(grid), tuple(problems)))
    scans += [(KnownScan((file,), grid), ()) for file, grid in sorting.images]
    scans += [
        (KnownScan((file,), grid), ()) for file, grid in _images_like_labels(sorting, [scan for scan, _ in scans])
    ]
    outlines = _outlines_of([scan for scan, _ in scans], sorting, key)
    return [
        ScanFiles("dicom" if scan.series_uid else "image", scan.files, tuple(outlines.get(scan.files, [])), problems)
        for scan, problems in scans
    ]


def _series_grid(members: Sequence[Member]) -> Grid | None:
    """The grid of a series, if it has one: the reader will say what is wrong where it has none."""
    try:
        return sorted_grid([read_header(member.file.path) for member in members])[0]
    except Refusal:
        return None


def _images_like_labels(sorting: _Sorting, scans: Sequence[KnownScan]) -> list[tuple[ReceivedFile, Grid]]:
    """Files that could be label maps but fit no scan and are called images: they are taken as scans."""
    taken = [
        (file, grid)
        for file, grid in sorting.label_maps
        if any(word in file.name.casefold() for word in _IMAGE_WORDS)
        and not _is_called_mask(file)
        and not _fits_any(file, grid, scans)
    ]
    sorting.label_maps = [each for each in sorting.label_maps if each not in taken]
    return taken


def _fits_any(file: ReceivedFile, grid: Grid, scans: Sequence[KnownScan]) -> bool:
    try:
        return scan_of_grid(file, grid, scans) is not None
    except NeedsPerson:
        return True


def _outlines_of(
    scans: Sequence[KnownScan], sorting: _Sorting, key: bytes
) -> dict[tuple[ReceivedFile, ...], list[ReceivedFile]]:
    """The outlines of each scan, by the scan's files; those without a scan become loose ones."""
    found: dict[tuple[ReceivedFile, ...], list[ReceivedFile]] = {}
    for file, wanted in sorting.outlines:
        scan = scan_of_references(wanted, scans)
        if scan is not None:
            found.setdefault(scan.files, []).append(file)
            continue
        series = keyed_uid(min(wanted.series_uids, default=""), key)
        sorting.loose.append(LooseOutline(file, series, keyed_uid(wanted.frame_of_reference_uid, key)))
    for file, grid in sorting.label_maps:
        try:
            # With one scan only there is no doubt which was meant: its reader says how far off the label map lies.
            scan = scans[0] if len(scans) == 1 else scan_of_grid(file, grid, scans)
        except NeedsPerson as question:
            sorting.refuse(file, question)
            continue
        if scan is None:
            sorting.loose.append(LooseOutline(file))
        else:
            found.setdefault(scan.files, []).append(file)
    return found
