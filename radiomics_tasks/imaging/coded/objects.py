"""What SEG and RTSTRUCT share: opened within limits, cleaned names, and whether they belong to the scan."""

import struct
from collections.abc import Iterable
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_file_meta_info
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from patients.vocabulary import AlgorithmType
from radiomics_tasks.errors import NeedsPerson, Refusal
from radiomics_tasks.imaging.outline import MAX_NAME, SeriesGeometry
from radiomics_tasks.imaging.series.identity import clean_text
from radiomics_tasks.imaging.series.wording import naming_words

# Deflated is not among them: it unpacks without a bound.
TRANSFER_SYNTAXES = {
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
}
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    struct.error,
    TypeError,
    ValueError,
)


def open_outlines(path: Path, sop_class_uid: str) -> Dataset:
    """The dataset of a SEG or RTSTRUCT, its meta group checked before anything else, and then parsed to the end.

    Elements are otherwise decoded when they are first asked for, and damage would surface anywhere.

    Raises Refusal E_NOT_DICOM, E_TRANSFER_SYNTAX, E_MODALITY, E_TOO_DEEP or E_UNREADABLE.
    """
    try:
        syntax = read_file_meta_info(path).get("TransferSyntaxUID")
    except (InvalidDicomError, *UNREADABLE) as error:
        raise Refusal("E_NOT_DICOM", "This is not a DICOM file. Export the outlines again.") from error
    if str(syntax) not in TRANSFER_SYNTAXES:
        raise Refusal("E_TRANSFER_SYNTAX", "This DICOM encoding is not supported. Export it uncompressed.")
    try:
        ds = pydicom.dcmread(path)
        for _ in ds.iterall():
            pass
    except RecursionError as error:
        raise Refusal("E_TOO_DEEP", "The file is damaged or unsafe. Export it again.") from error
    except (InvalidDicomError, *UNREADABLE) as error:
        raise Refusal("E_UNREADABLE", "The file is damaged. Export it again.") from error
    if str(ds.get("SOPClassUID", "")) != sop_class_uid:
        raise Refusal("E_MODALITY", "The file holds no outlines of the kind it was sent as. Export them again.")
    return ds


def items(ds: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is absent, empty or no sequence."""
    value = ds.get(keyword)
    return list(value) if isinstance(value, Sequence) else []


def first(ds: Dataset, keyword: str) -> Dataset:
    """The first item of a sequence, or an empty dataset."""
    return next(iter(items(ds, keyword)), Dataset())


def text(ds: Dataset, keyword: str) -> str:
    """An element as one clean line of at most 120 characters; empty where it is absent."""
    return clean_text(ds.get(keyword), MAX_NAME)


def whole(ds: Dataset, keyword: str, default: int = 0) -> int:
    """An element as a whole number; `default` where it is absent or none."""
    try:
        return int(ds.get(keyword, default))
    except (TypeError, ValueError):
        return default


def codes(ds: Dataset, *keywords: str) -> list[str]:
    """The code values of some code sequences, in order."""
    return [text(item, "CodeValue") for keyword in keywords for item in items(ds, keyword)]


def algorithm_type(value: str) -> AlgorithmType:
    """The standard's word, or UNKNOWN for anything else."""
    return AlgorithmType(value) if value in set(AlgorithmType) else AlgorithmType.UNKNOWN


def tool_of(ds: Dataset) -> str:
    """Maker, product and version of what wrote a file of outlines; a maker that the product repeats stands once."""
    maker, product = text(ds, "Manufacturer"), text(ds, "ManufacturerModelName")
    versions = [clean_text(part) for part in _several(ds.get("SoftwareVersions"))]
    words = [product if maker and product.startswith(maker) else f"{maker} {product}", *versions]
    return clean_text(" ".join(words), MAX_NAME)


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, MultiValue) else [value]


def person_of(ds: Dataset, *keywords: str) -> str:
    """The first person that one of the elements names; to be hashed, never to be kept."""
    return next((name for keyword in keywords if (name := text(ds, keyword))), "")


def naming_of(ds: Dataset) -> frozenset[str]:
    """The words by which a file of outlines names persons."""
    return naming_words(lambda keyword: " ".join(clean_text(part) for part in _several(ds.get(keyword))))


def other_scan(
    scan: SeriesGeometry, frame_of_reference_uid: str, series_uids: Iterable[str], sop_uids: Iterable[str]
) -> Refusal | None:
    """Why outlines do not belong to the scan, or None where they do.

    They do when the frame of reference is the scan's and the images they name are among the scan's. Tools
    that crop a series write new instances of it: then the series' own UID must agree.
    """
    frame = scan.as_known(frame_of_reference_uid)
    named = {scan.as_known(uid) for uid in sop_uids}
    if not frame or frame != scan.frame_of_reference_uid:
        return NeedsPerson(
            "Q_MASK_OTHER_SCAN",
            "This outline was drawn in another frame of reference than this scan. Send the scan it was drawn on.",
        )
    if named and named <= scan.sop_instance_uids:
        return None
    series = {scan.as_known(uid) for uid in series_uids} - {""}
    if series and scan.series_instance_uid in series:
        return None
    if not named and not series:
        return None
    return NeedsPerson("Q_MASK_OTHER_SCAN", "This outline was drawn on another scan. Send that scan with it.")


def reference_note(scan: SeriesGeometry, sop_uids: Iterable[str]) -> tuple[Refusal, ...]:
    """A note where outlines of this scan name images that the scan does not hold, or none at all."""
    named = {scan.as_known(uid) for uid in sop_uids}
    if not named:
        return (Refusal("W_REFERENCES", "The outline names no images; it was placed by its coordinates."),)
    missing = len(named - scan.sop_instance_uids)
    if not missing:
        return ()
    sentence = f"The outline names {missing} images that are not in this scan; it was placed by its coordinates."
    return (Refusal("W_REFERENCES", sentence),)
