"""What a received file is, by its first bytes; its name decides nothing but how a refusal is worded."""

import zlib
from contextlib import suppress
from enum import Enum
from pathlib import Path

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.series.structure import PREAMBLE_BYTES, is_dicom
from radiomics_tasks.imaging.sorting.archive import has_zip_trailer, is_archive, is_zip
from radiomics_tasks.imaging.sorting.received import ReceivedFile

HEAD_BYTES = 512
NIFTI_HEAD_BYTES = 348
# zlib's word for a gzip wrapper.
GZIP_WINDOW = 31
IGNORED_NAMES = {".ds_store", "thumbs.db", "desktop.ini", "dicomdir", "dirfile", "lockfile", "version"}
IGNORED_STEMS = {"readme", "license", "licence", "copying"}
IGNORED_FOLDERS = {"__macosx", ".git"}
# Companions that people keep beside their images.
IGNORED_ENDINGS = {".txt", ".md", ".json", ".csv", ".tsv", ".xml", ".log", ".pdf", ".yaml", ".yml", ".ini", ".inf"}
DICOM_ENDINGS = {"", ".dcm", ".dicom", ".ima", ".img", ".dic"}
# Programs, pages and pictures whose first bytes fit into the preamble of a DICOM file.
_FOREIGN = (b"MZ", b"\x7fELF", b"%PDF", b"PK", b"#!", b"<", b"GIF8", b"\x89PNG", b"\xff\xd8", b"Rar!", b"7z\xbc\xaf")
_FOREIGN_BINARIES = (b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_NIFTI_SINGLE, _NIFTI_PAIR = (b"n+1\0", b"n+2\0"), (b"ni1\0", b"ni2\0")


class Kind(Enum):
    """What is done with a received file."""

    ARCHIVE = "archive"
    DICOM = "dicom"
    IMAGE = "image"
    IGNORED = "ignored"


def kind_of(file: ReceivedFile) -> Kind:
    """What a received file is.

    Raises Refusal E_EMPTY, E_TYPE, E_NOT_DICOM, E_POLYGLOT, E_DETACHED or E_ZIP_NOT_AT_ZERO, or E_TRUNCATED.
    """
    if _is_companion(file):
        return Kind.IGNORED
    if file.path.stat().st_size == 0:
        raise Refusal("E_EMPTY", "The file is empty. Copy it again.")
    with file.path.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if is_zip(head):
        return Kind.ARCHIVE
    if has_zip_trailer(file.path):
        raise Refusal(
            "E_ZIP_NOT_AT_ZERO", "The file is not a plain zip: something else comes before it. Pack it again."
        )
    if is_dicom(head):
        _check_preamble(head)
        return Kind.DICOM
    if head.startswith(b"NRRD000"):
        return Kind.IMAGE
    return _other_kind(file, head)


def _is_companion(file: ReceivedFile) -> bool:
    name = file.base_name.casefold()
    in_passed_over = any(folder.casefold() in IGNORED_FOLDERS for folder in file.folder)
    return in_passed_over or name in IGNORED_NAMES or name.startswith("._") or _stem(name) in IGNORED_STEMS


def _stem(name: str) -> str:
    return name.split(".")[0]


def _check_preamble(head: bytes) -> None:
    if head[:PREAMBLE_BYTES].lstrip().startswith(_FOREIGN) or head.startswith(_FOREIGN_BINARIES):
        raise Refusal("E_POLYGLOT", "The start of the file holds unexpected data. Export it again.")


def _other_kind(file: ReceivedFile, head: bytes) -> Kind:
    name = file.base_name.casefold()
    opened = _unzipped_head(file.path) if head.startswith(b"\x1f\x8b") else head
    if opened is not head and name.endswith(".nii.gz") and len(opened) < NIFTI_HEAD_BYTES:
        raise Refusal("E_TRUNCATED", "The file is cut short or damaged. Copy it again.")
    return _unwrapped_kind(name, head, opened)


def _unwrapped_kind(name: str, head: bytes, opened: bytes) -> Kind:
    if opened[344:348] in _NIFTI_SINGLE or opened[4:8] in _NIFTI_SINGLE:
        return Kind.IMAGE
    is_meta = opened.lstrip().startswith((b"ObjectType", b"NDims"))
    if (
        opened[344:348] in _NIFTI_PAIR
        or name.endswith((".hdr", ".mhd", ".nhdr"))
        or _is_detached(opened, is_meta=is_meta)
    ):
        raise Refusal("E_DETACHED", "The header names another file. Send a single-file image (.nii.gz or .nrrd).")
    if name.endswith(".zip"):
        raise Refusal("E_TYPE", "This is not a zip file. Pack it again as a zip.")
    if is_archive(head) or head.startswith(b"\x1f\x8b"):
        raise Refusal("E_TYPE", "This kind of archive is not accepted. Send a zip or the files themselves.")
    if name.endswith((".nii", ".nii.gz", ".nrrd")):
        raise Refusal("E_TYPE", "This is neither a NIfTI nor an NRRD image. Save it again as .nii.gz or .nrrd.")
    ending = Path(name).suffix
    if ending in IGNORED_ENDINGS:
        return Kind.IGNORED
    if ending in DICOM_ENDINGS or ending.strip(".").isdigit():
        raise Refusal("E_NOT_DICOM", "This is not a DICOM file. Send the images as scanner or PACS export them.")
    raise Refusal("E_TYPE", "This kind of file is not measured. Send DICOM, .nii.gz or .nrrd.")


def _is_detached(opened: bytes, *, is_meta: bool) -> bool:
    return is_meta and b"ElementDataFile = LOCAL" not in opened


def _unzipped_head(path: Path) -> bytes:
    """What a packed file begins with, also where it was cut short later on; nothing where it cannot be unpacked."""
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    opened = b""
    with path.open("rb") as file, suppress(zlib.error):
        while len(opened) < HEAD_BYTES and (packed := file.read(HEAD_BYTES)):
            opened += unpacking.decompress(packed, HEAD_BYTES - len(opened))
    return opened
