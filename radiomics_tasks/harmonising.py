"""Rows to a cohort and back: fits a team's harmonisation, and derives the values that stand beside raw ones."""

import json
import logging
from collections.abc import Iterator, Sequence

from patients.feature_names import FeatureName
from patients.models import HarmonisationModel, HarmonisedValues, Patient
from patients.reads.trusting.harmonisation import LesionScanned, baseline_lesions, in_force, scanned_lesions
from patients.words.harmonisation_words import Covariate
from patients.writes.trusting.harmonisation import forget_harmonised_of_others, replace_harmonised
from radiomics_tasks.analysis.harmonisation.applying import RawRow, harmonised
from radiomics_tasks.analysis.harmonisation.batches import batch_of
from radiomics_tasks.analysis.harmonisation.cohort import Cohort, CohortRow
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.analysis.harmonisation.frozen import FrozenModel
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts
from radiomics_tasks.errors import Refusal
from radiomics_tasks.extraction.profiles import Profile

log = logging.getLogger(__name__)


def fitted(team_pk: int, profile: Profile) -> tuple[FrozenModel, bool]:
    """The harmonisation of a team's baseline lesions under one profile, and whether they are of made-up patients.

    Made-up patients are a cohort only where the team has no others; they are never one together with others.

    Raises
    ------
    Refusal
        E_NO_LESIONS where nothing was extracted, and whatever the fit refuses.
    """
    lesions = baseline_lesions(team_pk, profile.digest)
    is_synthetic = not lesions
    if is_synthetic:
        lesions = baseline_lesions(team_pk, profile.digest, is_synthetic=True)
    if not lesions:
        sentence = f"No lesion of this team has features under the profile {profile.name}. Extract some first."
        raise Refusal("E_NO_LESIONS", sentence)
    scope = {"profile": profile.name, "profile_digest": profile.digest, "modality": profile.modality}
    return fit(cohort_of(lesions), scope), is_synthetic


def cohort_of(lesions: Sequence[LesionScanned]) -> Cohort:
    """Lesions as rows over the features of the newest of them."""
    names = lesions[-1].names
    units = tuple(FeatureName.parse(name).unit(lesions[-1].unit) for name in names)
    rows = tuple(
        CohortRow(
            key=f"{lesion.patient}, {lesion.lesion}, {lesion.acquired_on}",
            subject=lesion.patient,
            batch=_batch(lesion),
            covariates=_covariates(lesion),
            values=tuple(map(dict(zip(lesion.names, lesion.values, strict=True)).get, names)),
        )
        for lesion in lesions
    )
    return Cohort(names, units, rows, tuple(Covariate))


def _batch(lesion: LesionScanned) -> str:
    return batch_of(ScanFacts.kept(lesion.facts, lesion.modality, lesion.acquired_on), default_rules().wording).label


def _covariates(lesion: LesionScanned) -> dict[Covariate, str | float | None]:
    return {
        Covariate.TUMOUR: lesion.tumour,
        Covariate.ORGAN: lesion.organ,
        Covariate.VOLUME: lesion.volume_ml,
    }


def rederive_patient(patient_pk: int) -> None:
    """Derive a patient's harmonised values anew under whatever is in force; nothing is fitted.

    A model of made-up patients says nothing of others, nor the other way round.
    """
    patient = Patient.objects.get(pk=patient_pk)
    forget_harmonised_of_others(patient)
    for model in in_force(patient.team_id):
        if model.is_synthetic == patient.is_synthetic and is_whole(model):
            replace_harmonised(model, derived(model, [patient_pk]))


def is_whole(model: HarmonisationModel) -> bool:
    """Whether the stored parameters are those of their digest: from others nothing is derived."""
    try:
        found = FrozenModel.parse(json.loads(model.parameters)).digest
    except (ValueError, Refusal):
        found = ""
    if found != model.digest:
        log.error("the harmonisation %s is not used: its parameters are not those of its digest", model.pk)
    return found == model.digest


def rederive_team(model: HarmonisationModel) -> int:
    """Derive the values of all patients of a model's team and kind; returns how many snapshots."""
    patients = Patient.objects.filter(team=model.team_id, is_synthetic=model.is_synthetic)
    return replace_harmonised(model, derived(model, list(patients.values_list("pk", flat=True))))


def derived(model: HarmonisationModel, patient_pks: Sequence[int]) -> Iterator[HarmonisedValues]:
    """Harmonised values of every current snapshot of these patients, not stored yet."""
    frozen = FrozenModel.parse(json.loads(model.parameters))
    for lesion in scanned_lesions(patient_pks, model.profile_digest):
        found = harmonised(frozen, RawRow(_batch(lesion), _covariates(lesion), lesion.names, lesion.values))
        yield HarmonisedValues(
            snapshot_id=lesion.snapshot_pk,
            values=list(found.values),
            reasons=[reason and reason.value for reason in found.reasons],
            notes=[note.value for note in found.notes],
        )
