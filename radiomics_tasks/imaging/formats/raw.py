"""A single-file image before it is a volume: its header, and its voxels read within limits."""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from radiomics_tasks.errors import Refusal
from radiomics_tasks.imaging.volume import Grid

MAX_EDGE = 2048
MAX_VOXELS = 400_000_000
MAX_BYTES = 2_000_000_000
PIECE = 4_000_000
MIN_SPACING_MM, MAX_SPACING_MM = 0.01, 100.0
MAX_POSITION_MM = 100_000.0
ORTHOGONAL = 1e-3
GZIP_MAGIC = b"\x1f\x8b"
# A label map holds few, small, whole numbers. More than the first is not taken for one unasked, more than the
# second is refused where a person says it is one.
USUAL_LABELS = 64
MAX_LABELS = 255
MAX_LABEL = 65_535

Array = npt.NDArray[np.generic]
_WHAT_TO_DO = re.compile(r"\b([Ss]end|Save|Copy|Export)\b")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What a single-file image says about itself.

    Parameters
    ----------
    grid : as stored, patient coordinates LPS.
    dtype : of the stored numbers, with their byte order.
    components : numbers per voxel; only 1 is read.
    is_label_like : whether the voxels are few, small, whole numbers, as in a label map.
    unit : what the file says a voxel value means, or empty.
    slope, intercept : value = slope * stored + intercept.
    data_offset : where the voxels begin: in the unpacked file, or in the file where `is_data_gzipped`.
    is_file_gzipped, is_data_gzipped : what has to be unpacked, the whole file or what follows the header.
    """

    grid: Grid
    dtype: np.dtype[Any]
    components: int = 1
    is_label_like: bool = False
    unit: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    data_offset: int = 0
    is_file_gzipped: bool = False
    is_data_gzipped: bool = False

    @property
    def data_bytes(self) -> int:
        """How many bytes the voxels take."""
        return int(np.prod(self.grid.shape, dtype=np.int64)) * self.dtype.itemsize


def bad_header(sentence: str) -> Refusal:
    """The refusal of a header that cannot be followed."""
    return Refusal("E_HEADER", sentence if _WHAT_TO_DO.search(sentence) else f"{sentence} Export the image again.")


def truncated() -> Refusal:
    """The refusal of a file that ends before its voxels do."""
    return Refusal("E_TRUNCATED", "The file is shorter than its header says. Copy it again.")


def check_size(sizes: tuple[int, ...], item_bytes: int) -> None:
    """Refuse impossible sizes before anything is allocated for them."""
    voxels = 1
    for size in sizes:
        if not 1 <= size <= MAX_EDGE:
            raise bad_header("The size of the image is outside what is measured.")
        voxels *= size
    if voxels > MAX_VOXELS or voxels * item_bytes > MAX_BYTES:
        raise bad_header("The size of the image is outside what is measured.")


def checked_grid(sizes: tuple[int, int, int], steps: npt.NDArray[np.float64], origin: npt.NDArray[np.float64]) -> Grid:
    """A grid from the file's own numbers.

    Parameters
    ----------
    sizes : voxels along i, j, k.
    steps : 3x3, column n is the step (LPS, mm) of index axis n.
    origin : centre of the first voxel, LPS, mm.
    """
    if not (np.isfinite(steps).all() and np.isfinite(origin).all()):
        raise bad_header("Spacing or position in the header is not a valid number.")
    spacing = [float(size) for size in np.linalg.norm(steps, axis=0)]
    if min(spacing) < MIN_SPACING_MM or max(spacing) > MAX_SPACING_MM or np.max(np.abs(origin)) > MAX_POSITION_MM:
        raise bad_header("Spacing or position in the header is outside what is measured.")
    columns = steps / np.asarray(spacing)
    if np.max(np.abs(columns.T @ columns - np.eye(3))) > ORTHOGONAL:
        raise bad_header("The image's axes are not at right angles. It was resampled or sheared: send the original.")
    return Grid(
        (sizes[2], sizes[1], sizes[0]),
        (spacing[0], spacing[1], spacing[2]),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        tuple(float(x) for x in columns.reshape(-1)),  # type: ignore[arg-type]  # nine cosines
    )


def read_exactly(stream: IO[bytes], count: int) -> bytearray:
    """The next `count` bytes. Memory follows what is really there, not what was promised.

    Raises Refusal E_TRUNCATED or E_HEADER (damaged compression).
    """
    read = bytearray()
    try:
        while len(read) < count:
            piece = stream.read(min(PIECE, count - len(read)))
            if not piece:
                raise truncated()
            read += piece
    except EOFError as error:
        raise truncated() from error
    except (OSError, zlib.error) as error:
        raise bad_header("The file's compression is damaged.") from error
    return read


def at_end(stream: IO[bytes]) -> bool:
    """Whether nothing follows; for gzip this also checks the sum over what was unpacked."""
    try:
        return not stream.read(1)
    except EOFError as error:
        raise truncated() from error
    except (OSError, zlib.error) as error:
        raise bad_header("The file's compression is damaged.") from error


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does."""
    with path.open("rb") as stream:
        return stream.read(2) == GZIP_MAGIC


def unpacked(path: Path) -> IO[bytes]:
    """The file, through gzip where it is gzip; whoever reads sets the bound."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip(path) else path.open("rb")


def open_voxels(path: Path, header: ImageHeader) -> IO[bytes]:
    """A stream at the first voxel."""
    if header.is_data_gzipped:
        file = path.open("rb")
        file.seek(header.data_offset)
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file, mode="rb"))
    if not header.is_file_gzipped and path.stat().st_size != header.data_offset + header.data_bytes:
        if path.stat().st_size < header.data_offset + header.data_bytes:
            raise truncated()
        raise bad_header("The file is longer than its header says.")
    stream = unpacked(path)
    read_exactly(stream, header.data_offset)
    return stream


def read_stored(path: Path, header: ImageHeader) -> Array:
    """The stored numbers as an array (k, j, i), every byte of them there and none left over."""
    with open_voxels(path, header) as stream:
        data = read_exactly(stream, header.data_bytes)
        if not at_end(stream):
            raise bad_header("The file is longer than its header says.")
    return np.frombuffer(data, dtype=header.dtype).reshape(header.grid.shape)


def looks_like_labels(path: Path, header: ImageHeader) -> bool:
    """Whether all voxels are few, small, whole numbers, some of them zero; stops at the first that are not."""
    if header.slope != 1.0 or header.intercept != 0.0:
        return False
    seen: set[float] = set()
    left = header.data_bytes
    with open_voxels(path, header) as stream:
        while left:
            size = min(PIECE - PIECE % header.dtype.itemsize, left)
            values = np.unique(np.frombuffer(read_exactly(stream, size), dtype=header.dtype))[: USUAL_LABELS + 2]
            seen.update(float(value) for value in values)
            if len(seen) > USUAL_LABELS + 1 or not all(v.is_integer() and 0 <= v <= MAX_LABEL for v in seen):
                return False
            left -= size
    return 0.0 in seen
