"""Numbers that were computed again: the newest answer of each, and the alarms among them."""

from collections.abc import Collection

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from patients.models import Recomputation
from patients.models.recomputations import SUBJECTS
from patients.words.recompute_words import Recomputed

_OF_PATIENT = (
    "snapshot__segmentation__scan__patient",
    "score__patient",
    "harmonised__snapshot__segmentation__scan__patient",
    "output__patient",
)


def newest_of(snapshot_pk: int) -> Recomputation | None:
    """The newest request of one snapshot, answered or not, with who asked."""
    return newest_about("snapshot", snapshot_pk)


def newest_about(subject: str, pk: int) -> Recomputation | None:
    """The newest request of one number, by what it is of (`snapshot`, `score`, `harmonised`, `output`)."""
    return Recomputation.objects.filter(**{subject: pk}).select_related("asked_by").first()


def asker_and_team(pk: int) -> tuple[int | None, int] | None:
    """Who asked, and whose patient the number is of; None where it went with its number meanwhile."""
    of_team = Coalesce(*(F(f"{name}__team") for name in _OF_PATIENT))
    return Recomputation.objects.filter(pk=pk).annotate(of_team=of_team).values_list("asked_by", "of_team").first()


def alarms_of_lesion(lesion_pk: int) -> list[Recomputation]:
    """The numbers of one lesion's current outlines whose newest answer is an alarm, in one query."""
    rows = (
        Recomputation.objects.filter(
            Q(snapshot__segmentation__lesion=lesion_pk, snapshot__segmentation__superseded_at=None)
            | Q(harmonised__snapshot__segmentation__lesion=lesion_pk)
            | Q(output__lesion=lesion_pk, output__superseded_at=None)
        )
        .exclude(outcome="")
        .select_related(
            "snapshot__segmentation__scan__patient",
            "harmonised__snapshot__segmentation__scan__patient",
            "output__patient",
            "output__model",
            "asked_by",
        )
        .defer("snapshot__values", "snapshot__reasons", "snapshot__provenance", "output__said", "output__model__text")
        .order_by(*(f"{name}_id" for name in SUBJECTS), "-pk")
        .distinct(*(f"{name}_id" for name in SUBJECTS))
    )
    return [row for row in rows if Recomputed(row.outcome).is_alarm]


def patients_with_alarms(team_pks: Collection[int]) -> frozenset[int]:
    """Keys of the patients of these teams with a number that did not come out the same, in one query."""
    rows = (
        Recomputation.objects.exclude(outcome="")
        .exclude(snapshot__segmentation__superseded_at__isnull=False)
        .exclude(output__superseded_at__isnull=False)
        .annotate(of_patient=Coalesce(*map(F, _OF_PATIENT)))
        .filter(
            Q(snapshot__segmentation__scan__patient__team__in=team_pks)
            | Q(score__patient__team__in=team_pks)
            | Q(harmonised__snapshot__segmentation__scan__patient__team__in=team_pks)
            | Q(output__patient__team__in=team_pks)
        )
        .order_by(*(f"{name}_id" for name in SUBJECTS), "-pk")
        .distinct(*(f"{name}_id" for name in SUBJECTS))
        .values_list("of_patient", "outcome")
    )
    return frozenset(patient for patient, outcome in rows if Recomputed(outcome).is_alarm)
