"""When and how a series was acquired, as far as later comparisons need to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from radiomics_tasks.imaging.series.header import Header, finite
from radiomics_tasks.imaging.series.identity import clean_text, keyed_hash, without_names
from radiomics_tasks.imaging.series.vendor import b_value, reconstruction_text
from radiomics_tasks.imaging.series.wording import clinical_only, names_somebody, naming_words

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
    "ReconstructionAlgorithm",
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
# What changes from slice to slice (the tube follows the body): the middle of all slices is kept.
VARYING = ("Exposure", "ExposureTime", "XRayTubeCurrent")
# Where scanners write a number in a finer unit instead: the element and what one of its units is worth.
FINER = {
    "Exposure": ("ExposureInuAs", 1e-3),
    "XRayTubeCurrent": ("XRayTubeCurrentInuA", 1e-3),
    "ExposureTime": ("ExposureTimeInuS", 1e-3),
}
# Texts that people type: a name may have got into them.
TYPED = ("ContrastBolusAgent", "ContrastBolusRoute", "ReceiveCoilName", "ReconstructionMethod", "SequenceName")
WITHHELD = "withheld"


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
    """What the scanner calls the series, in the words of the trade alone."""
    found = header.text("SeriesDescription") or header.text("ProtocolName") or header.text("StudyDescription")
    nameless = without_names(clean_text(found, MAX_DESCRIPTION), header.text("PatientName"), header.text("PatientID"))
    return clinical_only(nameless)


def acquisition_facts(headers: Sequence[Header], key: bytes) -> dict[str, object]:
    """How a series was acquired: keyword to text, number or list of numbers; what is absent is left out.

    Of what slices share the first tells; the tube's load is the median of all slices, the acquisition time the
    earliest. The scanner's serial number is kept as a keyed hash: enough to see that two scans differ.
    """
    first = headers[0]
    facts: dict[str, object] = {}
    for keyword in TEXTS:
        if value := first.text(keyword):
            facts[keyword] = _nameless(first, value) if keyword in TYPED else value
    for keyword in NUMBERS:
        if (number := _number(headers if keyword in VARYING else headers[:1], keyword)) is not None:
            facts[keyword] = number
    for keyword, count in VECTORS:
        if first.text(keyword):
            facts[keyword] = list(first.numbers(keyword, count, "E_GEOMETRY"))
    if serial := first.text("DeviceSerialNumber"):
        facts["DeviceSerialNumber"] = keyed_hash("device", serial, key)[:16]
    return facts | _times(headers) | _private_facts(first, facts)


def _number(headers: Sequence[Header], keyword: str) -> float | None:
    found = [value for header in headers if (value := header.number(keyword)) is not None]
    if not found and keyword in FINER:
        finer, worth = FINER[keyword]
        found = [value * worth for header in headers if (value := header.number(finer)) is not None]
    return median(found) if found else None


def _times(headers: Sequence[Header]) -> dict[str, object]:
    """When the first slice was taken, from the time or else from the date and time in one."""
    times = [header.text("AcquisitionTime") or header.text("AcquisitionDateTime")[8:] for header in headers]
    known = [time for time in times if finite(time) is not None]
    return {"AcquisitionTime": min(known)} if known else {}


def _private_facts(header: Header, facts: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    if told := reconstruction_text(header):
        found["VendorReconstruction"] = _nameless(header, told)
    if "DiffusionBValue" not in facts and (value := b_value(header)) is not None:
        found["DiffusionBValue"] = value
    return found


def _nameless(header: Header, value: str) -> str:
    """A typed text, or the word that something stands there which names somebody."""
    return WITHHELD if names_somebody(value, naming_words(header.text)) else value
