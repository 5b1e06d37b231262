"""What was concluded about trust, row to frozen object: pairs of scans, noise, visits, discordance."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from patients.concluded.change_findings import DeltaNoise, Derived, DissociatedResponse, PanelCount
from patients.concluded.trust_findings import PairComparability, RuleHit
from patients.concluded.trusted import (
    Departure,
    Discordance,
    Growth,
    LesionComparison,
    PairAccepted,
    ReferenceSummary,
    VisitSummary,
)
from patients.models import ChangeNoise, LesionDiscordance, LesionPair, PairAcceptance, VisitConclusion
from patients.vocabulary import Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, Undefined
from patients.words.trust_words import Comparability

Data = Mapping[str, Any]


def acceptances_of(patient_pk: int) -> tuple[PairAccepted, ...]:
    """The words in force that let blocked pairs of one patient be compared, in one query."""
    rows = PairAcceptance.objects.filter(patient=patient_pk, withdrawn_at=None).select_related("accepted_by")
    return tuple(map(_accepted, rows))


def _accepted(row: PairAcceptance) -> PairAccepted:
    return PairAccepted(
        row.pk,
        row.then_scan_id,
        row.now_scan_id,
        row.rules_digest,
        tuple(row.codes),
        row.accepted_by.get_username(),
        row.reason,
        row.accepted_at,
    )


def comparisons_of(patient_pk: int) -> tuple[LesionComparison, ...]:
    """Every comparison of one patient's lesions, in the order of lesions and visits, in one query."""
    rows = LesionPair.objects.filter(patient=patient_pk).select_related("acceptance__accepted_by")
    return tuple(map(comparison_of, rows.order_by("lesion_id", "timepoint_id", "pk")))


def comparisons_of_lesion(lesion_pk: int) -> tuple[LesionComparison, ...]:
    """Every comparison of one lesion, in the order of visits, in one query."""
    rows = LesionPair.objects.filter(lesion=lesion_pk).select_related("acceptance__accepted_by")
    return tuple(map(comparison_of, rows.order_by("timepoint_id", "pk")))


def comparison_of(row: LesionPair) -> LesionComparison:
    """One stored comparison."""
    return LesionComparison(
        lesion_pk=row.lesion_id,
        timepoint_pk=row.timepoint_id,
        reference=Reference(row.reference),
        then_timepoint_pk=row.then_timepoint_id,
        then_scan_pk=row.then_scan_id,
        now_scan_pk=row.now_scan_id,
        interval_days=row.interval_days,
        found=pair_of(row.found),
        accepted=_accepted(row.acceptance) if row.acceptance else None,
        volume_ml=(row.volume_ml[0], row.volume_ml[1]),
        longest_diameter_mm=(row.longest_diameter_mm[0], row.longest_diameter_mm[1]),
        growth=growth_of(row.growth) if row.growth else None,
    )


def pair_of(data: Data) -> PairComparability:
    """The comparability of a stored pair of scans."""
    hits = tuple(RuleHit(**{**hit, "level": Comparability(hit["level"])}) for hit in data["hits"])
    return PairComparability(
        level=Comparability(data["level"]),
        hits=hits,
        unseen=tuple(data["unseen"]),
        rules_id=data["rules_id"],
        rules_version=data["rules_version"],
        rules_digest=data["rules_digest"],
    )


def derived_of(data: Data) -> Derived:
    """A derived number or its reason."""
    return Derived(data["value"], Undefined(data["absence"]) if data["absence"] else None)


def growth_of(data: Data) -> Growth:
    """A stored growth: three rates, each a number or its reason."""
    return Growth(*(derived_of(data[name]) for name in ("specific_per_day", "doubling_days", "per_month")))


def noises_of_lesion(lesion_pk: int) -> tuple[DeltaNoise, ...]:
    """One lesion's changes beside their noise, sizes and textures, in one query."""
    rows = ChangeNoise.objects.filter(lesion=lesion_pk).order_by("timepoint_id", "reference", "pk")
    return tuple(map(_noise, rows))


def size_noises_of(patient_pk: int) -> tuple[DeltaNoise, ...]:
    """Volume and longest diameter of every lesion of one patient beside their noise, in one query."""
    rows = ChangeNoise.objects.filter(patient=patient_pk, feature_set=None).order_by("lesion_id", "timepoint_id", "pk")
    return tuple(map(_noise, rows))


def _noise(row: ChangeNoise) -> DeltaNoise:
    return DeltaNoise(
        lesion_pk=row.lesion_id,
        timepoint_pk=row.timepoint_id,
        reference=Reference(row.reference),
        feature_set_pk=row.feature_set_id,
        is_log=tuple(row.is_log),
        change=tuple(row.change),
        z=tuple(row.z),
        p=tuple(row.p),
        q=tuple(row.q),
        mdc=tuple(row.mdc),
        upper_mdc=tuple(row.upper_mdc),
        limit=tuple(row.limit),
        verdicts=tuple(map(NoiseVerdict, row.verdicts)),
        sources=tuple(NoiseSource(source) if source else None for source in row.sources),
        missing=tuple(NoBand(reason) if reason else None for reason in row.missing),
        is_without_volume=tuple(row.is_without_volume),
    )


def visit_summaries_of(patient_pk: int) -> dict[int, VisitSummary]:
    """What a patient's lesions come to at each visit, by its pk, in one query."""
    rows = VisitConclusion.objects.filter(patient=patient_pk)
    return {row.timepoint_id: _visit(row.summary) for row in rows}


def _visit(data: Data) -> VisitSummary:
    panels = tuple(PanelCount(**{**panel, "source": NoiseSource(panel["source"])}) for panel in data["panels"])
    return VisitSummary(data["timepoint_pk"], panels, tuple(map(_summary, data["by_reference"])))


def _summary(data: Data) -> ReferenceSummary:
    opposite = data["dissociated"]
    return ReferenceSummary(
        reference=Reference(data["reference"]),
        heterogeneity=derived_of(data["heterogeneity"]),
        dissociated=DissociatedResponse(
            opposite["is_present"],
            Undefined(opposite["absence"]) if opposite["absence"] else None,
            *(tuple(opposite[name]) for name in ("shrunk", "grown", "new")),
        ),
        sum_growth_per_month=derived_of(data["sum_growth_per_month"]),
        sum_growth_mm_per_month=derived_of(data["sum_growth_mm_per_month"]),
        growth_ratio=derived_of(data["growth_ratio"]),
        is_hyperprogression_pattern=data["is_hyperprogression_pattern"],
    )


def discordances_of(patient_pk: int) -> tuple[tuple[Discordance, ...], tuple[Departure, ...]]:
    """The dates at which size and texture of one patient's lesions disagree, and which went first, in one query."""
    rows = list(LesionDiscordance.objects.filter(patient=patient_pk).order_by("lesion_id"))
    dates = tuple(discordance_of(one) for row in rows for one in row.dates)
    return dates, tuple(departure_of(row.departure) for row in rows)


def discordance_of(data: Data) -> Discordance:
    """One stored date of discordance."""
    said = {**data, "seen_on": date.fromisoformat(data["seen_on"]), "features": tuple(data["features"])}
    return Discordance(**said)


def departure_of(data: Data) -> Departure:
    """One stored word on which of size and texture left its band first."""
    days = {name: date.fromisoformat(data[name]) if data[name] else None for name in ("size_on", "texture_on")}
    return Departure(**{**data, **days})
