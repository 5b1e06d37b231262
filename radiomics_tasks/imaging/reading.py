"""One scan of a sorted upload read to the end: voxels, facts, outlines, pictures, each file under its digest."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from patients.vocabulary import OutlineFormat
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.body import body_profile
from radiomics_tasks.imaging.deidentify import store_clean_file
from radiomics_tasks.imaging.dicom import DicomSeries, read_headers, series_of
from radiomics_tasks.imaging.nifti import load_volume, read_image, read_label_map, write_mask, write_volume
from radiomics_tasks.imaging.outline import Outlined, SeriesGeometry, jitter_mm, plausibility_note, slice_axis
from radiomics_tasks.imaging.preview import percentiles, write_slices, write_thumbnail
from radiomics_tasks.imaging.probes.measured import probe_facts
from radiomics_tasks.imaging.rtstruct import read_rtstruct
from radiomics_tasks.imaging.segmentation import read_seg
from radiomics_tasks.imaging.series.facts import image_facts, series_facts
from radiomics_tasks.imaging.series.structure import START, file_layout, is_dicom
from radiomics_tasks.imaging.series.wording import clinical_only, label_kept
from radiomics_tasks.imaging.sorting.matching import RTSTRUCT_CLASSES
from radiomics_tasks.imaging.sorting.received import ReceivedFile, ScanFiles
from radiomics_tasks.imaging.volume import Grid, Mask, Volume

MAX_NAME = 120
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScanRead:
    """What reading one scan gave.

    `facts` always has every key, empty where the scan could not be read; `problems` say why it could not, or
    what a person must decide; `files` are the digests of everything written.
    """

    facts: Facts
    outlines: tuple[Facts, ...]
    problems: tuple[Refusal, ...]
    files: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The scan as plain data."""
        return {
            "facts": self.facts,
            "outlines": list(self.outlines),
            "problems": [problem.as_dict() for problem in self.problems],
            "files": list(self.files),
        }


