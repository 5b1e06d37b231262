"""An image file without what names a person: an allow-list of elements, keyed UIDs, full dates.

DICOM PS3.15 Basic Application Level Confidentiality Profile with Retain Longitudinal Temporal Information,
full dates: `confidentiality.csv` has each attribute's action codes, the profile's and ours. What the table does not
keep is not copied, at any depth; private elements never are.
"""

import csv
import struct
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from radiomics_tasks.imaging.series.header import Header, text
from radiomics_tasks.imaging.series.identity import keyed_uid
from radiomics_tasks.imaging.series.pixels import pixel_bytes
from radiomics_tasks.imaging.series.structure import EXPLICIT_BIG, IMPLICIT_LITTLE, PREAMBLE_BYTES, UNDEFINED
from radiomics_tasks.imaging.series.wording import names_somebody, naming_words

METHOD = "Deltarad: PS3.15 Basic Profile, full dates retained"
PROFILE_CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
)
IMPLEMENTATION_UID = UID("2.25.281361524478229306193062853927036716113")

# Each attribute with the standard's code and ours: K kept, C cleaned, U keyed, Z emptied, X removed.
ACTIONS = Path(__file__).with_name("confidentiality.csv")


def attributes(action: str) -> tuple[str, ...]:
    """The keywords of the attributes that the table gives this action."""
    with ACTIONS.open(newline="", encoding="utf-8") as file:
        return tuple(row["keyword"] for row in csv.DictReader(file) if row["action"] == action)


# A file's meta group is written afresh.
KEYED = tuple(keyword for keyword in attributes("U") if not keyword.startswith("MediaStorage"))
EMPTIED, CLEANED = attributes("Z"), attributes("C")
KEPT = (*attributes("K"), *CLEANED)


def _tags(keywords: Iterable[str]) -> frozenset[BaseTag]:
    found = [tag_for_keyword(keyword) for keyword in keywords]
    return frozenset(Tag(tag) for tag in found if tag is not None)


def _is_sequence(tag: BaseTag) -> bool:
    return dictionary_VR(tag) == "SQ"


_KEPT_TAGS = _tags(KEPT)
_CLEANED_TAGS = _tags(CLEANED)
_KEYED_TAGS = _tags(KEYED)
_SEQUENCE_TAGS = frozenset(
    tag for tag in _KEPT_TAGS | _tags(["DeidentificationMethodCodeSequence"]) if _is_sequence(tag)
)


def deidentified(ds: Dataset, key: bytes) -> Dataset:
    """A new dataset that holds only what is kept, UIDs of study, series, instance and frame keyed.

    Raw elements are copied as they are: nothing is parsed that is not needed.
    """
    clean = _kept(ds, key, naming_words(lambda keyword: text(ds, keyword)))
    for keyword in EMPTIED:
        setattr(clean, keyword, "")
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = METHOD
    clean.LongitudinalTemporalInformationModified = "UNMODIFIED"
    clean.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in PROFILE_CODES]
    return clean


def _kept(ds: Dataset, key: bytes, naming: frozenset[str]) -> Dataset:
    clean = Dataset()
    for tag in sorted(set(ds.keys()) & (_KEPT_TAGS | _KEYED_TAGS)):
        element: DataElement | RawDataElement | None = ds.get_item(tag)
        if tag in _SEQUENCE_TAGS:
            clean.add_new(tag, "SQ", [_kept(item, key, naming) for item in ds[tag].value or []])
        elif tag in _KEYED_TAGS:
            clean.add_new(tag, "UI", keyed_uid(text(ds, keyword_for_tag(tag)), key))
        elif tag in _CLEANED_TAGS and names_somebody(text(ds, keyword_for_tag(tag)), naming):
            continue
        elif isinstance(element, RawDataElement):
            clean[tag] = element._replace(value=element.value or b"")
        elif element is not None:
            clean[tag] = element
    return clean


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def clean_file(header: Header, key: bytes) -> bytes:
    """One image file without identity: zeroed preamble, fresh meta group, the pixel data as they were.

    The same file and key give the same bytes.
    """
    syntax = header.layout.transfer_syntax_uid
    ds = deidentified(header.ds, key)
    _as_written(ds, syntax)
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(header.layout.sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(str(ds.SOPInstanceUID))
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = "DELTARAD"
    file = DicomBytesIO()
    file.write(b"\0" * PREAMBLE_BYTES + b"DICM")
    write_file_meta_info(file, meta, enforce_standard=True)
    file.is_little_endian = syntax != EXPLICIT_BIG
    file.is_implicit_VR = syntax == IMPLICIT_LITTLE
    write_dataset(file, ds)
    return file.getvalue() + _pixel_element(header)


def _as_written(ds: Dataset, syntax: str) -> None:
    """Tell the writer that raw elements are in the file's own encoding, so that it copies them."""
    ds.set_original_encoding(syntax == IMPLICIT_LITTLE, syntax != EXPLICIT_BIG, ds._character_set)
    for tag in set(ds.keys()) & _SEQUENCE_TAGS:
        for item in ds[tag].value:
            _as_written(item, syntax)


def _pixel_element(header: Header) -> bytes:
    """The Pixel Data element, its bytes copied from the file."""
    syntax, raw = header.layout.transfer_syntax_uid, pixel_bytes(header)
    order = ">" if syntax == EXPLICIT_BIG else "<"
    length = UNDEFINED if header.layout.is_encapsulated else len(raw)
    head = struct.pack(f"{order}HH", 0x7FE0, 0x0010)
    if syntax == IMPLICIT_LITTLE:
        return head + struct.pack("<I", length) + raw
    is_words = header.whole("BitsAllocated") > 8 and not header.layout.is_encapsulated
    return head + (b"OW" if is_words else b"OB") + struct.pack(f"{order}HI", 0, length) + raw


def store_clean_file(header: Header, key: bytes, out: Path) -> str:
    """Write the clean file into `out` under its SHA-256 and return that digest."""
    content = clean_file(header, key)
    digest = sha256(content).hexdigest()
    target = out / digest
    if not target.exists():
        target.write_bytes(content)
    return digest
