"""A patient's findings once more: concluded from today's rows and held against the stored ones, field by field."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, Model

from patients.models import (
    ChangeNoise,
    FeatureDelta,
    FeatureSet,
    FeatureSnapshot,
    LesionDiscordance,
    LesionPair,
    LesionTrajectory,
    PatientDelta,
    ResponseAssessment,
    ResponseSummary,
    VisitConclusion,
)
from patients.reads.timelines import patient_timeline
from patients.writes.findings import rows_of
from patients.writes.kept_rows import ROW_KEYS
from radiomics_tasks.analysis.change.noise.verdicts import SIZE_PANEL
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.footing import standing_grounds
from radiomics_tasks.in_force import site_protocol
from radiomics_tasks.recomputing.bits import Difference, differences

# How a reader calls each kind of row.
_CALLED: dict[type[Model], str] = {
    FeatureDelta: "change",
    ResponseAssessment: "response",
    ResponseSummary: "best response",
    LesionPair: "pair of scans",
    ChangeNoise: "noise",
    VisitConclusion: "visit",
    PatientDelta: "aggregate",
    LesionDiscordance: "discordance",
    LesionTrajectory: "trajectory",
}

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Concluded:
    """One patient's findings, stored and concluded again, each row under its kind and key."""

    stored: dict[tuple[type[Model], Key], Model]
    now: dict[tuple[type[Model], Key], Model]
    names: dict[int, list[str]]

    def differences(self) -> Iterator[Difference]:
        """Everything that a stored row says otherwise than today's conclusion, and rows that only one side has."""
        for place in dict.fromkeys((*self.stored, *self.now)):
            stored, now = self.stored.get(place), self.now.get(place)
            if stored is None:
                yield Difference(_CALLED[place[0]], _title(now), "nothing", "concluded")
            elif now is None:
                yield self.lost(stored)
            else:
                yield from self.between(stored, now)

    def between(self, stored: Model, now: Model) -> Iterator[Difference]:
        """What one stored row says otherwise than the same row concluded now."""
        names = self.names_of(stored)
        title = _title(stored)
        for field in stored._meta.concrete_fields:
            # The digest only says whether a row must be written again; all that it is of is held against each other.
            if field.primary_key or field.name in ("patient", "inputs_digest"):
                continue
            value = getattr(now, field.attname)
            if isinstance(field, JSONField):
                value = json.loads(json.dumps(value))
            yield from differences(
                _CALLED[type(stored)], f"{title}, {field.name}", getattr(stored, field.attname), value, names
            )

    def lost(self, stored: Model) -> Difference:
        """A stored row that is not concluded any more."""
        return Difference(_CALLED[type(stored)], _title(stored), "concluded", "nothing")

    def names_of(self, row: Model) -> list[str]:
        """What stands at each place of a row's arrays; empty where they are no features."""
        if isinstance(row, ChangeNoise) and row.feature_set_id is None:
            return list(SIZE_PANEL)
        return self.names.get(getattr(row, "feature_set_id", None) or 0, [])

    def twin_of(self, stored: Model) -> Model | None:
        """The row concluded now that stands for a stored one."""
        return self.now.get(_placed(stored))


def concluded_again(patient_pk: int) -> Concluded:
    """Everything concluded of one patient, from the rows and on the grounds of today; nothing is written."""
    findings = conclude(patient_timeline(patient_pk, with_facts=True), site_protocol(), standing_grounds(patient_pk))
    stored = (row for model in ROW_KEYS for row in model._default_manager.filter(patient=patient_pk))
    used = FeatureSnapshot.objects.filter(segmentation__scan__patient=patient_pk).values("feature_set")
    names = {row.pk: row.names for row in FeatureSet.objects.filter(pk__in=used)}
    return Concluded(_by_place(stored), _by_place(rows_of(findings)), names)


def _by_place(rows: Iterable[Model]) -> dict[tuple[type[Model], Key], Model]:
    return {_placed(row): row for row in rows}


def _placed(row: Model) -> tuple[type[Model], Key]:
    return type(row), tuple(_plain(getattr(row, name)) for name in ROW_KEYS[type(row)])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _title(row: Model | None) -> str:
    """A row's place in short: `lesion 3, visit 12, against BASELINE`."""
    parts = {"lesion_id": "lesion", "timepoint_id": "visit", "reference": "against", "criterion": "under"}
    said = [f"{word} {getattr(row, name)}" for name, word in parts.items() if getattr(row, name, None) is not None]
    return ", ".join(said) or "of the patient"
