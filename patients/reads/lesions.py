"""Lesions as they are known: where, under which names, and what waits to be measured."""

from dataclasses import dataclass
from typing import Any

from patients.models import Lesion, Scan, Segmentation
from patients.models.lesions import UNLINKED
from patients.words.regions import Region


@dataclass(frozen=True, slots=True)
class Sighting:
    """One linked outline of a lesion: its scan's body profile and where it lay in that scan (LPS, mm)."""

    scan_pk: int
    body: Any
    centroid_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class LesionKnown:
    """A lesion with the ROI names remembered for it and every place it was seen at."""

    lesion_pk: int
    tracking_uid: str
    tracking_id: str
    organ: str
    roi_names: frozenset[str]
    sightings: tuple[Sighting, ...]


def lesions_known(patient_pk: int) -> list[LesionKnown]:
    """Every lesion of a patient, in three queries."""
    lesions = Lesion.objects.filter(patient=patient_pk).prefetch_related("segmentations")
    bodies = dict(Scan.objects.filter(patient=patient_pk).values_list("pk", "facts__body"))
    known = []
    for lesion in lesions:
        outlines = list(lesion.segmentations.all())
        sightings = tuple(
            Sighting(row.scan_id, bodies[row.scan_id], (row.centroid_mm[0], row.centroid_mm[1], row.centroid_mm[2]))
            for row in outlines
            if row.centroid_mm and row.superseded_at is None and not row.is_withheld
        )
        names = frozenset(row.roi_name for row in outlines if row.roi_name)
        known.append(LesionKnown(lesion.pk, lesion.tracking_uid, lesion.tracking_id, lesion.organ, names, sightings))
    return known


def outlines_to_meet(scan_pk: int) -> list[Segmentation]:
    """Outlines of one scan that have no lesion yet, without those that a person took from theirs."""
    rows = Segmentation.objects.filter(scan=scan_pk, lesion=None, superseded_at=None)
    return list(rows.exclude(notes__contains=[{"code": UNLINKED}]))


def is_outlined_beside(outline: Segmentation, lesion_pk: int) -> bool:
    """Whether another outline that was filed together with this one shows the lesion already."""
    filed_together = Segmentation.objects.filter(scan=outline.scan_id, created_at=outline.created_at)
    return filed_together.filter(lesion=lesion_pk, superseded_at=None).exclude(pk=outline.pk).exists()


def outlines_to_take_further(scan_pk: int, build_digest: str, profile_digest: str) -> list[Segmentation]:
    """The current, measured outlines of one scan that lack a snapshot by this build under a further profile."""
    rows = Segmentation.objects.filter(
        scan=scan_pk, superseded_at=None, is_withheld=False, measurement__isnull=False, failure={}
    )
    done = rows.filter(
        snapshots__region=Region.LESION,
        snapshots__build_digest=build_digest,
        snapshots__feature_set__profile_digest=profile_digest,
    )
    return list(rows.exclude(pk__in=done.values("pk")).order_by("pk"))


def outlines_to_measure(scan_pk: int, build_digest: str, profile_digest: str) -> list[Segmentation]:
    """Outlines of one scan that lack a measurement, or a snapshot by this build under this profile."""
    rows = Segmentation.objects.filter(scan=scan_pk, superseded_at=None)
    done = rows.filter(
        measurement__isnull=False,
        snapshots__region=Region.LESION,
        snapshots__build_digest=build_digest,
        snapshots__feature_set__profile_digest=profile_digest,
    )
    return list(rows.exclude(pk__in=done.values("pk")))
