"""Writes an array as a valid DICOM series (CT, MR or PET), the same bytes every time."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)
from pydicom.valuerep import DSfloat

from radiomics_tasks.imaging.phantom.nifti_out import IDENTITY
from radiomics_tasks.imaging.phantom.uids import uid_from

Vector = tuple[float, float, float]

SOP_CLASSES = {
    "CT": CTImageStorage,
    "MR": MRImageStorage,
    "PT": PositronEmissionTomographyImageStorage,
}
ACQUISITION_TAGS: dict[str, dict[str, object]] = {
    "CT": {
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "KVP": 120,
        "XRayTubeCurrent": 220,
        "ExposureTime": 500,
        "ConvolutionKernel": "STANDARD",
        "FilterType": "BODY",
        "PatientPosition": "HFS",
        "ReconstructionDiameter": 384,
        "RescaleType": "HU",
        "WindowCenter": 40,
        "WindowWidth": 400,
    },
    "MR": {
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "NORM"],
        "ScanningSequence": "GR",
        "SequenceVariant": "SP",
        "ScanOptions": "",
        "MRAcquisitionType": "3D",
        "MagneticFieldStrength": 1.5,
        "RepetitionTime": 9.7,
        "EchoTime": 4.0,
        "FlipAngle": 10,
        "EchoTrainLength": 1,
        "PatientPosition": "HFS",
        "SequenceName": "T1 GRADIENT",
    },
    "PT": {
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "SeriesType": ["WHOLE BODY", "IMAGE"],
        "CountsSource": "EMISSION",
        "CollimatorType": "NONE",
        "RandomsCorrectionMethod": "DLYD",
        "AttenuationCorrectionMethod": "measured, AC CT",
        "ScatterCorrectionMethod": "model based",
        "PatientPosition": "HFS",
        "FrameReferenceTime": 0,
        "ActualFrameDuration": 120000,
    },
}


def write_series(
    folder: Path,
    array_zyx: npt.NDArray[Any],
    spacing_mm: Vector,
    *,
    acquired_on: date,
    modality: str = "CT",
    patient_id: str = "SYN-T1",
    birth_date: date = date(1960, 1, 1),
    sex: str = "O",
    study_uid: str | None = None,
    series_uid: str | None = None,
    frame_of_reference_uid: str | None = None,
    origin_mm: Vector = (0.0, 0.0, 0.0),
    direction: tuple[float, ...] = IDENTITY,
    slope: float | Sequence[float] = 1.0,
    intercept: float | None = None,
    transfer_syntax: str = ExplicitVRLittleEndian,
    tags: Mapping[str, object] | None = None,
    slice_tags: Mapping[str, Sequence[object]] | None = None,
) -> list[Path]:
    """Write one instance per slice and return their paths, in the order of the array.

    Parameters
    ----------
    folder
        Made if missing; files are named IM0001.dcm and on.
    array_zyx
        Real-world values (HU, Bq/mL, signal). Stored as round((value - intercept) / slope) in 16 bits.
    spacing_mm, origin_mm, direction
        The grid in LPS: (x, y, z) spacing, centre of the first voxel, nine direction cosines row by row.
    acquired_on
        Study, series, acquisition and content date.
    modality
        "CT", "MR" or "PT"; a PET wants `pet_tags` beside it.
    slope
        Rescale slope, one for all or one per slice.
    intercept
        Rescale intercept; -1024 for CT and 0 otherwise when not given.
    transfer_syntax
        Any that pydicom can encode here: both little-endian ones, RLE, JPEG-LS.
    tags
        Elements by keyword, written last; None removes the element.
    slice_tags
        The same with one value per slice.

    Raises
    ------
    ValueError
        A patient ID that does not begin with SYN-, or values that do not fit into 16 bits.
    """
    _check_made_up(patient_id)
    series = series_uid or uid_from("series", patient_id, acquired_on, modality, _content_digest(array_zyx))
    shared: dict[str, object] = {
        **_patient_and_study(patient_id, birth_date, sex, acquired_on),
        **_series(modality, spacing_mm, direction),
        "StudyInstanceUID": study_uid or uid_from("study", patient_id, acquired_on),
        "SeriesInstanceUID": series,
        "FrameOfReferenceUID": frame_of_reference_uid or uid_from("frame", patient_id, acquired_on),
    }
    slopes = [float(slope)] * len(array_zyx) if isinstance(slope, int | float) else [float(s) for s in slope]
    offset = (-1024.0 if modality == "CT" else 0.0) if intercept is None else intercept
    stored = _stored_values(array_zyx, slopes, offset, is_signed=modality == "CT")
    paths = [folder / f"IM{index + 1:04d}.dcm" for index in range(len(stored))]
    for index, pixels in enumerate(stored):
        own = {keyword: each[index] for keyword, each in (slice_tags or {}).items()}
        place = _slice_place(index, series, spacing_mm, origin_mm, direction)
        rescale = _rescale(modality, slopes[index], offset)
        _save(paths[index], shared | place | rescale | dict(tags or {}) | own, pixels, transfer_syntax)
    return paths


def _check_made_up(patient_id: str) -> None:
    if not patient_id.startswith("SYN-"):
        raise ValueError("the patient ID of a made-up scan begins with SYN-")


def _rescale(modality: str, slope: float, offset: float) -> dict[str, object]:
    """An MR scan has no rescale unless it needs one."""
    if modality == "MR" and (slope, offset) == (1.0, 0.0):
        return {}
    return {"RescaleSlope": _decimal(slope), "RescaleIntercept": _decimal(offset)}


def _series(modality: str, spacing_mm: Vector, direction: tuple[float, ...]) -> dict[str, object]:
    return {
        **ACQUISITION_TAGS[modality],
        "SOPClassUID": SOP_CLASSES[modality],
        "Modality": modality,
        "SliceThickness": _decimal(spacing_mm[2]),
        "PixelSpacing": [_decimal(spacing_mm[1]), _decimal(spacing_mm[0])],
        "ImageOrientationPatient": [_decimal(direction[index]) for index in (0, 3, 6, 1, 4, 7)],
    }


def _patient_and_study(patient_id: str, birth_date: date, sex: str, acquired_on: date) -> dict[str, object]:
    day = acquired_on.strftime("%Y%m%d")
    return {
        "PatientName": f"Synthetic^{patient_id}",
        "PatientID": patient_id,
        "PatientBirthDate": birth_date.strftime("%Y%m%d"),
        "PatientSex": sex,
        "StudyDate": day,
        "SeriesDate": day,
        "AcquisitionDate": day,
        "ContentDate": day,
        "StudyTime": "100000",
        "SeriesTime": "100500",
        "AcquisitionTime": "101000",
        "ContentTime": "101000",
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "StudyID": "1",
        "SeriesNumber": 2,
        "AcquisitionNumber": 1,
        "PositionReferenceIndicator": "",
        "Manufacturer": "Synthetic Scanners",
        "ManufacturerModelName": "Phantom 64",
        "SoftwareVersions": "1",
        "DeviceSerialNumber": "1",
        "InstitutionName": "Synthetic Hospital",
        # The word burned into made-up slices names no person, which is all that this element asks about.
        "BurnedInAnnotation": "NO",
        "ImageComments": "SYNTHETIC",
        "LossyImageCompression": "00",
    }


def _slice_place(
    index: int, series: str, spacing_mm: Vector, origin_mm: Vector, direction: tuple[float, ...]
) -> dict[str, object]:
    step_mm = index * spacing_mm[2]
    position = [origin_mm[axis] + step_mm * direction[3 * axis + 2] for axis in range(3)]
    normal = np.cross([direction[0], direction[3], direction[6]], [direction[1], direction[4], direction[7]])
    return {
        "SOPInstanceUID": uid_from(series, index),
        "InstanceNumber": index + 1,
        "ImagePositionPatient": [_decimal(value) for value in position],
        "SliceLocation": _decimal(float(np.dot(normal, position))),
    }


def _stored_values(
    array_zyx: npt.NDArray[Any], slopes: Sequence[float], intercept: float, *, is_signed: bool
) -> npt.NDArray[Any]:
    if len(slopes) != len(array_zyx):
        raise ValueError(f"{len(slopes)} slopes for {len(array_zyx)} slices")
    per_slice = np.asarray(slopes, dtype=np.float64)[:, None, None]
    is_plain = array_zyx.dtype == np.int16 and set(slopes) == {1.0} and float(intercept).is_integer()
    values = array_zyx.astype(np.int32) - int(intercept) if is_plain else np.rint((array_zyx - intercept) / per_slice)
    kind = np.int16 if is_signed or values.min() < 0 else np.uint16
    limits = np.iinfo(kind)
    if not (values.min() >= limits.min and values.max() <= limits.max):
        raise ValueError(f"values do not fit into {limits.dtype}: choose another slope or intercept")
    return values.astype(kind)


def _save(path: Path, values: Mapping[str, object], pixels: npt.NDArray[Any], transfer_syntax: str) -> None:
    ds = FileDataset(path, Dataset(), preamble=b"\0" * 128, file_meta=FileMetaDataset())
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = int(pixels.dtype == np.int16)
    ds.PixelData = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
    for keyword, value in values.items():
        if value is not None:
            setattr(ds, keyword, value)
    ds.file_meta.MediaStorageSOPClassUID = UID(str(values["SOPClassUID"]))
    ds.file_meta.MediaStorageSOPInstanceUID = UID(str(values["SOPInstanceUID"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    is_native = transfer_syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
    ds.file_meta.TransferSyntaxUID = UID(transfer_syntax) if is_native else ExplicitVRLittleEndian
    if not is_native:
        ds.compress(transfer_syntax, generate_instance_uid=False)
    ds.save_as(path, enforce_file_format=True)


def _content_digest(array_zyx: npt.NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array_zyx).tobytes()).hexdigest()


def _decimal(value: float) -> DSfloat:
    """A decimal string element holds at most 16 characters."""
    return DSfloat(float(value), auto_format=True)
