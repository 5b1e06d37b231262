"""Outlines as their pages need them: how far those of some scans are, and what stands behind a lesion's numbers."""

from collections.abc import Collection

from patients.models import FeatureSet, FeatureSnapshot, Scan, Segmentation
from patients.standing_damage import sizes_damaged
from patients.words.regions import Region


def outlines_of_scans(scan_pks: Collection[int]) -> list[Segmentation]:
    """The current outlines of these scans with lesion, scan, patient and measurement, newest scan first.

    Each says by `is_damaged` whether its sizes stand on damaged data.
    """
    rows = Segmentation.objects.filter(scan__in=scan_pks, superseded_at=None)
    rows = rows.annotate(is_damaged=sizes_damaged())
    rows = rows.select_related("scan__patient", "lesion", "measurement").defer("scan__facts", "scan__geometry")
    return list(rows.order_by("-scan__filed_at", "scan_id", "pk"))


def outlines_of_lesion(lesion_pk: int) -> list[Segmentation]:
    """The current outlines of one lesion with scan and measurement, in the order of their dates."""
    rows = Segmentation.objects.filter(lesion=lesion_pk, superseded_at=None, is_withheld=False)
    rows = rows.annotate(is_damaged=sizes_damaged())
    return list(rows.select_related("scan", "lesion", "measurement", "created_by").order_by("scan__acquired_on", "pk"))


def superseded_outlines(lesion_pk: int) -> list[Segmentation]:
    """The outlines of one lesion that a newer one replaced, newest first."""
    rows = Segmentation.objects.filter(lesion=lesion_pk, superseded_at__isnull=False, is_withheld=False)
    return list(rows.select_related("scan", "created_by", "superseded_by__created_by").order_by("-superseded_at"))


def provenance_of_lesion(lesion_pk: int) -> dict[int, FeatureSnapshot]:
    """The newest snapshot of each current outline, without its values: who computed them, and from what."""
    rows = (
        FeatureSnapshot.objects.filter(
            segmentation__lesion=lesion_pk,
            segmentation__superseded_at=None,
            segmentation__is_withheld=False,
            region=Region.LESION,
            feature_set__is_extra=False,
        )
        .select_related("feature_set")
        .defer("values", "reasons", "feature_set__names")
        .order_by("pk")
    )
    return {row.segmentation_id: row for row in rows}


def feature_names_of_patient(patient_pk: int) -> list[str]:
    """Every feature that was extracted for one patient, in the order of the sets, each once."""
    used = FeatureSnapshot.objects.filter(segmentation__scan__patient=patient_pk, region=Region.LESION).values(
        "feature_set"
    )
    sets = FeatureSet.objects.filter(pk__in=used, is_extra=False).order_by("pk")
    return list(dict.fromkeys(name for found in sets for name in found.names))


def voxel_units_of_patient(patient_pk: int) -> list[str]:
    """The units of the voxels of one patient's scans, each once."""
    return list(Scan.objects.filter(patient=patient_pk).order_by("unit").values_list("unit", flat=True).distinct())


def feature_names_of_lesion(lesion_pk: int) -> list[str]:
    """Every feature that was extracted for one lesion, in the order of the sets, each once."""
    used = FeatureSnapshot.objects.filter(
        segmentation__lesion=lesion_pk, segmentation__is_withheld=False, region=Region.LESION
    ).values("feature_set")
    sets = FeatureSet.objects.filter(pk__in=used, is_extra=False).order_by("pk")
    return list(dict.fromkeys(name for found in sets for name in found.names))
