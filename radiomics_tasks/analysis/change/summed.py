"""What a patient's lesions come to at each visit: growth of the sum, opposite answers, counts of the panel."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from patients.concluded.change_findings import Derived, PanelCount
from patients.concluded.trusted import Growth, LesionComparison, ReferenceSummary, VisitSummary
from patients.findings import Response
from patients.timeline import LesionTrack, Observation, PatientTimeline, Sizes, Timepoint
from patients.vocabulary import LesionRole, Reference, ResponseCategory
from patients.words.noise_words import Undefined
from radiomics_tasks.analysis.change.aggregates import DiameterPair, dissociated_response, inter_lesion_heterogeneity
from radiomics_tasks.analysis.change.growth import (
    SHORTEST_RATE_DAYS,
    doubling_days,
    growth_per_month,
    growth_per_month_of_diameters,
    growth_ratio,
    is_hyperprogression_pattern,
    specific_growth_per_day,
)

_NONE = Derived(None, Undefined.NO_REFERENCE)
_APART = Derived(None, Undefined.NOT_COMPARABLE)
# Of an earlier and a later visit.
IsApart = Callable[[int, int], bool]


def lesion_growth(then: Sizes, now: Sizes, interval_days: int) -> Growth:
    """How fast one lesion's volume grew between two observations."""
    ml = then.volume_ml, now.volume_ml
    return Growth(
        specific_growth_per_day(*ml, interval_days),
        doubling_days(*ml, interval_days),
        growth_per_month(*ml, interval_days),
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """The complete target sum of one visit."""

    timepoint_pk: int
    on: date
    mm: Decimal


def visit_summaries(
    timeline: PatientTimeline,
    comparisons: Sequence[LesionComparison],
    targets: Sequence[Response],
    panels: Mapping[int, tuple[PanelCount, ...]],
    is_apart: IsApart = lambda _then, _now: False,
) -> tuple[VisitSummary, ...]:
    """The summaries of every visit that something can be compared at; `targets` are the target responses.

    `is_apart`: whether the targets of two visits were measured on scans that are not comparable at all. Their sums
    stay, since a diameter is a reader's act; a rate between them is withheld.
    """
    by_visit: dict[int, list[LesionComparison]] = defaultdict(list)
    for comparison in comparisons:
        by_visit[comparison.timepoint_pk].append(comparison)
    sums = [_Sum(one.timepoint_pk, one.assessed_on, one.sum_mm) for one in targets if one.sum_mm is not None]
    before = growth_before(timeline, is_apart)
    called = {one.timepoint_pk: one.category for one in targets}
    return tuple(
        VisitSummary(
            visit.pk,
            panels.get(visit.pk, ()),
            tuple(_summaries(timeline, by_visit[visit.pk], visit.pk, sums, before, called.get(visit.pk), is_apart)),
        )
        for visit in timeline.timepoints
        if by_visit[visit.pk]
    )


def _one_a_lesion(timeline: PatientTimeline, comparisons: Sequence[LesionComparison]) -> list[LesionComparison]:
    """One comparison a lesion, of the outline that counts: what is seen on CT and PET is one lesion."""
    visits = {visit.pk: visit for visit in timeline.timepoints}
    tracks = {track.lesion_pk: track for track in timeline.tracks}
    found: dict[int, LesionComparison] = {}
    for one in comparisons:
        counts = timeline.at(tracks[one.lesion_pk], visits[one.timepoint_pk])
        if one.lesion_pk not in found or (counts is not None and counts.scan_pk == one.now_scan_pk):
            found[one.lesion_pk] = one
    return list(found.values())


def _summaries(
    timeline: PatientTimeline,
    comparisons: Sequence[LesionComparison],
    visit_pk: int,
    sums: Sequence[_Sum],
    before: Derived,
    called: ResponseCategory | None,
    is_apart: IsApart,
) -> Iterator[ReferenceSummary]:
    came = [track for track in timeline.tracks if _is_new_here(timeline, track, visit_pk)]
    for reference in Reference:
        against = _one_a_lesion(timeline, [one for one in comparisons if one.reference is reference])
        # New since the reference is what has no earlier self at it, whichever visit it first appeared at.
        compared = {one.lesion_pk for one in against}
        new = [track for track in came if track.lesion_pk not in compared]
        here = [one for one in against if not one.hides_size]
        then, now = _sums(sums, visit_pk, reference)
        per_month, mm_per_month = _sum_growth(then, now, is_apart)
        ratio = growth_ratio(per_month, before) if reference is Reference.BASELINE else _NONE
        yield ReferenceSummary(
            reference=reference,
            heterogeneity=inter_lesion_heterogeneity([one.volume_ml for one in here]),
            dissociated=dissociated_response([*map(_pair, here), *map(_new_pair, new)]),
            sum_growth_per_month=per_month,
            sum_growth_mm_per_month=mm_per_month,
            growth_ratio=ratio,
            is_hyperprogression_pattern=is_hyperprogression_pattern(
                ratio, is_progression=called is ResponseCategory.PD
            ),
        )


def _pair(one: LesionComparison) -> DiameterPair:
    then, now = (None if mm is None else Decimal(repr(mm)) for mm in one.longest_diameter_mm)
    return DiameterPair(one.lesion_pk, then, now)


def _new_pair(track: LesionTrack) -> DiameterPair:
    return DiameterPair(track.lesion_pk, None, None, is_new=True)


def _is_new_here(timeline: PatientTimeline, track: LesionTrack, visit_pk: int) -> bool:
    """Whether a new lesion, first outlined after the baseline, is outlined at this visit."""
    sized = [seen.timepoint_pk for seen in track.observations if seen.sizes is not None]
    order = [visit.pk for visit in timeline.timepoints]
    baseline = order.index(timeline.baseline.pk) if timeline.baseline else 0
    is_after = bool(sized) and order.index(sized[0]) > baseline
    return track.role is LesionRole.NEW and is_after and visit_pk in sized


def _sums(sums: Sequence[_Sum], visit_pk: int, reference: Reference) -> tuple[_Sum | None, _Sum | None]:
    """The sum of a visit and that of its reference; target sums begin at the baseline."""
    order = next((order for order, one in enumerate(sums) if one.timepoint_pk == visit_pk), None)
    if not order:
        return None, None
    earlier = sums[:order]
    chosen = {
        Reference.BASELINE: earlier[0],
        Reference.PREVIOUS: earlier[-1],
        Reference.NADIR: min(earlier, key=lambda one: one.mm),
    }
    return chosen[reference], sums[order]


def _sum_growth(then: _Sum | None, now: _Sum | None, is_apart: IsApart) -> tuple[Derived, Derived]:
    """TGR and TGK of the target sum, which holds the same lesions at both dates."""
    if then is None or now is None:
        return _NONE, _NONE
    if is_apart(then.timepoint_pk, now.timepoint_pk):
        return _APART, _APART
    days = (now.on - then.on).days
    per_month = growth_per_month_of_diameters(float(then.mm), float(now.mm), days)
    if per_month.absence in (Undefined.SAME_DAY, Undefined.INTERVAL_TOO_SHORT):
        return per_month, per_month
    return per_month, Derived(float(now.mm - then.mm) * 30.4375 / days)


def _entering_mm(track: LesionTrack, seen: Observation) -> float | None:
    """The diameter that enters a target sum: of a node its short axis."""
    if seen.sizes is None or seen.sizes.absence is not None:
        return None
    return seen.sizes.short_axis_mm if track.is_node else seen.sizes.longest_diameter_mm


def _entering_sum(timeline: PatientTimeline, visit: Timepoint) -> tuple[float, date] | None:
    """The sum of the targets' outlines at one visit, with the last scan it needs; None where one has no size."""
    seen = [(track, timeline.at(track, visit)) for track in timeline.targets]
    known = [
        (mm, found.observed_on) for track, found in seen if found and (mm := _entering_mm(track, found)) is not None
    ]
    if not known or len(known) < len(seen):
        return None
    return math.fsum(mm for mm, _ in known), max(on for _, on in known)


def scan_before(timeline: PatientTimeline) -> Timepoint | None:
    """The last visit at least 14 days before baseline at which all targets have a size."""
    found = (visit for visit, days, *_ in _before_baseline(timeline) if days >= SHORTEST_RATE_DAYS)
    return next(found, None)


def growth_before(timeline: PatientTimeline, is_apart: IsApart = lambda _then, _now: False) -> Derived:
    """TGR of the targets from a scan at least 14 days before baseline to the baseline, of the diameters of the sum."""
    pairs = list(_before_baseline(timeline))
    longest = [pair for pair in pairs if pair[1] >= SHORTEST_RATE_DAYS]
    if not longest:
        return Derived(None, Undefined.INTERVAL_TOO_SHORT) if pairs else _NONE
    visit, days, then_mm, now_mm = longest[0]
    if timeline.baseline and is_apart(visit.pk, timeline.baseline.pk):
        return _APART
    return growth_per_month_of_diameters(then_mm, now_mm, days)


def _before_baseline(timeline: PatientTimeline) -> Iterator[tuple[Timepoint, int, float, float]]:
    """The visits before baseline, the last one first, with days to the baseline and both sums of the targets."""
    baseline = timeline.baseline
    now = _entering_sum(timeline, baseline) if baseline and timeline.baseline_is_before_treatment else None
    for visit in reversed(timeline.timepoints):
        if now is not None and baseline is not None and visit.first_on < baseline.first_on:
            then = _entering_sum(timeline, visit)
            if then is not None:
                yield visit, (now[1] - then[1]).days, then[0], now[0]
