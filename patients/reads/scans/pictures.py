"""Which pictures an outline has, from its stored manifest."""

import json
from typing import Any

from patients.files import Storage
from patients.models import Segmentation


def slice_manifest(storage: Storage, segmentation: Segmentation) -> dict[str, Any]:
    """The manifest of one outline's slices; raises FileNotFoundError where its bytes are not there."""
    digest = segmentation.slices.get("manifest")
    if not digest:
        raise FileNotFoundError("this outline has no pictures")
    manifest: dict[str, Any] = json.loads(storage.read(digest))
    return manifest
