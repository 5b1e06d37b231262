"""Texture of one image: grey levels of the lesion's voxels to GLCM, GLRLM, GLSZM, GLDM and NGTDM features."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.engine import kernels

# In the order in which the kernels write them.
GLCM = (
    *("ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast", "DifferenceAverage", "DifferenceEntropy"),
    *("DifferenceVariance", "Id", "Idm", "Idmn", "Idn", "InverseVariance", "SumAverage", "SumEntropy"),
    *("Autocorrelation", "Correlation", "Imc1", "Imc2", "JointAverage", "JointEnergy", "JointEntropy"),
    *("MaximumProbability", "SumSquares", "MCC"),
)
_EMPHASES = (
    *("Short{0}Emphasis", "Long{0}Emphasis", "GrayLevelNonUniformity", "GrayLevelNonUniformityNormalized"),
    *("{1}NonUniformity", "{1}NonUniformityNormalized", "{2}Percentage", "GrayLevelVariance", "{2}Variance"),
    *("{2}Entropy", "LowGrayLevel{3}Emphasis", "HighGrayLevel{3}Emphasis", "Short{0}LowGrayLevelEmphasis"),
    *("Short{0}HighGrayLevelEmphasis", "Long{0}LowGrayLevelEmphasis", "Long{0}HighGrayLevelEmphasis"),
)
GLRLM = tuple(name.format("Run", "RunLength", "Run", "Run") for name in _EMPHASES)
GLSZM = tuple(
    name.format("Area", "SizeZone", "Zone", "Zone").replace("Short", "Small").replace("Long", "Large")
    for name in _EMPHASES
)
GLDM = tuple(
    name.format("Dependence", "Dependence", "Dependence", "").replace("Short", "Small").replace("Long", "Large")
    for name in _EMPHASES
)
NGTDM = ("Busyness", "Coarseness", "Complexity", "Contrast", "Strength")
_MCC = GLCM.index("MCC")
_TWO = 2
_EPS = float(np.spacing(1))


def texture_features(box: npt.NDArray[Any], grey: npt.NDArray[np.float64]) -> dict[str, float]:
    """`class_Quantity` to value, of a box of level numbers with its border and the level of each number."""
    sums = kernels.TextureSums(box, grey)
    for direction in np.flatnonzero(np.isnan(sums.pairs[:, _MCC]) & ~np.isnan(sums.pairs[:, 0])):
        sums.pairs[direction, _MCC] = _correlation(kernels.co_occurrence(box, grey.size - 1, int(direction)))
    found = {f"glcm_{name}": value for name, value in zip(GLCM, _mean(sums.pairs), strict=True)}
    if grey.size - 1 < _TWO:
        # Its definition for one grey level, also where no voxel has a neighbour.
        found["glcm_MCC"] = 1.0
    found |= {f"glrlm_{name}": value for name, value in zip(GLRLM, _mean(sums.runs), strict=True)}
    found |= {f"glszm_{name}": value for name, value in zip(GLSZM, sums.zones.tolist(), strict=True)}
    found |= {f"gldm_{name}": value for name, value in zip(GLDM, sums.dependence.tolist(), strict=True)}
    found |= {f"ngtdm_{name}": value for name, value in zip(NGTDM, sums.neighbourhoods.tolist(), strict=True)}
    return found


def _mean(by_direction: npt.NDArray[np.float64]) -> list[float]:
    """Mean over the directions that there are; NaN where there is none."""
    there = ~np.isnan(by_direction)
    count = there.sum(axis=0)
    total = np.where(there, by_direction, 0.0).sum(axis=0)
    return [float(value / many) if many else math.nan for value, many in zip(total, count, strict=True)]


def _correlation(counts: npt.NDArray[np.float64]) -> float:
    """The maximal correlation coefficient by the whole matrix, where the kernel's short way did not settle.

    Where levels fall into groups that are never neighbours the second eigenvalue is 1 once more, and rounding alone
    splits the two by some 1e-8: the sums are taken in pyradiomics' order, so that they are split in the same way.
    Directions stand last, twice, since NumPy sums along an axis that is not the last one term by term.
    """
    joint = np.repeat((counts / counts.sum())[:, :, None], 2, axis=2)
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    matrix = np.zeros_like(joint)
    for level in range(len(counts)):
        product = joint[:, None, level, :] * joint[None, :, level, :]
        matrix += product / (rows[:, None, :] * columns[None, None, level, :] + _EPS)
    values = np.sort(np.linalg.eigvals(matrix[:, :, 0].copy()))
    return float(np.sqrt(values[-2]).real) if values.size > 1 else 1.0
