"""The grounds on which patients are concluded today: this site's noise, rules and score, and its volume.

Made-up patients stand on what was learned from made-up patients, and nobody else does.
"""

from collections.abc import Iterator

from patients.concluded.change_findings import Band, BandKey
from patients.models import NoiseTable, Patient
from patients.reads.trusting.registry import active_score_text
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from radiomics_tasks.acquisition import site_rules
from radiomics_tasks.analysis.change.noise.bands import Bands, band_key, chosen_bands, counted_band
from radiomics_tasks.analysis.change.noise.verdicts import SIZE_PANEL
from radiomics_tasks.analysis.grounds import Grounds, shipped_bands
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel, default_model
from radiomics_tasks.errors import Refusal
from radiomics_tasks.volume_cohort import site_slopes

DAMAGED = "The stored text of the pseudoprogression score in use is damaged. Put it back from a backup, then try again."


def standing_grounds(patient_pk: int) -> Grounds:
    """The grounds of one patient as they stand now, in four queries."""
    is_synthetic = Patient.objects.values_list("is_synthetic", flat=True).get(pk=patient_pk)
    return Grounds(
        bands=site_bands(is_synthetic=is_synthetic),
        rules=site_rules(),
        model=site_model(),
        slopes=site_slopes(is_synthetic=is_synthetic),
    )


def site_model() -> PspModel:
    """The score that is active in the registry; before one is, the one that comes with the project.

    Raises Refusal E_MODEL where its stored text is damaged: no other score may speak in its place.
    """
    known = active_score_text()
    if known is None or known[0] == default_model().digest:
        return default_model()
    digest, text = known
    try:
        model = PspModel.parse(text)
    except Refusal:
        raise Refusal("E_MODEL", DAMAGED) from None
    if model.digest != digest:
        raise Refusal("E_MODEL", DAMAGED)
    return model


def site_bands(*, is_synthetic: bool = False) -> Bands:
    """One band a key: of this site's same-day pairs, else the wider of the published one and that of perturbation."""
    tables = NoiseTable.objects.filter(is_synthetic=is_synthetic).exclude(source=NoiseSource.PUBLISHED)
    measured = [_bands(row) for row in tables.select_related("feature_set")]
    return chosen_bands([*measured, shipped_bands()])


def _bands(table: NoiseTable) -> Bands:
    by_key: dict[BandKey, Band] = {}
    missing: dict[BandKey, NoBand] = {}
    for place, key in enumerate(_keys(table)):
        within_sd, reason = table.within_sd[place], table.missing[place]
        if within_sd is None:
            missing[key] = NoBand(reason) if reason else NoBand.NOT_MEASURED
        else:
            by_key[key] = counted_band(
                key,
                NoiseSource(table.source),
                within_sd,
                table.degrees[place],
                lesions=table.lesions[place],
                patients=table.patients[place],
                left_out=table.left_out[place],
            )
    return Bands(by_key, missing)


def _keys(table: NoiseTable) -> Iterator[BandKey]:
    names = table.feature_set.names if table.feature_set else SIZE_PANEL
    profile = table.feature_set.profile_digest if table.feature_set else ""
    for name in names:
        yield band_key(name, Modality(table.modality), profile, SizeClass(table.size_class))
