"""The site's noise, growth and disagreement as pages show them. Pure: rows and frozen objects in, words out."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from monitoring.shown.response.lesion_table import LesionRow, SizeChange
from patients.concluded.change_findings import DeltaNoise, Derived
from patients.concluded.trusted import Growth, ReferenceSummary, VisitSummary
from patients.feature_names import DEFAULT_PANEL, FeatureName
from patients.models import NoiseTable
from patients.noise_beside import NoiseBeside, digits_words, limit_of, percent_words, ratio_limits
from patients.reads.trusting.noise_beside import GrowthAgainst
from patients.vocabulary import Modality, Reference, Unit
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict, SizeClass, Undefined

# The sizes of a panel in the order in which their noise is stored.
SIZES = {"volume_ml": ("Volume", "mL"), "longest_diameter_mm": ("Longest diameter", "mm")}
VOLUME, DIAMETER = 0, 1
SHORT_AXIS_UNKNOWN = NoiseBeside(NoiseVerdict.UNKNOWN, missing=NoBand.SHORT_AXIS)
# Whether of made-up patients; modality; name and digest of the profile; size class.
_Key = tuple[bool, str, str, str, str]


@dataclass(frozen=True, slots=True)
class BandShown:
    """One quantity of the panel in one size class: its band in words, or why there is none."""

    label: str
    within_sd: str
    mdc: str
    upper: str
    source: NoiseSource | None
    degrees: int
    lesions: int
    patients: int
    left_out: int
    missing: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class ClassShown:
    """The panel of one modality, profile (empty: sizes) and size class; `is_synthetic`: of made-up patients alone."""

    modality: Modality
    profile: str
    profile_digest: str
    size_class: SizeClass
    bands: tuple[BandShown, ...]
    is_synthetic: bool = False

    @property
    def citations(self) -> tuple[str, ...]:
        """What the published bands among them are quoted from, each once."""
        return tuple(dict.fromkeys(band.citation for band in self.bands if band.citation))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One place of one table."""

    table: NoiseTable
    place: int

    @property
    def is_band(self) -> bool:
        return self.table.within_sd[self.place] is not None

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """The site's own pairs go first, else the widest band: what is in force."""
        mdc = self.table.mdc[self.place]
        if mdc is None:
            return False, False, 0.0
        degrees = self.table.degrees[self.place] or None
        limit = limit_of(mdc, self.table.upper_mdc[self.place], degrees)
        return True, self.table.source == NoiseSource.SITE_PAIRS, limit