def read_scan(scan: ScanFiles, out: Path, key: bytes, today: date) -> ScanRead:
    """Read one scan and the outlines that belong to it.

    Parameters
    ----------
    scan : as `sort_upload` found it.
    out : an own, empty folder; each file is written into it under its SHA-256.
    key : the site key for identity and UIDs.
    today : no scan is younger.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = _read_dicom(scan, out, key, today) if scan.kind == "dicom" else _read_image(scan, out, key)
    digests = tuple(sorted(path.name for path in out.iterdir()))
    return ScanRead(read.facts, read.outlines, (*scan.problems, *read.problems), digests)


def read_loose_outlines(
    files: Sequence[ReceivedFile], grid: Grid, facts: Facts, volume_path: Path, out: Path, key: bytes
) -> list[Facts]:
    """Read outlines whose scan is already filed.

    Parameters
    ----------
    files : SEG, RTSTRUCT or label-map files.
    grid, facts : of the filed scan; its UIDs are keyed ones.
    volume_path : the scan's stored volume.
    """
    geometry = SeriesGeometry(
        grid,
        frozenset(facts["sop_instance_uids"]),
        facts["frame_of_reference_uid"],
        facts["series_instance_uid"],
        key,
        float(facts.get("jitter_mm", 0.0)),
        int(facts.get("slice_axis", 2)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outlines = _outlines(files, geometry)
        volume = load_volume(volume_path)
        return [_outline_facts(each, volume, out, key, is_synthetic=bool(facts["is_synthetic"])) for each in outlines]


def _read_dicom(scan: ScanFiles, out: Path, key: bytes, today: date) -> ScanRead:
    facts = series_facts([], key, today)
    try:
        headers = read_headers([file.path for file in scan.files])
        facts = series_facts(headers, key, today)
        series = series_of(headers)
    except Refusal as refusal:
        return _refused(scan, facts, refusal, key)
    facts = series_facts(series.headers, key, today) | _series_results(series)
    first = series.headers[0]
    geometry = SeriesGeometry(
        series.volume.grid,
        frozenset(header.text("SOPInstanceUID") for header in series.headers),
        first.text("FrameOfReferenceUID"),
        first.text("SeriesInstanceUID"),
        jitter_mm=jitter_mm(
            series.volume.grid, [header.numbers("ImagePositionPatient", 3, "E_GEOMETRY") for header in series.headers]
        ),
        slice_axis=slice_axis(series.volume.grid, first.numbers("ImageOrientationPatient", 6, "E_GEOMETRY")),
    )
    facts["jitter_mm"], facts["slice_axis"] = geometry.jitter_mm, geometry.slice_axis
    facts["instances"] = [store_clean_file(header, key, out) for header in series.headers]
    outlines = _stored(series.volume, _outlines(scan.outlines, geometry), facts, out, key)
    return ScanRead(facts, outlines, series.problems, ())


def _refused(scan: ScanFiles, facts: Facts, refusal: Refusal, key: bytes) -> ScanRead:
    """A scan that cannot be read, its outlines named so that none disappears without a word."""
    lost = Refusal("E_NO_SCAN", "The scan of this outline was refused. Send both again.")
    outlines = [Outlined(_shown(file), _outline_format(file.path)) for file in scan.outlines]
    return ScanRead(facts, tuple(_named(each.refused(lost), key) for each in outlines), (refusal,), ())


def _series_results(series: DicomSeries) -> Facts:
    return {
        "modality": str(series.modality),
        "suv": series.suv.facts if series.suv is not None else {},
        "notes": [note.as_dict() for note in series.notes],
    }


def _read_image(scan: ScanFiles, out: Path, key: bytes) -> ScanRead:
    file = scan.files[0]
    facts = image_facts(file.path, file.base_name)
    try:
        volume = read_image(file.path)
    except Refusal as refusal:
        return _refused(scan, facts, refusal, key)
    outlines = _stored(volume, _outlines(scan.outlines, SeriesGeometry(volume.grid)), facts, out, key)
    return ScanRead(facts, outlines, (), ())


def _stored(volume: Volume, outlines: Sequence[Outlined], facts: Facts, out: Path, key: bytes) -> tuple[Facts, ...]:
    """Write volume and outlines, and add to `facts` what is known from them."""
    low, high = percentiles(volume)
    masks = [each.mask for each in outlines if each.mask is not None]
    facts |= {
        "unit": volume.unit,
        "volume_digest": volume.digest,
        "volume_file": _by_digest(out, lambda part: write_volume(volume, part)),
        "geometry": volume.grid.as_dict(),
        "percentiles": {"p1": low, "p99": high},
        "thumbnail": write_thumbnail(volume, masks, out),
        "body": body_profile(volume),
    } | probe_facts(volume)
    is_synthetic = bool(facts["is_synthetic"])
    return tuple(_outline_facts(each, volume, out, key, is_synthetic=is_synthetic) for each in outlines)


def _outlines(files: Sequence[ReceivedFile], geometry: SeriesGeometry) -> list[Outlined]:
    found: list[Outlined] = []
    for file in files:
        kind = OutlineFormat.LABEL_MAP
        try:
            kind = _outline_format(file.path)
            readers = {OutlineFormat.SEG: read_seg, OutlineFormat.RTSTRUCT: read_rtstruct}
            found.extend(readers.get(kind, read_label_map)(file.path, geometry))
        except Refusal as refusal:
            found.append(Outlined(_shown(file), kind, problems=(refusal,)))
    return found


def _shown(file: ReceivedFile) -> str:
    return clinical_only(file.base_name[:MAX_NAME])


def _outline_format(path: Path) -> OutlineFormat:
    with path.open("rb") as file:
        if not is_dicom(file.read(START)):
            return OutlineFormat.LABEL_MAP
    is_rtstruct = file_layout(path).sop_class_uid in RTSTRUCT_CLASSES
    return OutlineFormat.RTSTRUCT if is_rtstruct else OutlineFormat.SEG


def _named(outline: Outlined, key: bytes) -> Facts:
    """An outline's facts without a mask."""
    return {
        "name": label_kept(outline.name, outline.naming, key),
        "format": str(outline.outline_format),
        "tracking_uid": outline.tracking_uid,
        "tracking_id": label_kept(outline.tracking_id, outline.naming, key),
        "organ": str(outline.organ or ""),
        "algorithm_type": str(outline.algorithm_type),
        "made_with": outline.made_with(key),
        "mask_digest": "",
        "mask_file": "",
        "voxels": 0,
        "centroid_mm": None,
        "slices": None,
        "notes": [note.as_dict() for note in outline.notes],
        "problems": [problem.as_dict() for problem in outline.problems],
    }


def _outline_facts(outline: Outlined, volume: Volume, out: Path, key: bytes, *, is_synthetic: bool) -> Facts:
    mask = outline.mask
    if mask is not None:
        outline = replace(outline, notes=(*outline.notes, *plausibility_note(volume, mask)))
    facts = _named(outline, key)
    if mask is not None and not outline.problems:
        facts |= {
            "mask_digest": mask.digest,
            "mask_file": _by_digest(out, lambda part: write_mask(mask, part)),
            "voxels": mask.voxels,
            "centroid_mm": _centroid_mm(mask),
            "slices": write_slices(volume, mask, out, is_synthetic=is_synthetic),
        }
    return facts


def _by_digest(out: Path, write: Callable[[Path], str]) -> str:
    """Let `write` make a file in `out` and name it by the digest that it gives back."""
    part = out / "part"
    digest = write(part)
    part.replace(out / digest)
    return digest


def _centroid_mm(mask: Mask) -> list[float]:
    """Mean position of the marked voxels, LPS, mm."""
    marked_kji = np.argwhere(mask.array).mean(axis=0)
    return [float(value) for value in mask.grid.to_patient_mm(marked_kji[::-1])]
