"""Keep a fitted harmonisation under its next version, and replace the values derived under one."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from patients.models import HarmonisationModel, HarmonisedValues, Patient, Team
from patients.trail.contents import HARMONISATION, content_of
from patients.words.audit_words import Deed
from patients.words.harmonisation_words import ModelStatus
from patients.writes.trail.record import record


def store_model(
    team_pk: int,
    profile: str,
    profile_digest: str,
    *,
    digest: str,
    parameters: str,
    user_pk: int | None,
    is_synthetic: bool = False,
) -> HarmonisationModel:
    """The fit as the version in force; the one before is retired and kept. The same fit again stays what it is.

    `is_synthetic`: it was fitted on made-up patients.
    """
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team_pk)
        rows = HarmonisationModel.objects.filter(team=team_pk, profile=profile)
        before = rows.filter(status=ModelStatus.IN_FORCE).first()
        if before is not None and (before.digest, before.is_synthetic) == (digest, is_synthetic):
            return before
        rows.filter(status=ModelStatus.IN_FORCE).update(status=ModelStatus.RETIRED)
        fitted = HarmonisationModel.objects.create(
            team_id=team_pk,
            profile=profile,
            profile_digest=profile_digest,
            version=1 + (rows.aggregate(last=Max("version"))["last"] or 0),
            digest=digest,
            parameters=parameters,
            fitted_by_id=user_pk,
            is_synthetic=is_synthetic,
        )
        content = content_of(HarmonisationModel.objects.get(pk=fitted.pk), HARMONISATION)
        record(Deed.HARMONISATION_STORED, subject=fitted, by=user_pk, digest=digest, content=content)
        return fitted


def forget_harmonised_of_others(patient: Patient) -> None:
    """Remove what was derived of a patient under models of the other kind: made up or not."""
    rows = HarmonisedValues.objects.filter(snapshot__segmentation__scan__patient=patient)
    rows.exclude(model__is_synthetic=patient.is_synthetic).delete()


def replace_harmonised(model: HarmonisationModel, rows: Iterable[HarmonisedValues]) -> int:
    """Store these rows under a model, each in place of the one before; returns how many."""
    made = list(rows)
    for row in made:
        row.model = model
    HarmonisedValues.objects.bulk_create(
        made,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["snapshot", "model"],
        update_fields=["values", "reasons", "notes"],
    )
    return len(made)
