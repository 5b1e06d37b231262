"""Numbers that were computed again: the newest answer of each snapshot, and the alarms among them."""

from collections.abc import Collection

from patients.models import Recomputation
from patients.words.recompute_words import Recomputed
from patients.words.regions import Region


def newest_of(snapshot_pk: int) -> Recomputation | None:
    """The newest request of one snapshot, answered or not, with who asked."""
    return Recomputation.objects.filter(snapshot=snapshot_pk).select_related("asked_by").first()


def alarms_of_lesion(lesion_pk: int) -> list[Recomputation]:
    """The snapshots of one lesion's current outlines whose newest answer is an alarm, in one query."""
    rows = (
        Recomputation.objects.filter(
            snapshot__segmentation__lesion=lesion_pk,
            snapshot__segmentation__superseded_at=None,
            snapshot__region=Region.LESION,
        )
        .exclude(outcome="")
        .select_related("snapshot__segmentation__scan", "asked_by")
        .defer("snapshot__values", "snapshot__reasons", "snapshot__provenance")
        .order_by("snapshot_id", "-pk")
        .distinct("snapshot_id")
    )
    return [row for row in rows if Recomputed(row.outcome).is_alarm]


def patients_with_alarms(team_pks: Collection[int]) -> frozenset[int]:
    """Keys of the patients of these teams with a number that did not come out the same, in one query."""
    rows = (
        Recomputation.objects.filter(
            snapshot__segmentation__scan__patient__team__in=team_pks, snapshot__segmentation__superseded_at=None
        )
        .exclude(outcome="")
        .order_by("snapshot_id", "-pk")
        .distinct("snapshot_id")
        .values_list("snapshot__segmentation__scan__patient", "outcome")
    )
    return frozenset(patient for patient, outcome in rows if Recomputed(outcome).is_alarm)
