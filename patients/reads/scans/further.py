"""How many outlines of a scan have been taken under a further profile."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from patients.models import FeatureSnapshot, Segmentation

_CURRENT: dict[str, Any] = {"superseded_at": None, "is_withheld": False, "measurement__isnull": False, "failure": {}}


def measured_outlines(scan_pks: Collection[int]) -> dict[int, int]:
    """How many current, measured outlines each scan has."""
    rows = Segmentation.objects.filter(scan__in=scan_pks, **_CURRENT)
    return dict(rows.values("scan").annotate(count=Count("pk")).values_list("scan", "count"))


def outlines_taken(scan_pks: Collection[int], build_digest: str) -> dict[tuple[int, str], int]:
    """How many of them have a snapshot by this build, by scan and the profile's digest; further profiles only."""
    rows = FeatureSnapshot.objects.filter(
        segmentation__scan__in=scan_pks,
        build_digest=build_digest,
        feature_set__is_extra=True,
        **{f"segmentation__{name}": value for name, value in _CURRENT.items()},
    )
    counted = rows.values("segmentation__scan", "feature_set__profile_digest").annotate(count=Count("segmentation"))
    columns = ("segmentation__scan", "feature_set__profile_digest", "count")
    return {(scan, digest): count for scan, digest, count in counted.values_list(*columns)}
