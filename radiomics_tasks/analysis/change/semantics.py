"""What kind of number each feature is, and which forms of change its scale allows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from patients.feature_names import FeatureName

_TABLE = Path(__file__).with_name("feature_semantics.json")


class Scale(StrEnum):
    """What zero and the sign of a feature mean."""

    SIGNED = "signed"
    POSITIVE = "positive"
    BOUNDED = "bounded01"


@dataclass(frozen=True, slots=True)
class Semantics:
    """The scale of one feature and the forms of change it allows; an absolute change always is.

    `has_relative`, `has_log` and `has_symmetric` say whether the relative ratio, the log-ratio and the
    symmetric ratio are defined. `follows_volume`: identical texture in a larger region gives another value;
    `follows_small_sizes`: it does so in small regions. `is_minimum_anchored`: one dark voxel moves it.
    """

    scale: Scale
    has_relative: bool = False
    has_log: bool = False
    has_symmetric: bool = False
    follows_volume: bool = False
    follows_small_sizes: bool = False
    is_minimum_anchored: bool = False


# Of a feature nobody has described only the difference is safe to state.
UNKNOWN = Semantics(Scale.SIGNED)


@dataclass(frozen=True, slots=True)
class AllowedForms:
    """For each feature of a list, whether a form of change is defined: three Boolean arrays."""

    relative: npt.NDArray[np.bool_]
    log: npt.NDArray[np.bool_]
    symmetric: npt.NDArray[np.bool_]


@cache
def _table() -> dict[tuple[str, str], tuple[Semantics, Semantics]]:
    rows = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {(name.feature_class, name.quantity): pair for name, pair in map(_described, rows)}


def _described(row: dict[str, object]) -> tuple[FeatureName, tuple[Semantics, Semantics]]:
    def on(scale: Scale) -> Semantics:
        signed = scale is Scale.SIGNED
        forms = (row["relative_pct_allowed"], row["log_ratio_allowed"], row["symmetric_pct_allowed"])
        guards = (row["strong_volume_dependence"], row["size_sensitive"], row["roi_min_anchored"])
        return Semantics(scale, *(bool(form) and not signed for form in forms), *map(bool, guards))

    name = FeatureName.parse(str(row["feature"]))
    return name, (on(Scale(str(row["scale"]))), on(Scale(str(row["on_filtered_images"]))))


@cache
def semantics(name: str) -> Semantics:
    """What kind of number a feature is; on filtered images by its scale there.

    A name that is not a feature's, or a quantity that is not described, allows the difference only.

    References
    ----------
    `feature_semantics.json` beside this file: signs checked against pyradiomics' definitions. Energy,
    TotalEnergy and RootMeanSquared depend on the constant added to every voxel, so no ratio of theirs
    means anything.

    Examples
    --------
    >>> semantics("original_glcm_JointEntropy").has_log
    True
    >>> semantics("original_firstorder_Mean").scale
    <Scale.SIGNED: 'signed'>
    >>> semantics("wavelet-LLH_firstorder_Energy").has_relative
    False
    """
    try:
        parsed = FeatureName.parse(name)
    except ValueError:
        return UNKNOWN
    pair = _table().get((parsed.feature_class, parsed.quantity))
    if pair is None:
        return UNKNOWN
    return pair[0] if parsed.image_type == "original" else pair[1]


@cache
def _allowed(names: tuple[str, ...]) -> AllowedForms:
    described = [semantics(name) for name in names]
    return AllowedForms(
        relative=np.array([one.has_relative for one in described], dtype=bool),
        log=np.array([one.has_log for one in described], dtype=bool),
        symmetric=np.array([one.has_symmetric for one in described], dtype=bool),
    )


def allowed_forms(names: Sequence[str]) -> AllowedForms:
    """Which forms of change are defined for each of these features.

    Examples
    --------
    >>> allowed_forms(["original_firstorder_Mean", "original_shape_MeshVolume"]).log.tolist()
    [False, True]
    """
    return _allowed(tuple(names))
