"""Grey and coloured PNG with the same bytes every time: no filter, no time, no metadata."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR = 0, 2


def png_bytes(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> bytes:
    """A PNG of pixels (rows, columns) in grey of 8 or 16 bits, or (rows, columns, 3) in colour of 8 bits."""
    rows, columns = pixels.shape[:2]
    bits = 8 * pixels.dtype.itemsize
    kind = COLOUR if pixels.ndim == 3 else GREY
    lines = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">")).view(np.uint8).reshape(rows, -1)
    unfiltered = np.zeros((rows, lines.shape[1] + 1), dtype=np.uint8)
    unfiltered[:, 1:] = lines
    header = struct.pack(">IIBBBBB", columns, rows, bits, kind, 0, 0, 0)
    data = zlib.compress(unfiltered.tobytes(), 6)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
