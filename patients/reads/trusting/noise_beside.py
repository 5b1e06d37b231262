"""Changes beside their noise for pages and tables: the chosen element of each stored array, never the arrays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from patients.concluded.trusted import Departure, Discordance, Growth
from patients.models import LesionDiscordance, LesionPair
from patients.noise_beside import NoiseBeside
from patients.reads.trusting.trust import departure_of, discordance_of, growth_of
from patients.vocabulary import Reference
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict
from patients.words.trust_words import Comparability

_ELEMENTS = ("verdicts", "sources", "missing", "is_log", "change", "mdc", "upper_mdc", '"limit"', "p", "q")
_BESIDE = f"""
    SELECT a.name, c.lesion_id, c.timepoint_id, c.reference, c.feature_set_id, c.is_without_volume[a.place],
           {", ".join(f"c.{name}[a.place]" for name in _ELEMENTS)}
    FROM patients_changenoise c
    JOIN patients_featureset n ON n.id = c.feature_set_id
    CROSS JOIN LATERAL (
        SELECT w.name, array_position(n.names::text[], w.name) AS place FROM unnest(%s::text[]) AS w(name)
    ) a
    WHERE c.lesion_id = ANY(%s) AND c.reference = ANY(%s) AND a.place IS NOT NULL
    ORDER BY c.timepoint_id, c.reference
"""
Key = tuple[int, Reference, int]
# Of a feature's name, a lesion, a visit, a reference and a feature set.
LongKey = tuple[str, int, int, Reference, int]


def noise_of_feature(lesion_pk: int, name: str) -> dict[Key, NoiseBeside]:
    """One feature of one lesion beside its noise by visit, reference and feature set, in one query."""
    found = noise_of_features([lesion_pk], [name])
    return {(visit, reference, used): one for (_, _, visit, reference, used), one in found.items()}


def noise_of_features(
    lesion_pks: Collection[int], names: Collection[str], references: Collection[Reference] = tuple(Reference)
) -> dict[LongKey, NoiseBeside]:
    """Some features of some lesions beside their noise, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, [list(names), list(lesion_pks), [one.value for one in references]])
        rows = cursor.fetchall()
    found = {}
    for name, lesion, timepoint, reference, feature_set, is_without_volume, *element in rows:
        found[name, lesion, timepoint, Reference(reference), feature_set] = _beside(
            element, is_without_volume=is_without_volume
        )
    return found


def _beside(element: Sequence[Any], *, is_without_volume: bool) -> NoiseBeside:
    verdict, source, missing, is_log, change, mdc, upper_mdc, limit, p, q = element
    return NoiseBeside(
        verdict=NoiseVerdict(verdict),
        source=NoiseSource(source) if source else None,
        missing=NoBand(missing) if missing else None,
        is_log=is_log,
        change=change,
        mdc=mdc,
        upper_mdc=upper_mdc,
        limit=limit,
        p=p,
        q=q,
        is_without_volume=is_without_volume,
    )


@dataclass(frozen=True, slots=True)
class DiscordantLesion:
    """One lesion whose size and texture disagree on some date, or left their bands on different ones."""

    pseudonym: str
    is_synthetic: bool
    patient_code: str
    lesion: str
    lesion_code: str
    dates: tuple[Discordance, ...]
    departure: Departure


def discordant_lesions(team_pks: Collection[int]) -> list[DiscordantLesion]:
    """The lesions of these teams' patients with anything to tell, the latest disagreement first, in one query."""
    rows = LesionDiscordance.objects.filter(patient__team__in=team_pks).select_related("patient", "lesion")
    told = [
        DiscordantLesion(
            row.patient.pseudonym,
            row.patient.is_synthetic,
            str(row.patient.code),
            row.lesion.tracking_id,
            str(row.lesion.code),
            tuple(sorted(map(discordance_of, row.dates), key=lambda one: one.seen_on, reverse=True)),
            departure_of(row.departure),
        )
        for row in rows.order_by("patient__pseudonym", "lesion_id")
    ]
    kept = [one for one in told if one.dates or one.departure.size_on or one.departure.texture_on]
    return sorted(kept, key=lambda one: one.dates[0].seen_on.toordinal() if one.dates else 0, reverse=True)


@dataclass(frozen=True, slots=True)
class GrowthAgainst:
    """How fast one lesion's volume grew up to a visit since a reference; None: the scans are not comparable."""

    timepoint_pk: int
    reference: Reference
    interval_days: int
    growth: Growth | None


def growth_of_lesion(lesion_pk: int) -> list[GrowthAgainst]:
    """Every rate of growth of one lesion, by visit and reference, in one query."""
    told = Q(growth__isnull=False) | Q(level=Comparability.BLOCK)
    rows = LesionPair.objects.filter(told, lesion=lesion_pk).order_by("timepoint_id", "pk")
    columns = rows.values_list("timepoint_id", "reference", "interval_days", "growth")
    return [
        GrowthAgainst(timepoint, Reference(reference), interval_days, growth_of(growth) if growth else None)
        for timepoint, reference, interval_days, growth in columns
    ]


def lesion_at_odds(lesion_pk: int) -> tuple[tuple[Discordance, ...], Departure] | None:
    """The dates at which size and texture of one lesion disagree, and which went first; None where nothing is known."""
    row = LesionDiscordance.objects.filter(lesion=lesion_pk).first()
    return None if row is None else (tuple(map(discordance_of, row.dates)), departure_of(row.departure))