def classes_shown(tables: Sequence[NoiseTable]) -> list[ClassShown]:
    """The panel for each modality, profile and size class that anything is known of; of each band the one in force.

    Those of made-up patients come last.
    """
    grouped: dict[_Key, dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
    for table in tables:
        names = table.feature_set.names if table.feature_set else list(SIZES)
        profile = (table.feature_set.profile, table.feature_set.profile_digest) if table.feature_set else ("", "")
        group = grouped[table.is_synthetic, table.modality, *profile, table.size_class]
        for place, name in enumerate(names):
            if name in SIZES or name in DEFAULT_PANEL:
                group[name].append(_Entry(table, place))
    order = list(SizeClass)
    keys = sorted(grouped, key=lambda key: (*key[:2], key[2] != "", *key[2:4], order.index(SizeClass(key[4]))))
    return [_class(key, grouped[key]) for key in keys]


def _class(key: _Key, entries: Mapping[str, Sequence[_Entry]]) -> ClassShown:
    is_synthetic, modality, profile, digest, size_class = key
    names = [name for name in (*SIZES, *DEFAULT_PANEL) if name in entries]
    bands = tuple(_band(name, max(entries[name], key=lambda one: one.rank), Modality(modality)) for name in names)
    if not profile:
        bands += (BandShown("Short axis of lymph nodes", "", "", "", None, 0, 0, 0, 0, NoBand.SHORT_AXIS.label),)
    return ClassShown(Modality(modality), profile, digest, SizeClass(size_class), bands, is_synthetic)


def _band(name: str, entry: _Entry, modality: Modality) -> BandShown:
    table, place = entry.table, entry.place
    label = SIZES[name][0] if name in SIZES else FeatureName.parse(name).label
    within_sd, mdc, upper = table.within_sd[place], table.mdc[place], table.upper_mdc[place]
    if within_sd is None or mdc is None:
        reason = NoBand(table.missing[place] or NoBand.NOT_MEASURED).label
        return BandShown(label, "", "", "", None, 0, 0, 0, 0, reason)
    is_log = table.is_log[place]
    unit = "" if is_log else _unit(name, modality)
    return BandShown(
        label=label,
        within_sd=percent_words(math.sqrt(math.expm1(within_sd**2))) if is_log else f"{digits_words(within_sd)}{unit}",
        mdc=_change_words(mdc, unit, is_log=is_log),
        upper="" if upper is None else _change_words(upper, unit, is_log=is_log),
        source=NoiseSource(table.source),
        degrees=table.degrees[place],
        lesions=table.lesions[place],
        patients=table.patients[place],
        left_out=table.left_out[place],
        citation=table.citation,
    )


def _unit(name: str, modality: Modality) -> str:
    voxel = {Modality.CT: Unit.HU, Modality.PT: Unit.SUV_BW}.get(modality, Unit.ARBITRARY)
    unit = FeatureName.parse(name).unit(voxel.value)
    return f" {unit}" if unit else ""


def _change_words(amount: float, unit: str, *, is_log: bool) -> str:
    """A minimal detectable change both ways: per cent down and up where features are compared as ratios.

    >>> _change_words(0.1655, "", is_log=True), _change_words(8.3156, " HU", is_log=False)
    ('−15 % / +18 %', '±8.32 HU')
    """
    if not is_log:
        return f"±{digits_words(amount)}{unit}"
    down, up = ratio_limits(amount)
    return f"−{percent_words(down)} / +{percent_words(up)}"


def rows_beside_noise(rows: Sequence[LesionRow], noises: Sequence[DeltaNoise]) -> list[LesionRow]:
    """The lesion table with each latest change beside its noise; of short axes none is published, which is said."""
    by_lesion: dict[tuple[int, int], list[DeltaNoise]] = defaultdict(list)
    for noise in noises:
        by_lesion[noise.lesion_pk, noise.timepoint_pk].append(noise)
    return [
        _row_beside(row, by_lesion[row.track.lesion_pk, row.latest.timepoint_pk]) if row.latest else row for row in rows
    ]


def _row_beside(row: LesionRow, noises: Sequence[DeltaNoise]) -> LesionRow:
    def beside(change: SizeChange | None) -> SizeChange | None:
        if change is None:
            return None
        if row.track.is_node:
            return replace(change, noise=SHORT_AXIS_UNKNOWN)
        if change.ratio is None or change.ratio <= -1:
            return change
        return replace(change, noise=_same(noises, DIAMETER, change.ratio))

    ratio = row.volume_change_ratio
    return replace(
        row,
        against_baseline=beside(row.against_baseline),
        against_previous=beside(row.against_previous),
        against_nadir=beside(row.against_nadir),
        volume_noise=_same(noises, VOLUME, ratio) if ratio is not None and ratio > -1 else None,
    )


def _same(noises: Sequence[DeltaNoise], place: int, ratio: float) -> NoiseBeside | None:
    """The judgement of this very change: a table of sizes may refer to another visit than a delta does."""
    wanted = math.log1p(ratio)
    for noise in noises:
        change = noise.change[place]
        if change is not None and math.isclose(change, wanted, rel_tol=1e-9, abs_tol=1e-9):
            return NoiseBeside.at(noise, place)
    return None


def growths_shown(growths: Sequence[GrowthAgainst], on: Mapping[int, date]) -> list[dict[str, Any]]:
    """How fast one lesion grew between each pair of observations, or why that cannot be said; `on`: visits' dates."""
    order = list(Reference)
    return [
        {
            "on": on[one.timepoint_pk],
            "reference": one.reference,
            "days": one.interval_days,
            "rates": _growth(one.growth),
        }
        for one in sorted(growths, key=lambda one: (on.get(one.timepoint_pk, date.min), order.index(one.reference)))
        if one.timepoint_pk in on
    ]


def _growth(growth: Growth | None) -> list[tuple[str, str]]:
    if growth is None:
        names = ("Specific growth rate", "Doubling time", "Volume")
        return [(name, Undefined.NOT_COMPARABLE.label) for name in names]
    return [
        ("Specific growth rate", _said(growth.specific_per_day, 100, " % a day")),
        ("Doubling time", _doubling(growth.doubling_days)),
        ("Volume", _said(growth.per_month, 100, " % a month")),
    ]


def _doubling(days: Derived) -> str:
    if days.value is None:
        return days.absence.label if days.absence else ""
    return f"{days.value:.0f} days" if days.value > 0 else f"halves in {-days.value:.0f} days"


def _said(one: Derived, factor: float, unit: str) -> str:
    if one.value is None:
        return one.absence.label if one.absence else ""
    return f"{factor * one.value:+.3g}{unit}".replace("-", "−")


def visits_shown(
    summaries: Mapping[int, VisitSummary], visits: Sequence[Any], names: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Each visit of the course with what its lesions come to; `visits` are rows of the course table."""
    return [
        {
            "when": visit.when,
            "panels": summaries[visit.timepoint_pk].panels,
            "references": [_against(one, names) for one in summaries[visit.timepoint_pk].by_reference],
        }
        for visit in visits
        if visit.timepoint_pk in summaries
    ]


def _against(one: ReferenceSummary, names: Mapping[int, str]) -> dict[str, Any]:
    is_baseline = one.reference is Reference.BASELINE
    return {
        "reference": one.reference,
        "sum_growth": _said(one.sum_growth_per_month, 100, " % a month"),
        "sum_growth_mm": _said(one.sum_growth_mm_per_month, 1, " mm a month"),
        "heterogeneity": _said(one.heterogeneity, 1, "").removeprefix("+"),
        "dissociated": _dissociated(one, names),
        "growth_ratio": _said(one.growth_ratio, 1, "").removeprefix("+") if is_baseline else "",
        "is_hyperprogression_pattern": one.is_hyperprogression_pattern,
    }


def _dissociated(one: ReferenceSummary, names: Mapping[int, str]) -> str:
    found = one.dissociated
    if found.is_present is None:
        return found.absence.label if found.absence else ""
    if not found.is_present:
        return "no"
    sides = (("shrunk", found.shrunk), ("grown", found.grown), ("new", found.new))
    told = (f"{', '.join(names.get(pk, 'a lesion') for pk in pks)} {word}" for word, pks in sides if pks)
    return f"yes: {'; '.join(told)}"
