"""Where a lesion's numbers come from: what the engine recorded of each extraction, in words and units."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitoring.templatetags.clinical import words
from patients.models import FeatureSnapshot, Segmentation

Fact = tuple[str, Any]
# What has a line of its own on the page.
SHOWN_ABOVE = ("mask_digest", "volume_digest", "profile")
UNITS = {"mm": "mm", "hu": "HU"}
MINUS = "\u2212"


def origins(
    outlines: Sequence[Segmentation], snapshots: Mapping[int, FeatureSnapshot]
) -> list[tuple[Segmentation, FeatureSnapshot | None, list[Fact]]]:
    """Each outline with its snapshot (None: not extracted yet) and the facts recorded with it."""
    found = ((outline, snapshots.get(outline.pk)) for outline in outlines)
    return [(outline, taken, list(facts(taken.provenance)) if taken else []) for outline, taken in found]


def facts(provenance: Mapping[str, Any]) -> Iterator[Fact]:
    """Name and value of everything that was recorded, for reading.

    >>> list(facts({"tissue_range_hu": [-900.0, 400.0], "spacing_after_mm": [1.0, 1.0, 1.0], "warnings": []}))
    [('Tissue range', '−900 to 400 HU'), ('Spacing after (mm)', [1.0, 1.0, 1.0]), ('Warnings', 'none')]
    >>> list(facts({"crop": {"box_kji": [[0, 48], [207, 319], [86, 202]], "margin_voxels_ijk": [32, 32, 30]}}))
    [('Crop', 'slices 0 to 47, rows 207 to 318, columns 86 to 201'), ('Crop margin (voxels)', [32, 32, 30])]
    """
    for name, value in provenance.items():
        if value is None or name in SHOWN_ABOVE:
            continue
        if name == "crop":
            yield from _crop(value)
        else:
            yield _fact(name, value)


def _fact(name: str, value: Any) -> Fact:
    stem, _, unit = name.rpartition("_")
    if unit not in UNITS:
        return words(name).replace("Roi", "ROI"), _told(value)
    if stem.endswith("_range"):
        low, high = (f"{end:g}".replace("-", MINUS) for end in value)
        return words(stem), f"{low} to {high} {UNITS[unit]}"
    return f"{words(stem)} ({UNITS[unit]})", _told(value)


def _crop(crop: Mapping[str, Any]) -> Iterator[Fact]:
    """The box as first and last voxel of each axis: it is kept half open."""
    axes = zip(("slices", "rows", "columns"), crop["box_kji"], strict=True)
    yield "Crop", ", ".join(f"{axis} {start} to {stop - 1}" for axis, (start, stop) in axes)
    if crop["margin_voxels_ijk"] is not None:
        yield "Crop margin (voxels)", crop["margin_voxels_ijk"]


def _told(value: Any) -> Any:
    """A warning's sentence, "none" for an empty list, everything else as it is."""
    if isinstance(value, list) and value and all(isinstance(one, dict) and "sentence" in one for one in value):
        return " ".join(one["sentence"] for one in value)
    return "none" if value in ([], {}, "") else value
