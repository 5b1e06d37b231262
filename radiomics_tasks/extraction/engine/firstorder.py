"""First-order features of one image, from the lesion's values in rising order."""

import math

import numpy as np
import numpy.typing as npt

from radiomics_tasks.extraction.engine import kernels

Floats = npt.NDArray[np.float64]
_EPS = float(np.spacing(1))


def first_order_features(
    rising: Floats, counts: npt.NDArray[np.int64], shift: float, voxel_mm3: float
) -> dict[str, float]:
    """`firstorder_Quantity` to value; `counts` are the voxels of each bin that has any."""
    mean, deviation, second, third, fourth, squares = kernels.moments(rising, shift).tolist()
    low, high = _percentile(rising, 0.1), _percentile(rising, 0.9)
    middle = rising[np.searchsorted(rising, low, "left") : np.searchsorted(rising, high, "right")]
    spread = second if second != 0 else 1.0
    share = counts / counts.sum()
    found = {
        "10Percentile": low,
        "90Percentile": high,
        "Energy": squares,
        "Entropy": -float(np.sum(share * np.log2(share + _EPS))),
        "InterquartileRange": _percentile(rising, 0.75) - _percentile(rising, 0.25),
        "Kurtosis": fourth / spread**2,
        "Maximum": float(rising[-1]),
        "Mean": mean,
        "MeanAbsoluteDeviation": deviation,
        "Median": _median(rising),
        "Minimum": float(rising[0]),
        "Range": float(rising[-1] - rising[0]),
        "RobustMeanAbsoluteDeviation": float(kernels.moments(middle)[1]),
        "RootMeanSquared": math.sqrt(squares / rising.size),
        "Skewness": third / spread**1.5,
        "TotalEnergy": squares * voxel_mm3,
        "Uniformity": float(np.sum(share**2)),
        "Variance": second,
    }
    return {f"firstorder_{name}": value for name, value in found.items()}


def _percentile(rising: Floats, share: float) -> float:
    """Linear between the two nearest values, from whichever of them is nearer."""
    place = (rising.size - 1) * share
    below = math.floor(place)
    along = place - below
    one, other = float(rising[below]), float(rising[min(below + 1, rising.size - 1)])
    return other - (other - one) * (1 - along) if along >= 0.5 else one + (other - one) * along


def _median(rising: Floats) -> float:
    half = rising.size // 2
    return float(rising[half]) if rising.size % 2 else (float(rising[half - 1]) + float(rising[half])) / 2
