"""The quantities that acquisition rules ask about, each read from a scan's facts by its name in the rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from radiomics_tasks.analysis.trust.comparability.kernels import KernelClass, kernel_class
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

DAY_S = 86_400.0
# A longer delay is another injection's, or two clocks that do not agree.
LONGEST_DELAY_S = 1_800.0
SUV_BY_WEIGHT = "BW"
# `VendorReconstruction` is what intake found in the maker's private elements.
RECONSTRUCTION_TEXTS = (
    "ReconstructionAlgorithm",
    "VendorReconstruction",
    "ReconstructionMethod",
    "ConvolutionKernel",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that scanners use, as tables a site may edit.

    `no_contrast` are texts of the contrast agent that mean none; `reconstructions` gives each family of
    reconstruction the words that betray it in the algorithm's name, the kernel or the series description.
    """

    kernels: tuple[KernelClass, ...] = ()
    no_contrast: frozenset[str] = frozenset()
    reconstructions: Mapping[str, Sequence[str]] | None = None


Number = Callable[[ScanFacts], tuple[float, ...] | None]
Word = Callable[[ScanFacts, Wording], str | None]


def numbers_of(facts: ScanFacts, key: str) -> tuple[float, ...] | None:
    """A number (as a tuple of one) or a vector by its name in the rules; None where nothing is known.

    Examples
    --------
    >>> scan = ScanFacts(acquisition={"XRayTubeCurrent": 200.0, "ExposureTime": 500.0, "KVP": 120.0})
    >>> numbers_of(scan, "mas"), numbers_of(scan, "KVP"), numbers_of(scan, "SliceThickness")
    ((100.0,), (120.0,), None)
    """
    derived = NUMBERS.get(key)
    return derived(facts) if derived else facts.numbers(key)


def word_of(facts: ScanFacts, key: str, wording: Wording) -> str | None:
    """A word by its name in the rules, lower case where only case differs between scanners; None where silent.

    Examples
    --------
    >>> word_of(ScanFacts(modality="CT", acquisition={"Manufacturer": "SIEMENS "}), "Manufacturer", Wording())
    'siemens'
    """
    derived = WORDS.get(key)
    found = derived(facts, wording) if derived else facts.text(key)
    return found.casefold() if found else None


def _one(value: float | None) -> tuple[float, ...] | None:
    return None if value is None else (value,)


def _mas(facts: ScanFacts) -> tuple[float, ...] | None:
    exposure = facts.number("Exposure")
    current, time_ms = facts.number("XRayTubeCurrent"), facts.number("ExposureTime")
    if exposure is None and current is not None and time_ms is not None:
        return (current * time_ms / 1000,)
    return _one(exposure)


def seconds_of_day(value: str | None) -> float | None:
    """The seconds since midnight of a DICOM time with hours, minutes and seconds, else None.

    >>> seconds_of_day("101000.5"), seconds_of_day("10")
    (36600.5, None)
    """
    match = re.fullmatch(r"([0-9]{2})([0-9]{2})([0-9]{2}(?:\.[0-9]{1,6})?)", value or "")
    return None if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])


def _contrast_delay_s(facts: ScanFacts) -> tuple[float, ...] | None:
    """Seconds from the start of the injection to the acquisition, over midnight if need be."""
    begun, taken = seconds_of_day(facts.text("ContrastBolusStartTime")), seconds_of_day(facts.text("AcquisitionTime"))
    if begun is None or taken is None:
        return None
    delay_s = (taken - begun) % DAY_S
    return (delay_s,) if delay_s <= LONGEST_DELAY_S else None


def _slice_gap_mm(facts: ScanFacts) -> tuple[float, ...] | None:
    thickness_mm = facts.number("SliceThickness")
    if thickness_mm is None or facts.slice_mm is None:
        return None
    return (float(Decimal(repr(facts.slice_mm)) - Decimal(repr(thickness_mm))),)


def _suv_number(key: str, divisor: float = 1.0) -> Number:
    def found(facts: ScanFacts) -> tuple[float, ...] | None:
        value = facts.suv.get(key)
        return (float(value) / divisor,) if isinstance(value, int | float) and value > 0 else None

    return found


NUMBERS: Mapping[str, Number] = {
    "mas": _mas,
    "contrast_delay_s": _contrast_delay_s,
    "slice_gap_mm": _slice_gap_mm,
    "jitter_mm": lambda facts: _one(facts.jitter_mm),
    "aorta_hu": lambda facts: _one(facts.probes.aorta_hu),
    "liver_hu": lambda facts: _one(facts.probes.liver_hu),
    "liver_suv": lambda facts: _one(facts.probes.liver_suv),
    "uptake_minutes": _suv_number("elapsed_s", 60.0),
    "dose_bq": _suv_number("dose_bq"),
    "weight_kg": _suv_number("weight_kg"),
    "outside_ratio": lambda facts: _one(facts.outline.outside_ratio) if facts.outline else None,
}


