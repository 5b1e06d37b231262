"""Archives that must not get in, each with its own code, and the plain one that must."""

import io
import struct
import zipfile
import zlib

import pytest

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.sorting.archive import unpack
from radiomics_tasks.imaging.sorting.received import ArchiveLimits, ReceivedFile

LIMITS = ArchiveLimits(max_files=50, max_unpacked_bytes=4 << 20, max_file_bytes=2 << 20)


def zipped(entries, method=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name or ZipInfo, content) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def unpacked(tmp_path, content: bytes) -> dict[str, bytes]:
    path = tmp_path / "upload.zip"
    path.write_bytes(content)
    files = unpack(ReceivedFile(path, "upload.zip"), tmp_path / "into", LIMITS)
    return {file.name: file.path.read_bytes() for file in files}


def code_of(tmp_path, content: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        unpacked(tmp_path, content)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def test_a_plain_archive_comes_out_byte_for_byte(tmp_path):
    content = {"CT/1": b"one" * 1000, "CT/2": b"", "notes.txt": b"x"}
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        assert unpacked(tmp_path, zipped([("CT/", b""), *content.items()], method)) == content


def test_a_mask_packed_a_thousandfold_is_welcome(tmp_path):
    mask = bytes(2 << 20)
    packed = zipped([("mask.nii", mask)])
    assert len(packed) < len(mask) / 900
    assert unpacked(tmp_path, packed) == {"mask.nii": mask}


def test_an_archive_with_a_comment_is_plain(tmp_path):
    packed = bytearray(zipped([("a", b"x")]))
    packed[-2:] = struct.pack("<H", 5)
    assert unpacked(tmp_path, bytes(packed) + b"hello") == {"a": b"x"}


@pytest.mark.parametrize(
    "name", ["../../x", "a/../../x", "/etc/passwd", "C:/x", "C:x", "a\\..\\x", "a\0.dcm", "a" * 1025]
)
def test_paths_that_leave_the_folder(tmp_path, name):
    info = entry("placeholder")
    info.filename = info.orig_filename = name
    assert code_of(tmp_path, zipped([(info, b"x")])) == "E_ZIP_PATH"
    assert not list(tmp_path.glob("**/passwd"))


@pytest.mark.parametrize("name", ["a\u202egnp.dcm", "bell\x07", "line\nbreak"])
def test_names_that_cannot_be_read(tmp_path, name):
    assert code_of(tmp_path, zipped([(name, b"x")])) == "E_ZIP_NAME"


@pytest.mark.parametrize("mode", [0o120777, 0o020644, 0o010644, 0o140644])
def test_links_devices_and_pipes(tmp_path, mode):
    assert code_of(tmp_path, zipped([(entry("link", mode), b"/etc/passwd")])) == "E_ZIP_SPECIAL"
    assert not (tmp_path / "into").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("A.dcm", "a.DCM"), ("x/", "X")])
def test_two_files_of_one_name(tmp_path, names):
    assert code_of(tmp_path, zipped([(name, b"") for name in names])) == "E_ZIP_DUP_NAME"


def test_too_much_in_one_file_in_all_and_in_number(tmp_path):
    assert code_of(tmp_path, zipped([("a", bytes((2 << 20) + 1))])) == "E_ZIP_FILE_TOO_BIG"
    assert code_of(tmp_path, zipped([(f"{n}", bytes(3 << 19)) for n in range(3)])) == "E_ZIP_TOTAL"
    assert code_of(tmp_path, zipped([(f"{n}", b"") for n in range(51)])) == "E_ZIP_TOO_MANY"
    assert not (tmp_path / "into").exists()


