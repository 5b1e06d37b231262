"""What waits for a second person, as lists and pages need it."""

import uuid
from collections.abc import Collection

from django.db.models import QuerySet

from patients.models import Hold
from patients.words.identity_words import HoldState


def _holds(team_pks: Collection[int]) -> QuerySet[Hold]:
    rows = Hold.objects.filter(team__in=team_pks)
    return rows.select_related(
        "candidate__upload__created_by", "patient", "asked_by", "decided_by", "lesion", "segmentation__scan", "beside"
    ).defer("beside__instances", "segmentation__scan__facts")


def open_holds(team_pks: Collection[int]) -> list[Hold]:
    """Those that wait, oldest first."""
    return list(_holds(team_pks).filter(state=HoldState.OPEN).order_by("pk"))


def hold_seen(team_pks: Collection[int], code: uuid.UUID) -> Hold | None:
    """One hold of these teams."""
    return _holds(team_pks).filter(code=code).first()
