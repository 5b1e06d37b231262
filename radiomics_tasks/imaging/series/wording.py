"""Text that people typed, as far as it may be kept: no word of it may name somebody.

Names of files and descriptions of series keep the words of the trade and short numbers; what else stands in them
becomes an ellipsis, in labels of outlines a code. Typed elements go where they share a word with whoever the file
names.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from radiomics_tasks.imaging.series.identity import keyed_hash

GONE = "…"
SHORTEST_NAME = 3
# Who a file may name: persons, and the numbers by which a hospital knows its patient.
NAMING = [
    "PatientName",
    "PatientID",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "MedicalRecordLocator",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "PhysiciansOfRecord",
    "NameOfPhysiciansReadingStudy",
    "ConsultingPhysicianName",
    "RequestingPhysician",
    "ResponsiblePerson",
    "ScheduledPerformingPhysicianName",
    "ReviewerName",
    "ContentCreatorName",
    "VerifyingObserverName",
    "ROIInterpreter",
]
_RUN = re.compile(r"[^\W_]+")
_COUNTED = re.compile(r"([^\W\d_]*)(\d{0,4})([^\W\d_]{0,2})")
_GAPS = re.compile(rf"[^\w/]*{GONE}(?:[^\w/.]*{GONE})*")
_LOUD = re.compile(r"[\^=<>{}$;'\"|]+")


@cache
def clinical_words() -> frozenset[str]:
    """The words of the trade that descriptions and file names may keep."""
    return frozenset(Path(__file__).with_name("clinical_words.txt").read_text(encoding="utf-8").split())


def clinical_only(text: str) -> str:
    """A description or a file's name with what could name somebody left out.

    Examples
    --------
    >>> clinical_only("Thorax ven. 5 mm for Dr Miller 19540312")
    'Thorax ven. 5 mm…'
    >>> clinical_only("Doe^Jane/CT/IM0001.dcm")
    '…/CT/IM0001.dcm'
    """
    kept = _LOUD.sub(" ", _RUN.sub(lambda run: run.group() if _is_plain(run.group()) else GONE, text))
    return _GAPS.sub(GONE, kept).strip()


def _is_plain(run: str) -> bool:
    counted = _COUNTED.fullmatch(run.casefold())
    if len(run) == 1 or counted is None:
        return len(run) == 1
    word, digits, unit = counted.groups()
    if not digits:
        return word + unit in clinical_words()
    return (len(word) < 2 or word in clinical_words()) and (len(unit) < 2 or unit in clinical_words())


def words(text: str) -> set[str]:
    """The words of a text, in small letters."""
    return set(re.split(r"[\W_]+", text.casefold())) - {""}


def naming_words(told: Callable[[str], str]) -> frozenset[str]:
    """The words by which a file names persons; `told` gives an element's text."""
    return frozenset(word for keyword in NAMING for word in words(told(keyword)) if len(word) >= SHORTEST_NAME)


def names_somebody(text: str, naming: frozenset[str]) -> bool:
    """Whether a typed text repeats a word of a name, or is written as DICOM writes a name."""
    return "^" in text or bool(words(text) & naming)


def label_kept(label: str, naming: frozenset[str], key: bytes) -> str:
    """An outline's label, by which its lesion is met again; words of it that may name somebody become a code.

    A name may stand in the label alone, where nothing says that it is one: so only the words of the trade stay. The
    code is the same for the same label at this site, however it is spaced and capitalised, and so meets its lesion.

    Examples
    --------
    >>> label_kept("Liver 1 (seg. IV)", frozenset(), b"key")
    'Liver 1 (seg. IV)'
    >>> label_kept("Miller liver 1", frozenset(), b"key") == label_kept("miller  LIVER 1", frozenset(), b"key")
    True
    """
    code = keyed_hash("label", " ".join(label.casefold().split()), key)[:6]
    if names_somebody(label, naming):
        return f"outline {code}"
    runs = _RUN.findall(label)
    plain = [run.casefold() for run in runs if _is_plain(run)]
    return label if len(plain) == len(runs) else f"{' '.join(plain) or 'outline'} {code}"
