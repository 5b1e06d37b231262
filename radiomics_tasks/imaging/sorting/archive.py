"""A zip archive unpacked within limits, or refused as a whole.

Its trailer is read before its directory, its directory before its data; names never become paths on disk.
Limits are absolute sizes: a lesion's mask is honestly compressed a thousandfold, so a ratio says nothing.
"""

import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from patients.failpoints import reached
from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.sorting.received import ArchiveLimits, ReceivedFile

LOCAL_HEADER = b"PK\x03\x04"
TRAILER = b"PK\x05\x06"
MAX_NAME = 1024
MAX_COMMENT = 65535
_TRAILER_BYTES = 22
_LOCAL_BYTES = 30
_CHUNK = 1 << 20
_ENCRYPTED = 0x1 | 0x40
_ARCHIVES = (LOCAL_HEADER, TRAILER, b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
_DRIVE = 2


def is_zip(head: bytes) -> bool:
    """Whether a file begins as a zip archive does, empty ones included."""
    return head.startswith((LOCAL_HEADER, TRAILER))


def is_archive(head: bytes) -> bool:
    """Whether a file begins as an archive or a compressed stream other than gzip does."""
    return head.startswith(_ARCHIVES) or head[257:262] == b"ustar"


def has_zip_trailer(path: Path) -> bool:
    """Whether a zip's trailer closes the file, whatever it begins with."""
    return _trailer_at(_tail(path)) is not None


def unpack(archive: ReceivedFile, into: Path, limits: ArchiveLimits) -> list[ReceivedFile]:
    """Unpack one archive into `into`, each entry under a number; `name` keeps the path inside the archive.

    Raises
    ------
    Refusal
        E_EMPTY, E_TYPE, E_NESTED_ARCHIVE or E_ZIP_…; then nothing of the archive may be used.
    """
    size = archive.path.stat().st_size
    if size == 0:
        raise Refusal("E_EMPTY", "The file is empty. Copy it again.")
    with archive.path.open("rb") as file:
        if not is_zip(file.read(4)):
            raise Refusal("E_TYPE", "This is not a zip file. Pack it again as a zip.")
    directory_at = _check_trailer(archive.path, size, limits)
    entries = _directory(archive.path)
    if not entries:
        raise Refusal("E_EMPTY", "The archive is empty. Pack the scan again.")
    _check_names(entries)
    _check_sizes(entries, limits)
    into.mkdir(parents=True, exist_ok=True)
    with archive.path.open("rb") as file:
        spans = [_span(file, entry) for entry in entries]
        _check_overlap(spans, directory_at)
        return [
            ReceivedFile(_inflate(file, span, into / f"{number:06d}"), span.entry.filename)
            for number, span in enumerate(spans)
            if not span.entry.is_dir()
        ]


@dataclass(frozen=True, slots=True)
class _Span:
    entry: zipfile.ZipInfo
    data_at: int

    @property
    def end(self) -> int:
        return self.data_at + self.entry.compress_size


def _corrupt() -> Refusal:
    return Refusal("E_ZIP_CORRUPT", "The archive is damaged. Pack it again.")


def _tail(path: Path) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TRAILER_BYTES - MAX_COMMENT))
        return file.read()


def _trailer_at(tail: bytes) -> int | None:
    """Where in the last bytes of a file a trailer stands whose comment ends with the file."""
    position = tail.rfind(TRAILER)
    while position >= 0:
        if position + _TRAILER_BYTES <= len(tail):
            (comment,) = struct.unpack_from("<H", tail, position + 20)
            if position + _TRAILER_BYTES + comment == len(tail):
                return position
        position = tail.rfind(TRAILER, 0, position)
    return None


def _check_trailer(path: Path, size: int, limits: ArchiveLimits) -> int:
    """Check what the trailer says before the directory is read; returns where the directory begins."""
    tail = _tail(path)
    position = _trailer_at(tail)
    if position is None:
        if TRAILER in tail:
            raise Refusal("E_ZIP_TRAILER", "The file is not a plain zip: something follows its end. Pack it again.")
        raise _corrupt()
    disk, first_disk, here, total, length, offset = struct.unpack_from("<HHHHII", tail, position + 4)
    trailer_at = size - len(tail) + position
    if 0xFFFF in (here, total) or 0xFFFFFFFF in (length, offset):
        return _check_large_trailer(path, trailer_at, limits)
    if disk or first_disk or here != total:
        raise Refusal("E_ZIP_METHOD", "The archive is split or unusual. Use a normal zip.")
    _check_count(total, limits)
    if offset + length != trailer_at:
        raise Refusal("E_ZIP_NOT_AT_ZERO", "The file is not a plain zip: something else is in it. Pack it again.")
    return int(offset)


def _check_large_trailer(path: Path, trailer_at: int, limits: ArchiveLimits) -> int:
    """The same for the trailer of large archives (zip64)."""
    odd = Refusal("E_ZIP_METHOD", "The archive is split or unusual. Use a normal zip.")
    with path.open("rb") as file:
        file.seek(max(0, trailer_at - 20))
        locator = file.read(20)
        if len(locator) < 20 or locator[:4] != b"PK\x06\x07":
            raise odd
        _, record_at, disks = struct.unpack_from("<IQI", locator, 4)
        file.seek(record_at)
        record = file.read(56)
    if len(record) < 56 or record[:4] != b"PK\x06\x06" or disks != 1 or record_at + 56 != trailer_at - 20:
        raise odd
    here, total, length, offset = struct.unpack_from("<QQQQ", record, 24)
    _check_count(total, limits)
    if here != total or offset + length != record_at:
        raise odd
    return int(offset)


