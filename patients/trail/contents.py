"""What a stored row says, as one digest: written into the audit trail with the row, and worked out again by a check.

Only what never changes of a row is in it. Numbers go in with every bit of them; a JSON column may give an integer back
where a float went in, so all of its numbers are taken as floats.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

SCAN = (
    "modality",
    "acquired_on",
    "unit",
    "series_instance_uid",
    "frame_of_reference_uid",
    "volume_digest",
    "volume_file",
    "geometry",
    "facts",
    "instances",
)
OUTLINE = ("mask_digest", "mask_file", "voxels", "centroid_mm", "slices", "outline_format", "roi_name")
MEASUREMENT = (
    "longest_diameter_mm",
    "short_axis_mm",
    "volume_ml",
    "longest_at",
    "shortest_at",
    "component_diameters_mm",
    "outside_ratio",
    "absence",
)
SNAPSHOT = (
    "feature_set_id",
    "region",
    "engine",
    "build_digest",
    "versions",
    "values",
    "reasons",
    "provenance",
)

HOSTED_MODEL = (
    "digest",
    "kind",
    "model_id",
    "version",
    "title",
    "text",
    "card",
    "replay",
    "tier",
    "profile_digest",
)
HARMONISATION = ("team_id", "profile", "profile_digest", "version", "is_synthetic", "digest", "parameters")


def content_of(row: Any, columns: Iterable[str]) -> str:
    """The digest of these columns of a row."""
    said = {name: _plain(getattr(row, name)) for name in columns}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """One value in the same words before and after the database.

    >>> _plain({"a": [1, 1.0, -0.0, True, None]})
    {'a': ['0x1.0000000000000p+0', '0x1.0000000000000p+0', '0x0.0p+0', True, None]}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # Adding zero takes the sign from a zero: JSON columns do not keep it.
        return (float(value) + 0.0).hex()
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)
