"""The C kernels as functions of NumPy arrays. A call lets other threads run, and holds no state."""

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.engine.compiled import library

Floats = npt.NDArray[np.float64]
Reals = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Box = tuple[slice, slice, slice]

DIRECTIONS, PAIR_SUMS, EMPHASES, NGTDM_SUMS, MOMENTS = 13, 24, 16, 5, 6
_int, _size, _double = ctypes.c_int, ctypes.c_size_t, ctypes.c_double
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "texture_features": ("v", _int, _int, _int, _int, _int, "d", "d"),
    "co_occurrence": ("v", _int, _int, _int, _int, _int, _int, "d"),
    "discretise": ("d", _size, "d", _int, "i"),
    "count_bins": ("i", _size, "l"),
    "place_narrow": ("i", "l", _size, "i", "v"),
    "place_wide": ("i", "l", _size, "i", "v"),
    "moments": ("d", _size, _double, "d"),
    "cube_kinds": ("v", _int, _int, _int, "l"),
    "laplacian_single": ("f", "i", "d", _double, "i", "i", "f"),
    "laplacian_double": ("d", "i", "d", _double, "i", "i", "d"),
    "wavelet_bands_single": ("f", "i", "f", "f", "i", "i", "f"),
    "wavelet_bands_double": ("d", "i", "d", "d", "i", "i", "d"),
    "spline_single": ("f", "i", "d", "i", "f"),
    "spline_double": ("d", "i", "d", "i", "d"),
    "mesh_diameters": ("v", _int, _int, _int, "d", "d"),
}
_DTYPES: dict[str, Any] = {"d": np.float64, "i": np.int32, "l": np.int64, "f": np.float32}


@cache
def _library() -> ctypes.CDLL:
    loaded = ctypes.CDLL(str(library()))
    for name, kinds in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.argtypes = [ctypes.c_void_p if isinstance(kind, str) else kind for kind in kinds]
        function.restype = _int
    return loaded


def _call(name: str, *arguments: Any) -> None:
    """Call one kernel; arrays must be contiguous and of the kind that its signature says."""
    passed = []
    for kind, argument in zip(_SIGNATURES[name], arguments, strict=True):
        if isinstance(kind, str):
            if not argument.flags.c_contiguous or argument.dtype != _DTYPES.get(kind, argument.dtype):
                raise TypeError(f"{name} was given {argument.dtype}, not {kind}")
            passed.append(argument.ctypes.data)
        else:
            passed.append(argument)
    if getattr(_library(), name)(*passed) == -1:
        raise MemoryError(name)


class TextureSums:
    """The sums over all texture matrices of one box of levels; a direction without any voxels is NaN."""

    __slots__ = ("dependence", "neighbourhoods", "pairs", "runs", "zones")

    def __init__(self, box: npt.NDArray[Any], grey: Floats) -> None:
        """`box` holds 0 outside the lesion and 1..n inside, with a border of one voxel; `grey[1..n]` their levels."""
        sizes = [DIRECTIONS * PAIR_SUMS, DIRECTIONS * EMPHASES, EMPHASES, EMPHASES, NGTDM_SUMS]
        out = np.zeros(sum(sizes))
        nk, nj, ni = (side - 2 for side in box.shape)
        _call("texture_features", box, box.dtype.itemsize > 1, nk, nj, ni, grey.size - 1, grey, out)
        parts = np.split(out, np.cumsum(sizes)[:-1])
        self.pairs = parts[0].reshape(DIRECTIONS, PAIR_SUMS)
        self.runs = parts[1].reshape(DIRECTIONS, EMPHASES)
        self.zones, self.dependence, self.neighbourhoods = parts[2:]


def co_occurrence(box: npt.NDArray[Any], levels: int, direction: int) -> Floats:
    """How often each pair of levels are neighbours along one direction, both ways."""
    out = np.zeros((levels, levels))
    nk, nj, ni = (side - 2 for side in box.shape)
    _call("co_occurrence", box, box.dtype.itemsize > 1, nk, nj, ni, levels, direction, out)
    return out


def discretise(values: Floats, edges: Floats) -> npt.NDArray[np.int32]:
    """The bin of each value, from 1; equal to numpy.digitize."""
    bins = np.empty(values.size, dtype=np.int32)
    _call("discretise", values, values.size, edges, edges.size, bins)
    return bins


def bin_counts(bins: npt.NDArray[np.int32], most: int) -> Ints:
    """How many voxels each bin 0..most has."""
    counts = np.zeros(most + 1, dtype=np.int64)
    _call("count_bins", bins, bins.size, counts)
    return counts


def place(bins: npt.NDArray[np.int32], places: Ints, rank: npt.NDArray[np.int32], box: npt.NDArray[Any]) -> None:
    """Write the rank of each voxel's bin to its place in a box."""
    _call("place_wide" if box.dtype.itemsize > 1 else "place_narrow", bins, places, bins.size, rank, box)


def moments(values: Floats, shift: float = 0.0) -> Floats:
    """Mean, mean absolute deviation, second to fourth central moment, and the sum of squares after a shift."""
    out = np.empty(MOMENTS)
    _call("moments", values, values.size, shift, out)
    return out


def laplacian(image: Reals, spacing_kji_mm: Floats, sigma_mm: float, box: Box) -> Reals:
    """The Laplacian of Gaussian of an image, within a box and in the image's precision; equal to ITK's."""
    low, high = _ends(box)
    out: Reals = np.empty(tuple(high - low), dtype=image.dtype)
    size = np.array(image.shape, dtype=np.int32)
    _call(f"laplacian_{_precision(image)}", image, size, spacing_kji_mm, sigma_mm, low, high, out)
    return out


def wavelet_bands(image: Reals, low_taps: Reals, high_taps: Reals, box: Box) -> Reals:
    """Eight bands of an image with even sides, within a box; the bits of the first index: high pass along i, j, k."""
    low, high = _ends(box)
    out: Reals = np.empty((8, *(high - low)), dtype=image.dtype)
    size = np.array(image.shape, dtype=np.int32)
    _call(f"wavelet_bands_{_precision(image)}", image, size, low_taps, high_taps, low, high, out)
    return out


def spline(image: Reals, places_kji: tuple[Floats, Floats, Floats]) -> Reals:
    """A cubic B-spline through an image, at places (continuous indices) along each axis; equal to ITK's.

    0 where a place lies outside the image.
    """
    count = [place.size for place in places_kji]
    out: Reals = np.empty(count, dtype=image.dtype)
    size, places = np.array(image.shape, dtype=np.int32), np.concatenate(places_kji)
    _call(f"spline_{_precision(image)}", image, size, places, np.array(count, dtype=np.int32), out)
    return out


def _precision(image: Reals) -> str:
    return "single" if image.dtype == np.float32 else "double"


def _ends(box: Box) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    starts, stops = [part.start for part in box], [part.stop for part in box]
    return np.array(starts, dtype=np.int32), np.array(stops, dtype=np.int32)


def cube_kinds(mask: npt.NDArray[np.uint8]) -> Ints:
    """Of each of the 256 kinds of cube: how many, and the sums of their places along k, j, i."""
    out = np.zeros((256, 4), dtype=np.int64)
    _call("cube_kinds", mask, *mask.shape, out)
    return out


def mesh_diameters(mask: npt.NDArray[np.uint8], spacing_kji_mm: Floats) -> Floats:
    """Largest distance between corners of the mesh: in a plane of constant k, j and i, and of all (mm)."""
    out = np.empty(4)
    _call("mesh_diameters", mask, *mask.shape, spacing_kji_mm, out)
    return out