def forged_size(content: bytes, size: int) -> bytes:
    """The archive with another unpacked size in its header and directory."""
    packed = bytearray(content)
    packed[22:26] = struct.pack("<I", size)
    at = packed.index(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(packed)


def test_an_entry_a_hundred_times_larger_than_it_says(tmp_path):
    packed = zipped([("a", bytes(1 << 20))])
    assert code_of(tmp_path, forged_size(packed, (1 << 20) // 100)) == "E_ZIP_LIED"
    written = sum(path.stat().st_size for path in (tmp_path / "into").iterdir())
    assert written <= (1 << 20) // 100


def test_an_entry_smaller_than_it_says(tmp_path):
    packed = zipped([("a", b"x" * 100)])
    assert code_of(tmp_path, forged_size(packed, 101)) == "E_ZIP_CORRUPT"
    assert code_of(tmp_path, forged_size(packed, 0xFFFFFFF0)) == "E_ZIP_FILE_TOO_BIG"


def overlapping(count: int) -> bytes:
    """Many directory entries for one and the same data."""
    base = zipped([("a", bytes(1 << 20))])
    at = base.index(b"PK\x01\x02")
    end = base.index(b"PK\x05\x06")
    directory = base[at:end] + b"".join(base[at:end].replace(b"a", bytes([98 + n])) for n in range(count - 1))
    trailer = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)
    return base[:at] + directory + trailer


def test_entries_that_share_their_data(tmp_path):
    assert code_of(tmp_path, overlapping(3)) == "E_ZIP_OVERLAP"


def quoted() -> bytes:
    """One entry's data are the next entry's header and data, quoted as a stored block (CVE-2024-0450)."""
    inner = zipped([("b", bytes(1 << 16))])
    inner = inner[: inner.index(b"PK\x01\x02")]
    block = b"\x01" + struct.pack("<HH", len(inner), len(inner) ^ 0xFFFF) + inner
    crc = zlib.crc32(inner)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(block), len(inner), 1, 0) + b"a"
    data = head + block
    places = [(b"a", 0, crc, len(block), len(inner)), (b"b", len(head) + 5, zlib.crc32(bytes(1 << 16)), 0, 1 << 16)]
    directory = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, c, p, u, 1, 0, 0, 0, 0, 0, at) + name
        for name, at, c, p, u in places
    )
    return data + directory + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(data), 0)


def test_an_entry_quoted_inside_another(tmp_path):
    assert code_of(tmp_path, quoted()) == "E_ZIP_OVERLAP"


def test_archives_inside_archives(tmp_path):
    inner = zipped([("a", b"x")])
    assert code_of(tmp_path, zipped([("inner.zip", inner)])) == "E_NESTED_ARCHIVE"
    assert code_of(tmp_path, zipped([("image.dcm", b"7z\xbc\xaf\x27\x1c" + bytes(100))])) == "E_NESTED_ARCHIVE"


def test_a_password(tmp_path):
    packed = bytearray(zipped([("a", b"x")]))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(tmp_path, bytes(packed)) == "E_ZIP_ENCRYPTED"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing(tmp_path, method):
    assert code_of(tmp_path, zipped([("a", b"x" * 100)], method)) == "E_ZIP_METHOD"


def test_split_and_lying_large_archives(tmp_path):
    packed = bytearray(zipped([("a", b"x")]))
    at = packed.index(b"PK\x05\x06")
    split, large = bytearray(packed), bytearray(packed)
    split[at + 4] = 1
    large[at + 8 : at + 12] = b"\xff" * 4
    assert code_of(tmp_path, bytes(split)) == "E_ZIP_METHOD"
    assert code_of(tmp_path, bytes(large)) == "E_ZIP_METHOD"


def test_cut_and_flipped_archives(tmp_path):
    packed = zipped([("a", bytes(range(256)) * 40)], zipfile.ZIP_STORED)
    flipped = bytearray(packed)
    flipped[5000] ^= 1
    assert code_of(tmp_path, packed[:-30]) == "E_ZIP_CORRUPT"
    assert code_of(tmp_path, bytes(flipped)) == "E_ZIP_CORRUPT"


def test_something_before_behind_and_instead_of_the_archive(tmp_path):
    packed = zipped([("a", b"x")])
    assert code_of(tmp_path, packed + b"more") == "E_ZIP_TRAILER"
    assert code_of(tmp_path, b"PK\x03\x04junk" + packed) == "E_ZIP_NOT_AT_ZERO"
    assert code_of(tmp_path, b"Rar!\x1a\x07\x00" + packed) == "E_TYPE"
    assert code_of(tmp_path, b"") == "E_EMPTY"
    assert code_of(tmp_path, zipped([])) == "E_EMPTY"


def test_a_large_archive_with_its_own_trailer(tmp_path):
    """Some tools write the trailer of large archives for small ones too."""
    packed = zipped([("a", b"x")])
    at = packed.index(b"PK\x01\x02")
    end = packed.index(b"PK\x05\x06")
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end - at, at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    trailer = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert unpacked(tmp_path, packed[:end] + record + locator + trailer) == {"a": b"x"}
    many = record[:24] + struct.pack("<QQ", 70_000, 70_000) + record[40:]
    assert code_of(tmp_path, packed[:end] + many + locator + trailer) == "E_ZIP_TOO_MANY"
