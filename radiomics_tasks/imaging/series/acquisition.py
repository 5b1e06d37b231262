"""When and how a series was acquired, as far as later comparisons need to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from radiomics_tasks.imaging.series.header import Header
from radiomics_tasks.imaging.series.identity import clean_text, keyed_hash, without_names

DATE_SOURCES = ("AcquisitionDate", "SeriesDate", "ContentDate", "StudyDate")
EARLIEST = date(1990, 1, 1)
MAX_DESCRIPTION = 120

# The elements that spec tables of comparability ask about; texts and numbers as the file has them.
TEXTS = (
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "ImageType",
    "PatientPosition",
    "ContrastBolusAgent",
    "ContrastBolusRoute",
    "ContrastBolusStartTime",
    "AcquisitionTime",
    "ConvolutionKernel",
    "ReconstructionMethod",
    "RescaleType",
    "LossyImageCompression",
    "ScanningSequence",
    "SequenceVariant",
    "SequenceName",
    "ScanOptions",
    "MRAcquisitionType",
    "ReceiveCoilName",
    "CorrectedImage",
)
NUMBERS = (
    "KVP",
    "Exposure",
    "ExposureTime",
    "XRayTubeCurrent",
    "SliceThickness",
    "SpacingBetweenSlices",
    "GantryDetectorTilt",
    "RescaleSlope",
    "RescaleIntercept",
    "MagneticFieldStrength",
    "RepetitionTime",
    "EchoTime",
    "InversionTime",
    "FlipAngle",
    "DiffusionBValue",
    "PixelBandwidth",
)
VECTORS = (("PixelSpacing", 2), ("ImageOrientationPatient", 6))


@dataclass(frozen=True, slots=True)
class AcquiredOn:
    """A scan's date, the element it was taken from, and where there is none the sentence that asks for it."""

    day: date | None
    source: str
    problem: str


def acquired_on(headers: Sequence[Header], today: date) -> AcquiredOn:
    """The date of a series: the first of `DATE_SOURCES` that is filled; the earliest of its slices.

    An absurd one (before 1990, in the future, before birth, or no date at all) is not replaced by the next:
    then a person is asked.
    """
    births = [birth for header in headers if (birth := header.day("PatientBirthDate"))]
    for source in DATE_SOURCES:
        values = [value for header in headers if (value := header.text(source))]
        if not values:
            continue
        days = [header.day(source) for header in headers if header.text(source)]
        found = [day for day in days if day is not None]
        problem = _date_problem(found, len(values), max(births, default=None), today)
        return AcquiredOn(None, "", problem) if problem else AcquiredOn(min(found), source, "")
    return AcquiredOn(None, "", "The file carries no date. Say when the scan was made.")


def _date_problem(days: list[date], values: int, birth: date | None, today: date) -> str:
    if len(days) != values:
        return "The date in the file is not a date. Say when the scan was made."
    if max(days) > today:
        return "The date in the file lies in the future. Say when the scan was made."
    if min(days) < EARLIEST:
        return "The date in the file lies before 1990. Say when the scan was made."
    if birth is not None and min(days) < birth:
        return "The date in the file lies before the patient's birth. Say when the scan was made."
    return ""


def description(header: Header) -> str:
    """What the scanner calls the series, if it does not name the patient."""
    found = header.text("SeriesDescription") or header.text("ProtocolName") or header.text("StudyDescription")
    return without_names(clean_text(found, MAX_DESCRIPTION), header.text("PatientName"), header.text("PatientID"))


def acquisition_facts(header: Header, key: bytes) -> dict[str, object]:
    """How one slice was acquired: keyword to text, number or list of numbers; what is absent is left out.

    The scanner's serial number is kept as a keyed hash: enough to see that two scans differ.
    """
    facts: dict[str, object] = {}
    for keyword in TEXTS:
        if value := header.text(keyword):
            facts[keyword] = value
    for keyword in NUMBERS:
        if (number := header.number(keyword)) is not None:
            facts[keyword] = number
    for keyword, count in VECTORS:
        if header.text(keyword):
            facts[keyword] = list(header.numbers(keyword, count, "E_GEOMETRY"))
    if serial := header.text("DeviceSerialNumber"):
        facts["DeviceSerialNumber"] = keyed_hash("device", serial, key)[:16]
    return facts
