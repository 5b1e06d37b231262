"""Numbers that were derived: rings, harmonised values, scores and hosted models' answers, each by its row."""

from dataclasses import dataclass

from patients.models import FeatureSnapshot, HarmonisedValues, ModelOutput, PseudoprogressionScore
from patients.words.harmonisation_words import ModelStatus as HarmonisationStatus
from patients.words.hosted_words import ModelStatus
from patients.words.regions import Region


def ring_of(patient_pk: int, pk: int) -> FeatureSnapshot | None:
    """The features of one ring of one patient's lesion."""
    rows = FeatureSnapshot.objects.filter(segmentation__scan__patient=patient_pk).exclude(region=Region.LESION)
    return rows.select_related("segmentation__scan", "segmentation__lesion", "feature_set").filter(pk=pk).first()


def harmonised_of(patient_pk: int, pk: int) -> HarmonisedValues | None:
    """One snapshot's values under one harmonisation."""
    rows = HarmonisedValues.objects.filter(snapshot__segmentation__scan__patient=patient_pk)
    outline = "snapshot__segmentation"
    wanted = ("model", f"{outline}__scan", f"{outline}__lesion", "snapshot__feature_set")
    return rows.select_related(*wanted).filter(pk=pk).first()


def score_of(patient_pk: int, pk: int) -> PseudoprogressionScore | None:
    """One stored pseudoprogression score."""
    return PseudoprogressionScore.objects.filter(patient=patient_pk, pk=pk).select_related("timepoint").first()


def output_row(patient_pk: int, pk: int) -> ModelOutput | None:
    """One answer of a hosted model that is not in shadow; superseded ones are kept and may be asked for."""
    rows = ModelOutput.objects.filter(patient=patient_pk, model__status__in=(ModelStatus.ACTIVE, ModelStatus.RETIRED))
    return rows.select_related("model", "lesion", "timepoint").filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class Beside:
    """A number derived from the same outline: its kind in an address, its row, and what it is called."""

    kind: str
    pk: int
    label: str


def beside_outline(outline_pk: int, feature: str) -> list[Beside]:
    """The rings that have a feature, and its value under the harmonisation in force; in two queries."""
    rings = FeatureSnapshot.objects.filter(segmentation=outline_pk, feature_set__names__contains=[feature])
    rings = rings.filter(feature_set__is_extra=False)
    newest: dict[str, int] = {}
    for pk, region in rings.exclude(region=Region.LESION).order_by("pk").values_list("pk", "region"):
        newest[region] = pk
    found = [Beside("ring", newest[region], region.label) for region in Region if region in newest]
    under = HarmonisedValues.objects.filter(
        snapshot__segmentation=outline_pk,
        snapshot__region=Region.LESION,
        snapshot__feature_set__names__contains=[feature],
        model__status=HarmonisationStatus.IN_FORCE,
    )
    rows = under.order_by("-pk").values_list("pk", "model__version")[:1]
    return found + [Beside("harmonised", pk, f"harmonised, version {version}") for pk, version in rows]
