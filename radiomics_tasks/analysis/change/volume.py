"""Texture in a region that grows: what moves with volume alone is not called a change of texture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from patients.concluded.change_findings import DeltaNoise, Derived
from patients.feature_names import FeatureName
from patients.words.noise_words import NoiseVerdict, Undefined
from radiomics_tasks.analysis.change.noise.verdicts import BandColumns, Compared, judged
from radiomics_tasks.analysis.change.semantics import UNKNOWN, semantics

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Below these a texture is warned of; below FEWEST_VOXELS there is none (methods of the extraction).
SMALL_VOLUME_ML = 1.0
SMALL_VOXELS = 64
FEWEST_VOXELS = 50
# From so many lesions on the cohort may say how a feature follows volume.
FEWEST_LESIONS = 30
# Not named by the table of semantics, but moved by at least 1.96 deviations of a difference between balls of 8 and
# 16 mm radius with identical texture (three grains of texture, ten balls each, profile ct).
_MOVED_IN_GROWING_BALLS = frozenset(
    {
        ("glcm", "Idn"),
        ("glrlm", "LongRunEmphasis"),
        ("glrlm", "RunLengthNonUniformityNormalized"),
        ("glrlm", "RunPercentage"),
        ("glrlm", "RunVariance"),
        ("glrlm", "ShortRunEmphasis"),
        ("glszm", "GrayLevelVariance"),
        ("gldm", "LargeDependenceEmphasis"),
        ("gldm", "SmallDependenceEmphasis"),
        ("ngtdm", "Complexity"),
    }
)


def follows_volume(names: Sequence[str]) -> Flags:
    """Which textures move with volume, in every region or in small ones; sizes and shapes are what they are.

    A larger region has a darker darkest voxel, so what is anchored to the region's minimum moves with volume too.

    Examples
    --------
    >>> follows_volume(["original_glszm_LargeAreaEmphasis", "original_glszm_ZoneEntropy",
    ...                 "original_glcm_Contrast", "original_shape_MeshVolume"]).tolist()
    [True, True, False, False]
    """
    return _following(tuple(names))


@cache
def _following(names: tuple[str, ...]) -> Flags:
    return np.array([_follows_volume(name) for name in names], dtype=bool)


def _follows_volume(name: str) -> bool:
    described = semantics(name)
    if described == UNKNOWN:
        return False
    parsed = FeatureName.parse(name)
    if parsed.feature_class in ("shape", "shape2D"):
        return False
    moves = described.follows_volume or described.follows_small_sizes or described.is_minimum_anchored
    return moves or (parsed.feature_class, parsed.quantity) in _MOVED_IN_GROWING_BALLS


def is_small_for_texture(volume_ml: float, voxels: int | None) -> bool:
    """Whether texture of a region is to be warned of: below 1 mL or 64 voxels after resampling.

    >>> is_small_for_texture(1.0, 64), is_small_for_texture(0.99, 900), is_small_for_texture(1.2, 63)
    (False, True, True)
    """
    return volume_ml < SMALL_VOLUME_ML or (voxels is not None and voxels < SMALL_VOXELS)


def correlation_with_volume(changes: Sequence[float | None], ln_volume_ratios: Sequence[float]) -> Derived:
    """Spearman's rank correlation of a feature's changes with the logarithms of the volume ratios of their lesions.

    Changes that are None are left out; three are needed, and neither side may be constant.

    Examples
    --------
    >>> f"{correlation_with_volume([0.1, 0.2, 0.4, None], [0.0, 0.5, 0.9, 1.0]).value:.6f}"
    '1.000000'
    >>> correlation_with_volume([0.1, 0.2], [0.0, 0.5]).absence.label
    'needs more lesions with this change'
    """
    known = [(change, ratio) for change, ratio in zip(changes, ln_volume_ratios, strict=True) if change is not None]
    if len(known) < 3:
        return Derived(None, Undefined.TOO_FEW_PAIRS)
    ranks = [stats.rankdata(side) for side in zip(*known, strict=True)]
    if any(np.ptp(side) == 0 for side in ranks):
        return Derived(None, Undefined.NO_SPREAD)
    return Derived(float(np.corrcoef(*ranks)[0, 1]))


@dataclass(frozen=True, eq=False)
class VolumeSlopes:
    """How each feature's change follows the logarithm of the volume ratio in a cohort; NaN where it cannot be said.

    `slope` is per unit of ln volume ratio, `standard_error` its own; `lesions` is how many stand behind it.
    """

    slope: Floats
    standard_error: Floats
    lesions: npt.NDArray[np.int64]


def volume_slopes(changes: Floats, ln_volume_ratios: Floats) -> VolumeSlopes:
    """Ordinary least squares of changes (lesions, features) on ln volume ratios, with an intercept.

    One row a lesion: repeated visits of one lesion are not independent. The intercept keeps what a cohort's texture
    does under treatment, whatever the volume does, out of the slope. A feature with fewer than 30 lesions, or
    lesions that all grew alike, has none.

    Examples
    --------
    >>> ratios = np.linspace(-1, 2, 30)
    >>> found = volume_slopes(np.column_stack([3 * ratios + 1, np.full(30, np.nan)]), ratios)
    >>> found.slope.round(9).tolist(), found.lesions.tolist()
    ([3.0, nan], [30, 0])
    """
    known = np.isfinite(changes) & np.isfinite(ln_volume_ratios)[:, None]
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(known, ln_volume_ratios[:, None], 0.0)
        y = np.where(known, changes, 0.0)
        dx = np.where(known, x - x.sum(axis=0) / count, 0.0)
        dy = np.where(known, y - y.sum(axis=0) / count, 0.0)
        squares = (dx**2).sum(axis=0)
        slope = (dx * dy).sum(axis=0) / squares
        rest = np.where(known, dy - slope * dx, 0.0)
        error = np.sqrt((rest**2).sum(axis=0) / (count - 2) / squares)
    is_enough = (count >= FEWEST_LESIONS) & (squares > 0)
    return VolumeSlopes(np.where(is_enough, slope, np.nan), np.where(is_enough, error, np.nan), count)


def residualised(change: Floats, ln_volume_ratio: float, slopes: VolumeSlopes) -> Floats:
    """What is left of changes without what follows volume: change less slope times ln volume ratio."""
    return change - slopes.slope * ln_volume_ratio


def volume_guarded(
    noise: DeltaNoise,
    columns: BandColumns,
    names: Sequence[str],
    ln_volume_ratio: float | None,
    *,
    has_volume_changed: bool,
    slopes: VolumeSlopes | None = None,
) -> DeltaNoise:
    """The same with textures that follow volume judged apart.

    Only changes outside noise are: taking volume away may not make a change out of none. Where the cohort says how a
    feature follows volume, what is left of its change is judged, with the uncertainty of the slope added to its noise.
    Where it does not, the change is said to move with volume as long as the volume has changed too
    (`has_volume_changed`: outside its own band, or not known to be within).
    """
    is_held = _over(noise.verdicts, follows_volume(names))
    if not is_held.any():
        return noise
    change, variance = np.array(noise.change, dtype=np.float64), np.zeros(len(names))
    is_judged = np.zeros(len(names), dtype=bool)
    again = noise
    if slopes is not None and ln_volume_ratio is not None:
        is_judged = is_held & ~np.isnan(slopes.slope)
        change = np.where(is_judged, residualised(change, ln_volume_ratio, slopes), change)
        variance = np.where(is_judged, (slopes.standard_error * ln_volume_ratio) ** 2, variance)
        of = Compared(noise.lesion_pk, noise.timepoint_pk, noise.reference, noise.feature_set_pk)
        again = judged(of, change, columns, variance=variance)
    is_with_volume = is_held & ~is_judged & has_volume_changed
    is_with_volume |= is_judged & ~_over(again.verdicts, is_judged)
    verdicts = list(again.verdicts)
    for place in np.flatnonzero(is_with_volume).tolist():
        verdicts[place] = NoiseVerdict.WITH_VOLUME
    return replace(again, verdicts=tuple(verdicts), is_without_volume=tuple(is_judged.tolist()))


def _over(verdicts: Sequence[NoiseVerdict], asked: Flags) -> Flags:
    """Which of the changes asked for are outside; a thousand are not asked one by one."""
    found = np.zeros(asked.size, dtype=bool)
    for place in np.flatnonzero(asked).tolist():
        found[place] = verdicts[place].is_over
    return found


def ln_volume_ratio(then_ml: float, now_ml: float) -> float | None:
    """The natural logarithm of the volume ratio; None where a volume is zero.

    >>> ln_volume_ratio(2.0, 2.0), ln_volume_ratio(0.0, 2.0)
    (0.0, None)
    """
    return math.log(now_ml / then_ml) if then_ml > 0 and now_ml > 0 else None
