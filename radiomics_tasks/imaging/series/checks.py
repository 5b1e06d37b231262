"""Whether a set of image files is one measurable series: kind, required elements, one of each thing."""

from collections.abc import Sequence

from pydicom.charset import python_encoding

from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.series.pixels import check_pixel_format, check_pixel_length
from radiomics_tasks.imaging.series.structure import missing

MODALITIES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
}
MULTI_FRAME = {
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
    "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.4.3",
    "1.2.840.10008.5.1.4.1.1.4.4",
    "1.2.840.10008.5.1.4.1.1.128.1",
    "1.2.840.10008.5.1.4.1.1.130",
}
REFORMATTED = {"MPR", "MIP", "MINIP", "REFORMATTED", "PROJECTION IMAGE", "CURVED"}


def check_kind(headers: Sequence[Header]) -> str:
    """The modality of a series of single slices.

    Raises Refusal E_MULTIFRAME, E_MISSING_TAG, E_MODALITY, E_MOSAIC, E_LOCALIZER or E_BURNED_IN.
    """
    classes = {header.layout.sop_class_uid for header in headers}
    if classes & MULTI_FRAME:
        raise Refusal("E_MULTIFRAME", "Multi-frame files are not supported yet. Export one file for each slice.")
    if not all(header.text("Modality") for header in headers):
        raise missing("Modality")
    modalities = {MODALITIES.get(uid, "") for uid in classes} | {header.text("Modality") for header in headers}
    if len(modalities) != 1 or not modalities <= set(MODALITIES.values()):
        raise Refusal("E_MODALITY", "This is not one series of CT, MR or PET images. Send one series at a time.")
    kinds = {word.upper() for header in headers for word in header.words("ImageType")}
    if "MOSAIC" in kinds:
        sentence = "The file is a mosaic: one image with many slices tiled in it. Export one file for each slice."
        raise Refusal("E_MOSAIC", sentence)
    if kinds & {"LOCALIZER", "SCOUT"}:
        raise Refusal("E_LOCALIZER", "This is a localizer (scout). Send the scan that was planned on it.")
    if any(header.text("BurnedInAnnotation").upper() == "YES" for header in headers):
        raise Refusal("E_BURNED_IN", "The images have text burned in, which may name the patient. Export them without.")
    return modalities.pop()


def check_headers(headers: Sequence[Header], modality: str) -> None:
    """Check each slice's elements and its bytes by arithmetic, nothing is decoded.

    Raises Refusal E_MISSING_TAG, E_BAD_UID, E_DIMS, E_MULTIFRAME, E_COLOR, E_BITS, E_TRUNCATED, E_PIXEL_LENGTH,
    E_NO_RESCALE.
    """
    for index, header in enumerate(headers, start=1):
        for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
            header.uid(keyword)
        if "PatientID" not in header.ds:
            raise missing("Patient ID")
        check_pixel_format(header)
        check_pixel_length(header, f"File {index} of {len(headers)}")
        if modality == "CT":
            _check_hounsfield(header)


def _check_hounsfield(header: Header) -> None:
    if not header.text("RescaleSlope") or not header.text("RescaleIntercept"):
        raise Refusal("E_NO_RESCALE", "Hounsfield scaling is missing. Export the original CT series.")
    kind = header.text("RescaleType").upper()
    if kind and not kind.startswith("HU"):
        raise Refusal("E_NO_RESCALE", "The values of this CT are not in Hounsfield units. Export the original series.")


def check_one_series(headers: Sequence[Header], modality: str) -> None:
    """Refuse slices that do not belong together, after their geometry was found sound.

    Raises Refusal E_MISSING_TAG, E_BAD_UID or E_MIXED_… (SERIES, FRAME, RESCALE, KERNEL, UNITS, BITS).
    """
    if len({header.uid("SeriesInstanceUID") for header in headers}) > 1:
        raise Refusal("E_MIXED_SERIES", "The slices belong to different series. Send one series at a time.")
    if len({header.uid("FrameOfReferenceUID") for header in headers}) > 1:
        raise Refusal("E_MIXED_FRAME", "The slices have different frames of reference. Send one series at a time.")
    if modality == "CT":
        _one_value(headers, ("RescaleSlope", "RescaleIntercept"), "RESCALE", "Hounsfield scalings")
        _one_value(headers, ("ConvolutionKernel",), "KERNEL", "reconstruction kernels")
    if modality == "PT":
        _one_value(headers, ("Units", "SUVType", "DecayCorrection"), "UNITS", "units")
    _one_value(headers, ("PixelRepresentation", "BitsAllocated"), "BITS", "pixel formats")


def _one_value(headers: Sequence[Header], keywords: tuple[str, ...], code: str, words: str) -> None:
    for keyword in keywords:
        values = {
            header.number(keyword) if keyword.startswith("Rescale") else header.text(keyword) for header in headers
        }
        if len(values) > 1:
            raise Refusal(f"E_MIXED_{code}", f"The slices have different {words}. Send one series at a time.")


def provenance_notes(headers: Sequence[Header], step_mm: float) -> list[Refusal]:
    """What stands in the headers and is worth knowing, or a person's decision (Q_DERIVED)."""
    first = headers[0]
    kinds = {word.upper() for word in first.words("ImageType")}
    notes: list[Refusal] = []
    if kinds & REFORMATTED:
        notes.append(NeedsPerson("Q_DERIVED", "This image is reformatted or projected. Send the original."))
    elif "DERIVED" in kinds:
        notes.append(Refusal("W_DERIVED", "The file says that the images were derived from others."))
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        stated = first.number(keyword)
        if stated is not None and abs(abs(stated) - step_mm) > max(0.01, 0.01 * step_mm):
            words = "slice spacing" if keyword == "SpacingBetweenSlices" else "slice thickness"
            sentence = (
                f"The stated {words} is {abs(stated):.2f} mm; the slices are {step_mm:.2f} mm apart, which is used."
            )
            notes.append(Refusal("W_OVERLAP", sentence))
    if any(_is_unreadable_text(header) for header in headers):
        notes.append(Refusal("W_CHARSET", "Some names could not be read and were not stored."))
    if first.text("LossyImageCompression") == "01":
        notes.append(Refusal("W_LOSSY", "The images were compressed with loss before they came here."))
    return notes


def _is_unreadable_text(header: Header) -> bool:
    is_unknown = any(word not in python_encoding for word in header.words("SpecificCharacterSet"))
    return is_unknown or "\ufffd" in header.text("PatientName") + header.text("InstitutionName")
