"""What a PET says about its tracer: dose, half-life, and whether nuclide and tracer fit together."""

import re

from pydicom.dataset import Dataset

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.header import Header, number, text

# Half-lives in seconds (QIBA FDG-PET profile and its companions).
HALF_LIVES_S = {"F-18": 6586.2, "Ga-68": 4057.7, "Cu-64": 45723.0, "Zr-89": 282276.0}
HALF_LIFE_TOLERANCE_RATIO = 0.01
LOWEST_DOSE_BQ = 1e5
# PS3.16 CID 4020: SNOMED CT and the older SRT codes.
NUCLIDE_CODES = {
    "77004003": "F-18",
    "C-111A1": "F-18",
    "80751004": "Ga-68",
    "C-131A3": "Ga-68",
    "C-127A2": "Cu-64",
    "C-168A4": "Zr-89",
}
ELEMENTS = {"f": "F", "fluorine": "F", "ga": "Ga", "gallium": "Ga", "cu": "Cu", "copper": "Cu", "zr": "Zr"}
ELEMENTS |= {"zirconium": "Zr"}
# Tracers that come with one nuclide only; the others say nothing.
TRACER_NUCLIDES = {
    "fdg": "F-18",
    "fluorodeoxyglucose": "F-18",
    "fludeoxyglucose": "F-18",
    "psma-1007": "F-18",
    "dcfpyl": "F-18",
    "dotatoc": "Ga-68",
    "edotreotide": "Ga-68",
    "dotanoc": "Ga-68",
    "psma-11": "Ga-68",
}
# One name for one tracer, however a scanner spells it (PS3.16 CID 4021, vendors' texts): a word that betrays it.
TRACER_NAMES = {
    "fdg": "FDG",
    "fluorodeoxyglucose": "FDG",
    "fludeoxyglucose": "FDG",
    "35321007": "FDG",
    "c-b1031": "FDG",
    "psma-1007": "PSMA-1007",
    "psma-11": "PSMA-11",
    "dcfpyl": "DCFPyL",
    "dotatoc": "DOTATOC",
    "edotreotide": "DOTATOC",
    "dotatate": "DOTATATE",
    "dotanoc": "DOTANOC",
}
# What to do: an export that drops tags can be repeated, a wrong entry must be put right where it was made.
EXPORT_WHOLE = "Export the PET again with all its tags."
CORRECT_AT_SOURCE = "Correct it at the scanner, and export the PET again."
_ISOTOPE = re.compile(r"(?i)\b(?:([a-z]+)[\s^-]*([0-9]{2,3})|\^?([0-9]{2,3})\^?[\s-]*([a-z]+))\b")


def tracer_of(header: Header) -> Dataset:
    """The item that describes the radiopharmaceutical; Refusal E_SUV_DOSE where there is none."""
    items = header.ds.get("RadiopharmaceuticalInformationSequence")
    if not items:
        sentence = f"SUV is undefined: the radiopharmaceutical's dose and times are missing. {EXPORT_WHOLE}"
        raise Refusal("E_SUV_DOSE", sentence)
    found: Dataset = items[0]
    return found


def dose_bq(tracer: Dataset) -> float:
    """The injected activity in Bq; Refusal E_SUV_DOSE where it is missing or stands in MBq."""
    dose = number(tracer, "RadionuclideTotalDose")
    if not dose or dose < 0:
        raise Refusal("E_SUV_DOSE", f"SUV is undefined: the injected dose is missing. {EXPORT_WHOLE}")
    if dose < LOWEST_DOSE_BQ:
        sentence = (
            f"SUV is undefined: the injected dose of {dose:g} must be in MBq; DICOM asks for Bq. {CORRECT_AT_SOURCE}"
        )
        raise Refusal("E_SUV_DOSE", sentence)
    return dose


def half_life_s(tracer: Dataset) -> float:
    """The stated half-life in seconds, within 1 % of its nuclide's.

    Raises Refusal E_SUV_HALF_LIFE or E_SUV_NUCLIDE.
    """
    half_life = number(tracer, "RadionuclideHalfLife")
    if not half_life or half_life < 0:
        sentence = f"SUV is undefined: the half-life of the radionuclide is missing. {EXPORT_WHOLE}"
        raise Refusal("E_SUV_HALF_LIFE", sentence)
    stated = _stated_nuclide(tracer)
    fitting = [name for name, value in HALF_LIVES_S.items() if abs(half_life / value - 1) <= HALF_LIFE_TOLERANCE_RATIO]
    if stated and stated not in HALF_LIVES_S:
        known = ", ".join(HALF_LIVES_S)
        sentence = f"SUV is undefined: this radionuclide is not known here. Send a PET of {known}, or one in SUV."
        raise Refusal("E_SUV_NUCLIDE", sentence)
    if not fitting or (stated and stated not in fitting):
        which = stated or "any known radionuclide"
        sentence = f"SUV is undefined: a half-life of {half_life:g} s is not that of {which}. {CORRECT_AT_SOURCE}"
        raise Refusal("E_SUV_HALF_LIFE", sentence)
    _fits_tracer(tracer, fitting[0])
    return half_life


def tracer_name(tracer: Dataset) -> str:
    """The tracer's usual name, or its text as it stands; empty where nothing is stated."""
    codes = tracer.get("RadiopharmaceuticalCodeSequence") or []
    stated = text(tracer, "Radiopharmaceutical")
    told = [stated, *(text(item, word) for item in codes for word in ("CodeValue", "CodeMeaning"))]
    for words in told:
        if known := next((name for sign, name in TRACER_NAMES.items() if sign in words.casefold()), ""):
            return known
    return stated or next((text(item, "CodeMeaning") for item in codes), "")


def _stated_nuclide(tracer: Dataset) -> str:
    """The nuclide that the code sequence names, like "F-18"; empty where none is named."""
    for item in tracer.get("RadionuclideCodeSequence") or []:
        known = NUCLIDE_CODES.get(text(item, "CodeValue"))
        if named := known or _isotope(text(item, "CodeMeaning")):
            return named
    return ""


def _isotope(words: str) -> str:
    """An isotope named in words ("^18^Fluorine", "F-18", "Zirconium 89"), like "F-18"."""
    for match in _ISOTOPE.finditer(words.replace("^", " ")):
        element, mass = (match[1], match[2]) if match[1] else (match[4], match[3])
        if symbol := ELEMENTS.get(element.casefold()):
            return f"{symbol}-{mass}"
    return ""


def _fits_tracer(tracer: Dataset, nuclide: str) -> None:
    codes = tracer.get("RadiopharmaceuticalCodeSequence") or []
    words = " ".join([text(tracer, "Radiopharmaceutical"), *(text(item, "CodeMeaning") for item in codes)])
    expected = _isotope(words) or next((n for word, n in TRACER_NUCLIDES.items() if word in words.casefold()), "")
    if expected and expected != nuclide:
        sentence = f"SUV is undefined: the tracer carries {expected}, the half-life is {nuclide}'s. {CORRECT_AT_SOURCE}"
        raise Refusal("E_SUV_NUCLIDE", sentence)
