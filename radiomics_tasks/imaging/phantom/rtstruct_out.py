"""Writes outlines as one RTSTRUCT: polygons per slice, met again by their ROI names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, RTStructureSetStorage

from radiomics_tasks.imaging.phantom.contours import closed_polygons
from radiomics_tasks.imaging.phantom.seg_out import OutlineSpec
from radiomics_tasks.imaging.phantom.uids import uid_from

CARRIED_OVER = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "FrameOfReferenceUID",
)
COLOURS = ([230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [204, 121, 167])


def write_rtstruct(
    path: Path,
    source_paths: Sequence[Path],
    outlines: Sequence[OutlineSpec],
    *,
    tags: dict[str, object] | None = None,
) -> Path:
    """Write a structure set over the series of `source_paths` (in the order of the masks' slices).

    Filling the polygons of a slice by the pixel-centre rule, even-odd, gives each mask back exactly.
    `tags` are elements by keyword, written last; None removes the element.
    """
    sources = [pydicom.dcmread(source, stop_before_pixels=True) for source in source_paths]
    first = sources[0]
    uid = uid_from("rtstruct", first.SeriesInstanceUID, *(spec.name for spec in outlines))
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(path, Dataset(), preamble=b"\0" * 128, file_meta=meta)
    values = _structure_set(uid, sources, outlines)
    for keyword, value in (values | (tags or {})).items():
        if value is not None:
            setattr(ds, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path


def _structure_set(uid: str, sources: Sequence[Dataset], outlines: Sequence[OutlineSpec]) -> dict[str, object]:
    """Every element of the structure set, by keyword."""
    first = sources[0]
    return {keyword: first.get(keyword, "") for keyword in CARRIED_OVER} | {
        "SOPClassUID": RTStructureSetStorage,
        "SOPInstanceUID": uid,
        "Modality": "RTSTRUCT",
        "SeriesInstanceUID": uid_from(uid, "series"),
        "SeriesNumber": 301,
        "SeriesDate": first.SeriesDate,
        "SeriesTime": "120000",
        "Manufacturer": "Synthetic Scanners",
        "ManufacturerModelName": "Phantom Reader",
        "StructureSetLabel": "LESIONS",
        "StructureSetDate": first.SeriesDate,
        "StructureSetTime": "120000",
        "ReferencedFrameOfReferenceSequence": [_frame_of_reference(sources)],
        "StructureSetROISequence": [
            _roi(number, spec, first.FrameOfReferenceUID) for number, spec in enumerate(outlines, start=1)
        ],
        "ROIContourSequence": [_roi_contour(number, spec, sources) for number, spec in enumerate(outlines, start=1)],
        "RTROIObservationsSequence": [_observation(number) for number in range(1, len(outlines) + 1)],
        "ApprovalStatus": "UNAPPROVED",
        "InstanceNumber": 1,
    }


def _item(**values: object) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def _image_reference(source: Dataset) -> Dataset:
    return _item(ReferencedSOPClassUID=source.SOPClassUID, ReferencedSOPInstanceUID=source.SOPInstanceUID)


def _frame_of_reference(sources: Sequence[Dataset]) -> Dataset:
    series = _item(
        SeriesInstanceUID=sources[0].SeriesInstanceUID,
        ContourImageSequence=[_image_reference(source) for source in sources],
    )
    study = _item(
        # Study component management (retired) is what structure sets of this kind still name.
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=sources[0].StudyInstanceUID,
        RTReferencedSeriesSequence=[series],
    )
    return _item(FrameOfReferenceUID=sources[0].FrameOfReferenceUID, RTReferencedStudySequence=[study])


def _roi(number: int, spec: OutlineSpec, frame_of_reference_uid: str) -> Dataset:
    return _item(
        ROINumber=number,
        ReferencedFrameOfReferenceUID=frame_of_reference_uid,
        ROIName=spec.name,
        ROIGenerationAlgorithm=str(spec.algorithm_type),
    )


def _observation(number: int) -> Dataset:
    return _item(ObservationNumber=number, ReferencedROINumber=number, RTROIInterpretedType="GTV", ROIInterpreter="")


def _roi_contour(number: int, spec: OutlineSpec, sources: Sequence[Dataset]) -> Dataset:
    contours = [
        _contour(polygon, source)
        for mask_yx, source in zip(spec.array_zyx, sources, strict=True)
        if mask_yx.any()
        for polygon in closed_polygons(mask_yx)
    ]
    return _item(ROIDisplayColor=COLOURS[number % len(COLOURS)], ReferencedROINumber=number, ContourSequence=contours)


def _contour(polygon: npt.NDArray[np.float64], source: Dataset) -> Dataset:
    row_mm, column_mm = (float(value) for value in source.PixelSpacing)
    cosines = np.array(source.ImageOrientationPatient, dtype=np.float64)
    position = np.array(source.ImagePositionPatient, dtype=np.float64)
    points: npt.NDArray[Any] = (
        position + polygon[:, :1] * column_mm * cosines[:3] + polygon[:, 1:] * row_mm * cosines[3:]
    )
    return _item(
        ContourImageSequence=[_image_reference(source)],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(points),
        # A tenth of a micrometre: far below the half pixel that separates points from pixel centres.
        ContourData=[f"{value:.4f}" for value in points.ravel()],
    )