def _contrast(facts: ScanFacts, wording: Wording) -> str | None:
    agent = facts.text("ContrastBolusAgent")
    if agent is None:
        return None
    return "no" if agent.casefold() in wording.no_contrast else "yes"


def _kernel_class(facts: ScanFacts, wording: Wording) -> str | None:
    name = facts.text("ConvolutionKernel")
    return kernel_class(facts.text("Manufacturer") or "", name, wording.kernels) if name else None


def _kernel_name(facts: ScanFacts, _: Wording) -> str | None:
    return (facts.text("ConvolutionKernel") or "").split("\\")[0]


def _reconstruction(facts: ScanFacts, wording: Wording) -> str | None:
    """The family of the reconstruction; the one that a table names first where several words fit."""
    told = (facts.text(key) for key in RECONSTRUCTION_TEXTS)
    words = " ".join([*(text for text in told if text), facts.description]).casefold()
    families = (wording.reconstructions or {}).items()
    return next((family for family, signs in families if any(sign in words for sign in signs)), None)


def _fat_suppression(facts: ScanFacts, _: Wording) -> str | None:
    options = facts.text("ScanOptions")
    if options is None:
        return None
    return "fs" if "FS" in (word.strip().upper() for word in options.split("\\")) else "no fs"


def _rescale(facts: ScanFacts, _: Wording) -> str | None:
    """What the stored values of a CT are scaled to. By the standard a Rescale Type is needed only if it is not HU."""
    if facts.modality != "CT":
        return "not CT"
    if facts.kind != "dicom":
        return None
    if facts.number("RescaleSlope") is None or facts.number("RescaleIntercept") is None:
        return "missing"
    return facts.text("RescaleType") or "HU"


def _units(facts: ScanFacts, _: Wording) -> str:
    return str(facts.suv.get("units") or "missing")


def _suv_type(facts: ScanFacts, wording: Wording) -> str:
    is_suv = _units(facts, wording).upper() == "GML"
    return str(facts.suv.get("suv_type") or SUV_BY_WEIGHT) if is_suv else SUV_BY_WEIGHT


def _counts_factor(facts: ScanFacts, wording: Wording) -> str:
    is_known = _units(facts, wording).upper() != "CNTS" or facts.suv.get("method")
    return "known" if is_known else "missing"


def _weight(facts: ScanFacts, wording: Wording) -> str:
    is_needed = _units(facts, wording).upper() == "BQML"
    return "missing" if is_needed and NUMBERS["weight_kg"](facts) is None else "known"


def _decay(facts: ScanFacts, wording: Wording) -> str:
    if _units(facts, wording).upper() == "GML":
        return "not needed"
    return str(facts.suv.get("decay_correction") or "missing")


def _outline(key: str) -> Word:
    def found(facts: ScanFacts, _: Wording) -> str | None:
        return str(getattr(facts.outline, key)) if facts.outline else None

    return found


WORDS: Mapping[str, Word] = {
    "modality": lambda facts, _: facts.modality,
    "contrast": _contrast,
    "kernel_class": _kernel_class,
    "kernel_name": _kernel_name,
    "reconstruction": _reconstruction,
    "fat_suppression": _fat_suppression,
    "rescale": _rescale,
    "radiopharmaceutical": lambda facts, _: str(facts.suv.get("radiopharmaceutical") or ""),
    "units": _units,
    "suv_type": _suv_type,
    "counts_factor": _counts_factor,
    "weight": _weight,
    "decay_correction": _decay,
    "outline_method": _outline("method"),
    "outline_annotator": _outline("annotator"),
    "profile_digest": _outline("profile_digest"),
}


def shown(facts: ScanFacts, key: str, wording: Wording, unit: str) -> str | None:
    """A quantity as a reader sees it, in the file's own spelling; None where the scan is silent.

    Examples
    --------
    >>> shown(ScanFacts(acquisition={"PixelSpacing": [0.7, 0.75]}), "PixelSpacing", Wording(), " mm")
    '0.7 × 0.75 mm'
    """
    if key == "acquired_on":
        return facts.acquired_on.isoformat() if facts.acquired_on else None
    numbers = numbers_of(facts, key)
    if numbers is not None:
        return " × ".join(f"{number:.6g}" for number in numbers) + unit
    derived = WORDS.get(key)
    return (derived(facts, wording) or None) if derived else facts.text(key)
