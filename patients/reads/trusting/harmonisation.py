"""Lesions as harmonisation asks for them, and what stands beside raw values; each in a constant number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from patients.models import FeatureSnapshot, HarmonisationModel, Patient
from patients.standing_damage import features_damaged
from patients.vocabulary import LesionRole
from patients.words.harmonisation_words import HarmonisedNote, ModelStatus, NotHarmonised
from patients.words.regions import Region


@dataclass(frozen=True, slots=True)
class LesionScanned:
    """One snapshot of a lesion with what a model may know of it; `volume_ml` None where it was not measured."""

    snapshot_pk: int
    lesion_pk: int
    patient: str
    lesion: str
    organ: str
    tumour: str
    modality: str
    unit: str
    acquired_on: date
    facts: Mapping[str, Any]
    volume_ml: float | None
    names: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class HarmonisedCell:
    """What stands beside one raw value: a number, or the reason why there is none; and what is to be noted."""

    value: float | None
    reason: NotHarmonised | None
    notes: tuple[HarmonisedNote, ...]
    version: int
    pk: int = 0


_COLUMNS = {
    "pk": "pk",
    "lesion_pk": "segmentation__lesion_id",
    "patient": "segmentation__scan__patient__pseudonym",
    "lesion": "segmentation__lesion__tracking_id",
    "organ": "segmentation__lesion__organ",
    "tumour": "segmentation__scan__patient__tumour",
    "modality": "segmentation__scan__modality",
    "unit": "segmentation__scan__unit",
    "acquired_on": "segmentation__scan__acquired_on",
    "acquisition": "segmentation__scan__facts__acquisition",
    "volume_ml": "segmentation__measurement__volume_ml",
    "names": "feature_set__names",
    "values": "values",
}
_CELLS = """
    SELECT h.snapshot_id, h.values[p.at], h.reasons[p.at], h.notes, m.version, h.id
    FROM patients_harmonisedvalues h
    JOIN patients_harmonisationmodel m ON m.id = h.model_id AND m.status = %s
    JOIN patients_featuresnapshot f ON f.id = h.snapshot_id
    JOIN patients_featureset n ON n.id = f.feature_set_id,
    LATERAL (SELECT array_position(n.names::text[], %s) AS at) p
    WHERE h.snapshot_id = ANY(%s) AND p.at IS NOT NULL
"""


def baseline_lesions(team_pk: int, profile_digest: str, *, is_synthetic: bool = False) -> list[LesionScanned]:
    """Each lesion of a team once, at its first scan extracted under a profile; new lesions have no baseline.

    Of its patients, or of those that are made up: never of both.
    """
    patients = Patient.objects.filter(team=team_pk, is_synthetic=is_synthetic)
    rows = _newest(profile_digest).filter(segmentation__scan__patient__in=patients)
    rows = rows.exclude(segmentation__lesion__role=LesionRole.NEW)
    first: dict[int, tuple[date, int, int]] = {}
    for pk, outline, lesion, on in rows.values_list(
        "pk", "segmentation_id", "segmentation__lesion_id", "segmentation__scan__acquired_on"
    ):
        first[lesion] = min(first.get(lesion, (date.max, 0, 0)), (on, outline, pk))
    return _scanned(FeatureSnapshot.objects.filter(pk__in=[pk for _, _, pk in first.values()]))


def scanned_lesions(patient_pks: Collection[int], profile_digest: str) -> list[LesionScanned]:
    """Every current outline of these patients with its newest snapshot under a profile."""
    rows = _newest(profile_digest).filter(segmentation__scan__patient__in=patient_pks)
    return _scanned(FeatureSnapshot.objects.filter(pk__in=list(rows.values_list("pk", flat=True))))


def _newest(profile_digest: str) -> "QuerySet[FeatureSnapshot, FeatureSnapshot]":
    rows = FeatureSnapshot.objects.filter(
        ~features_damaged("segmentation_id"),
        region=Region.LESION,
        feature_set__profile_digest=profile_digest,
        segmentation__superseded_at=None,
        segmentation__is_withheld=False,
        segmentation__lesion__isnull=False,
    )
    return rows.order_by("segmentation_id", "-pk").distinct("segmentation_id")


def _scanned(snapshots: "QuerySet[FeatureSnapshot, FeatureSnapshot]") -> list[LesionScanned]:
    found = []
    for row in snapshots.order_by("pk").values_list(*_COLUMNS.values()):
        told = dict(zip(_COLUMNS, row, strict=True))
        acquisition = told.pop("acquisition") or {}
        names, values = tuple(told.pop("names")), tuple(told.pop("values"))
        scanned = {"snapshot_pk": told.pop("pk"), "facts": {"acquisition": acquisition}, **told}
        found.append(LesionScanned(names=names, values=values, **scanned))
    return found


def in_force(team_pk: int) -> list[HarmonisationModel]:
    """The harmonisations whose values are shown for a team's patients, one a profile at most."""
    return list(HarmonisationModel.objects.filter(team=team_pk, status=ModelStatus.IN_FORCE))


def harmonisations_of(team_pks: Collection[int]) -> list[HarmonisationModel]:
    """Every version of these teams, the newest first."""
    return list(HarmonisationModel.objects.filter(team__in=team_pks).select_related("team", "fitted_by"))


def harmonised_cells(snapshot_pks: Collection[int], feature: str) -> dict[int | None, HarmonisedCell]:
    """One feature of these snapshots under the harmonisation in force, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [ModelStatus.IN_FORCE.value, feature, list(snapshot_pks)])
        return {
            snapshot: HarmonisedCell(
                value, NotHarmonised(reason) if reason else None, tuple(map(HarmonisedNote, notes)), version, pk
            )
            for snapshot, value, reason, notes, version, pk in cursor.fetchall()
        }
