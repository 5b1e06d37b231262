"""Whether two scans can show one body: height, weight and width of the chest, where both tell of them. No Django."""

from collections.abc import Mapping
from typing import Any

# What measuring differently, growing, losing weight or another field of view does is less than this.
SIZE_APART_M, SIZE_APART_LATER_M = 0.08, 0.15
WEIGHT_RATIO, WEIGHT_RATIO_LATER = 1.35, 1.6
CHEST_RATIO = 1.5
SOON_DAYS, SIZE_SOON_DAYS = 180, 730
# A slice through the lungs is this much air; fewer of them are no chest.
LUNG_AIR_RATIO, LUNG_SLICES = 0.15, 8
Compared = dict[str, Any]


def compared_bodies(facts: Mapping[str, Any], earlier: Mapping[str, Any], days: int) -> list[Compared]:
    """What both scans tell of the body: name, both values, and whether they can be one person's.

    Examples
    --------
    >>> one, other = {"physique": {"size_m": 1.8}}, {"physique": {"size_m": 1.62}}
    >>> compared_bodies(one, other, 60)
    [{'what': 'height', 'here': '1.80 m', 'there': '1.62 m', 'is_same': False}]
    """
    found = []
    here, there = facts.get("physique") or {}, earlier.get("physique") or {}
    if here.get("size_m") and there.get("size_m"):
        limit = SIZE_APART_M if days <= SIZE_SOON_DAYS else SIZE_APART_LATER_M
        is_same = abs(here["size_m"] - there["size_m"]) <= limit
        found.append(_row("height", here["size_m"], there["size_m"], "{:.2f} m", is_same=is_same))
    if here.get("weight_kg") and there.get("weight_kg"):
        ratio = _ratio(here["weight_kg"], there["weight_kg"])
        is_same = ratio <= (WEIGHT_RATIO if days <= SOON_DAYS else WEIGHT_RATIO_LATER)
        found.append(_row("weight", here["weight_kg"], there["weight_kg"], "{:.0f} kg", is_same=is_same))
    one, other = chest_mm2(facts.get("body")), chest_mm2(earlier.get("body"))
    if one and other:
        is_same = _ratio(one, other) <= CHEST_RATIO
        found.append(_row("cross-section of the chest", one / 100, other / 100, "{:.0f} cm²", is_same=is_same))
    return found


def chest_mm2(profile: Mapping[str, Any] | None) -> float | None:
    """The largest but one tenth of the cross-sections through the lungs; None where the scan shows no chest."""
    if not profile:
        return None
    slices = zip(profile.get("area_mm2", ()), profile.get("air_mm2", ()), strict=False)
    lungs = sorted(area for area, air in slices if area > 0 and air / area >= LUNG_AIR_RATIO)
    return float(lungs[(9 * len(lungs)) // 10]) if len(lungs) >= LUNG_SLICES else None


def _row(what: str, here: float, there: float, shown: str, *, is_same: bool) -> Compared:
    return {"what": what, "here": shown.format(here), "there": shown.format(there), "is_same": is_same}


def _ratio(one: float, other: float) -> float:
    return max(one, other) / min(one, other)
