"""Grey values to bins, once for each image: the same edges as pyradiomics, in the precision of the image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.engine import kernels

# Beyond this a level and a number of neighbours no longer fit into one word of the kernels.
HIGHEST_LEVEL = 4_000_000


@dataclass(frozen=True, slots=True)
class Binned:
    """The bins of a lesion's voxels.

    Parameters
    ----------
    bins : the bin of each voxel, from 1.
    counts : voxels of each bin that has any.
    grey : the number of each bin that has any, from index 1.
    """

    bins: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    grey: npt.NDArray[np.float64]


def edges_of(smallest: Any, largest: Any, settings: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """The edges of the bins; both ends must be scalars of the image's own precision, which decides the last bits."""
    if settings.get("binCount") is not None:
        edges = np.histogram(np.array([smallest, largest]), settings["binCount"])[1]
        edges[-1] += 1
        return edges.astype(np.float64)
    width = settings["binWidth"]
    edges = np.arange(smallest - (smallest % width), largest + 2 * width, width)
    if edges.size == 1:
        edges = np.array([edges[0] - 0.5, edges[0] + 0.5])
    return edges.astype(np.float64)


def binned(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> Binned:
    """Sort the voxels into bins."""
    bins = kernels.discretise(values, edges)
    counts = kernels.bin_counts(bins, edges.size)
    there = np.flatnonzero(counts)
    if there[-1] > HIGHEST_LEVEL:
        raise MemoryError(f"{there[-1]} grey levels")
    return Binned(bins, counts[there], np.concatenate([[0.0], there.astype(np.float64)]))


def boxed(found: Binned, places: npt.NDArray[np.int64], shape: tuple[int, int, int]) -> npt.NDArray[Any]:
    """The voxels' bins in a box of zeros, numbered without gaps from 1; `places` are flat in that box."""
    levels = found.grey.size - 1
    rank = np.zeros(int(found.grey[-1]) + 1, dtype=np.int32)
    rank[found.grey[1:].astype(np.int64)] = np.arange(1, levels + 1)
    box: npt.NDArray[Any] = np.zeros(shape, dtype=np.uint8 if levels < 256 else np.uint16)
    kernels.place(found.bins, places, rank, box)
    return box
