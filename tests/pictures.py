"""Small 16-bit grey PNGs with each of the five filters, made by hand."""

import struct
import zlib
from collections.abc import Sequence


def grey_png(rows: Sequence[Sequence[int]], filter_type: int = 0) -> bytes:
    """The rows as a 16-bit grey PNG whose lines all use one filter (PNG specification, section 9)."""
    plain = [struct.pack(f">{len(row)}H", *row) for row in rows]
    filtered = b"".join(
        bytes([filter_type]) + _filtered(line, plain[place - 1] if place else bytes(len(line)), filter_type)
        for place, line in enumerate(plain)
    )
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 16, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _filtered(line: bytes, above: bytes, filter_type: int) -> bytes:
    out = bytearray()
    for place, value in enumerate(line):
        left = line[place - 2] if place >= 2 else 0
        corner = above[place - 2] if place >= 2 else 0
        out.append((value - _predicted(filter_type, left, above[place], corner)) & 255)
    return bytes(out)


def _predicted(filter_type: int, left: int, up: int, corner: int) -> int:
    if filter_type == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda near: abs(guess - near))
    return (0, left, up, (left + up) // 2)[filter_type]
