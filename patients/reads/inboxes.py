"""Uploads and outlines that wait for a person."""

import uuid
from collections.abc import Collection

from django.db.models import Count, F, Prefetch, QuerySet, Sum

from patients.lesions_shown import lesions_shown
from patients.models import Candidate, Hold, Lesion, Segmentation, Upload
from patients.standing_damage import sizes_damaged

# The series of one upload as they were taken; those without a date come last.
BY_DATE = (F("acquired_on").asc(nulls_last=True), "pk")


def _uploads(teams: Collection[int]) -> QuerySet[Upload]:
    candidates = Candidate.objects.select_related("patient", "scan__patient").order_by(*BY_DATE)
    candidates = candidates.prefetch_related(Prefetch("holds", queryset=Hold.objects.select_related("decided_by")))
    return (
        Upload.objects.filter(team__in=teams)
        .select_related("created_by", "patient", "team")
        .annotate(files_count=Count("files"), files_bytes=Sum("files__size", default=0))
        .prefetch_related(Prefetch("candidates", queryset=candidates))
    )


def uploads_seen(teams: Collection[int], limit: int = 30) -> list[Upload]:
    """The newest uploads of these teams, with their candidates."""
    # A query that counts forgets the model's own order.
    return list(_uploads(teams).order_by("-created_at", "-pk")[:limit])


def upload_seen(teams: Collection[int], code: uuid.UUID) -> Upload | None:
    """One upload of these teams, with its candidates."""
    return _uploads(teams).filter(code=code).first()


def candidate_seen(teams: Collection[int], code: uuid.UUID) -> Candidate | None:
    """One series of an upload of these teams."""
    rows = Candidate.objects.select_related("upload__team", "patient", "scan")
    return rows.filter(upload__team__in=teams, code=code).first()


def waiting_outlines(teams: Collection[int]) -> list[Segmentation]:
    """Outlines that no lesion is linked to yet, oldest first."""
    rows = Segmentation.objects.select_related("scan__patient", "scan__timepoint")
    rows = rows.defer("scan__facts", "scan__geometry", "scan__instances")
    return list(rows.filter(scan__patient__team__in=teams, lesion=None, superseded_at=None))


def outline_seen(teams: Collection[int], code: uuid.UUID) -> Segmentation | None:
    """One outline of these teams."""
    rows = Segmentation.objects.select_related("scan__patient", "lesion", "measurement")
    return rows.filter(scan__patient__team__in=teams, code=code).first()


def lesions_to_choose(patient_pk: int, user_pk: int) -> list[Lesion]:
    """The lesions of a patient that a login may know of, each with its current outlines in the order of their dates."""
    current = (
        Segmentation.objects.filter(superseded_at=None)
        .select_related("scan", "measurement")
        .annotate(is_damaged=sizes_damaged())
        .order_by("scan__acquired_on", "pk")
    )
    rows = lesions_shown(patient_pk, user_pk)
    return list(rows.prefetch_related(Prefetch("segmentations", queryset=current, to_attr="current_outlines")))
