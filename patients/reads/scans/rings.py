"""The rings of a scan's outlines as they are kept: which there are, and in which company they were taken."""

from patients.models import FeatureSnapshot, Segmentation
from patients.words.regions import Region

RINGS = frozenset(Region) - {Region.LESION}
Contexts = dict[Region, str]


def outlines_with_rings(scan_pk: int, build_digest: str, profile_digest: str) -> list[tuple[Segmentation, Contexts]]:
    """The current, linked outlines of one scan, each with the context digest of its rings; in two queries."""
    rows = list(
        Segmentation.objects.filter(scan=scan_pk, superseded_at=None, lesion__isnull=False)
        .select_related("lesion")
        .order_by("pk")
    )
    taken = FeatureSnapshot.objects.filter(
        segmentation__in=rows,
        region__in=RINGS,
        build_digest=build_digest,
        feature_set__profile_digest=profile_digest,
    ).values_list("segmentation", "region", "provenance__ring__context")
    found: dict[int, Contexts] = {row.pk: {} for row in rows}
    for outline, region, context in taken:
        found[outline][Region(region)] = context or ""
    return [(row, found[row.pk]) for row in rows]