def _check_count(total: int, limits: ArchiveLimits) -> None:
    if total > limits.max_files:
        raise Refusal("E_ZIP_TOO_MANY", f"More than {limits.max_files:,} files in one archive. Send it in parts.")


def _directory(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except UnicodeDecodeError as error:
        raise Refusal("E_ZIP_NAME", "File names hold unreadable characters. Rename the files.") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise _corrupt() from error


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        _check_path(entry.orig_filename)
        _check_path(entry.filename)
        if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in entry.orig_filename):
            raise Refusal("E_ZIP_NAME", "File names hold unreadable characters. Rename the files.")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refusal(
                "E_ZIP_SPECIAL", "The archive holds links. Only plain files are accepted: pack the files themselves."
            )
        folded = unicodedata.normalize("NFC", entry.filename).casefold().rstrip("/")
        if folded in seen:
            raise Refusal("E_ZIP_DUP_NAME", "Two files in the archive share a name. Rename one of them.")
        seen.add(folded)


def _check_path(name: str) -> None:
    parts = name.split("/")
    is_rooted = name.startswith("/") or name[1:_DRIVE] == ":"
    if is_rooted or ".." in parts or "\\" in name or "\0" in name or len(name) > MAX_NAME:
        raise Refusal("E_ZIP_PATH", "The archive holds unsafe file paths. Export it again.")


def _check_sizes(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise Refusal("E_ZIP_ENCRYPTED", "The archive has a password. Remove the password and send it again.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal("E_ZIP_METHOD", "The archive is packed in an unusual way. Use a normal zip.")
        if entry.file_size > limits.max_file_bytes:
            sentence = (
                f"A file in the archive is larger than {_size(limits.max_file_bytes)} when unpacked. Leave it out."
            )
            raise Refusal("E_ZIP_FILE_TOO_BIG", sentence)
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_bytes:
        raise Refusal(
            "E_ZIP_TOTAL",
            f"The unpacked size is over the limit ({_size(limits.max_unpacked_bytes)}). Send it in parts.",
        )


def _size(count: int) -> str:
    return f"{count / (1 << 30):g} GB" if count >= 1 << 30 else f"{count / (1 << 20):g} MB"


def _span(file: BinaryIO, entry: zipfile.ZipInfo) -> _Span:
    """Where the entry's data lie; its own header must tell the same story as the directory."""
    file.seek(entry.header_offset)
    local = file.read(_LOCAL_BYTES)
    if len(local) < _LOCAL_BYTES or local[:4] != LOCAL_HEADER:
        raise _corrupt()
    name_length, extra_length = struct.unpack_from("<HH", local, 26)
    method = struct.unpack_from("<H", local, 8)[0]
    name = file.read(name_length)
    if method != entry.compress_type or name != _name_bytes(entry):
        raise Refusal("E_ZIP_OVERLAP", "The archive is damaged or unsafe. Pack it again.")
    return _Span(entry, entry.header_offset + _LOCAL_BYTES + name_length + extra_length)


def _name_bytes(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _check_overlap(spans: list[_Span], directory_at: int) -> None:
    """Each byte belongs to one entry at most, and the first entry begins the file."""
    end = 0
    for span in sorted(spans, key=lambda each: each.entry.header_offset):
        if end == 0 and span.entry.header_offset != 0:
            raise Refusal("E_ZIP_NOT_AT_ZERO", "The file is not a plain zip: something else is in it. Pack it again.")
        if span.entry.header_offset < end:
            raise Refusal("E_ZIP_OVERLAP", "The archive is damaged or unsafe. Pack it again.")
        end = span.end
    if end > directory_at:
        raise Refusal("E_ZIP_OVERLAP", "The archive is damaged or unsafe. Pack it again.")


def _inflate(file: BinaryIO, span: _Span, target: Path) -> Path:
    """Unpack one entry; its size and checksum must be those that the directory promised."""
    file.seek(span.data_at)
    is_stored = span.entry.compress_type == zipfile.ZIP_STORED
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    left, written, checksum = span.entry.compress_size, 0, 0
    with target.open("wb") as writing:
        while left or unpacker.unconsumed_tail:
            packed = b"" if unpacker.unconsumed_tail else file.read(min(left, _CHUNK))
            left -= len(packed)
            if not packed and not unpacker.unconsumed_tail:
                raise _corrupt()
            piece = packed if is_stored else _piece(unpacker, packed)
            written += len(piece)
            if written > span.entry.file_size:
                raise Refusal(
                    "E_ZIP_LIED", "The archive is damaged or unsafe: a file is larger than it says. Pack it again."
                )
            checksum = zlib.crc32(piece, checksum)
            writing.write(piece)
            reached("unzip_mid")
    is_whole = is_stored or (unpacker.eof and not unpacker.unused_data)
    if written != span.entry.file_size or checksum != span.entry.CRC or not is_whole:
        raise _corrupt()
    _check_nested(target)
    return target


def _check_nested(path: Path) -> None:
    with path.open("rb") as file:
        if is_archive(file.read(512)):
            raise Refusal("E_NESTED_ARCHIVE", "Archives inside archives are not accepted. Unpack them first.")


def _piece(unpacker: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return unpacker.decompress(unpacker.unconsumed_tail + packed, _CHUNK)
    except zlib.error as error:
        raise _corrupt() from error
