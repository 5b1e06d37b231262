"""One image file's header, its elements read as checked values; no pixels."""

import math
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.valuerep import PersonName

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.identity import clean_text
from radiomics_tasks.imaging.series.structure import Layout, file_layout, missing, unreadable

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_BROKEN = (AttributeError, EOFError, LookupError, NotImplementedError, OSError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Header:
    """A file's dataset without pixels, and where its pixel data lie."""

    path: Path
    ds: Dataset
    layout: Layout

    def text(self, keyword: str) -> str:
        """An element as clean text; several values joined by a backslash; empty where absent or unreadable."""
        return text(self.ds, keyword)

    def words(self, keyword: str) -> list[str]:
        """An element's values as clean text."""
        return [word for word in self.text(keyword).split("\\") if word]

    def uid(self, keyword: str) -> str:
        """A UID that must be there and valid: E_MISSING_TAG or E_BAD_UID."""
        value = self.text(keyword)
        if not value:
            raise missing(_reading(keyword))
        if len(value) > 64 or not _UID.fullmatch(value):
            raise Refusal("E_BAD_UID", "Identifiers in the file are invalid. Export it again.")
        return value

    def whole(self, keyword: str) -> int:
        """A whole number that must be there: E_MISSING_TAG or E_UNREADABLE."""
        value = self.text(keyword)
        if not value:
            raise missing(_reading(keyword))
        if not re.fullmatch(r"-?[0-9]{1,12}", value):
            raise unreadable()
        return int(value)

    def number(self, keyword: str) -> float | None:
        """A finite number, or None where it is absent or not one."""
        return number(self.ds, keyword)

    def numbers(self, keyword: str, count: int, code: str) -> tuple[float, ...]:
        """Finite numbers that must be there, exactly `count`: E_MISSING_TAG, or `code` where they are not numbers."""
        if not self.text(keyword):
            raise missing(_reading(keyword))
        values = [finite(word) for word in self.text(keyword).split("\\")]
        found = tuple(value for value in values if value is not None)
        if len(found) != count or len(values) != count:
            raise Refusal(code, f"{_reading(keyword)} is not a valid number. Export the series again.")
        return found

    def day(self, keyword: str) -> date | None:
        """A DICOM date (YYYYMMDD), or None where it is absent or not one."""
        return day(self.text(keyword))


def read_header(path: Path) -> Header:
    """The header of one DICOM file, after its structure was walked within bounds.

    Raises Refusal as `file_layout` does, and E_UNREADABLE where the parser gives up.
    """
    layout = file_layout(path)
    try:
        return Header(path, pydicom.dcmread(path, stop_before_pixels=True), layout)
    except (InvalidDicomError, *_BROKEN) as error:
        raise unreadable() from error


def text(ds: Dataset, keyword: str) -> str:
    """An element as clean text; several values joined by a backslash; empty where absent or unreadable."""
    try:
        value = ds.get(keyword)
        if value is None:
            return ""
        # A person's name can be iterated, too: it gives its letters.
        several = not isinstance(value, str | bytes | PersonName) and hasattr(value, "__iter__")
        return "\\".join(clean_text(part) for part in value) if several else clean_text(value)
    except _BROKEN:
        # A number that is no number ("1,5") makes the parser raise; its bytes still tell what stands there.
        raw = getattr(ds.get_item(keyword), "value", b"")
        return clean_text(raw.decode("latin-1") if isinstance(raw, bytes) else raw)


def number(ds: Dataset, keyword: str) -> float | None:
    """A finite number, or None where it is absent or not one; the first of several."""
    return finite(text(ds, keyword).split("\\")[0])


def day(value: str) -> date | None:
    """A DICOM date (YYYYMMDD), or None where it is not one."""
    if not re.fullmatch(r"[0-9]{8}", value):
        return None
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None


def finite(value: str) -> float | None:
    """Text as a finite number, or None where it is not one."""
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) and "_" not in value else None


def _reading(keyword: str) -> str:
    """`PixelSpacing` as a person reads it: "Pixel Spacing"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", keyword)
