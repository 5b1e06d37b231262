"""The RECIST 1.1 response of the target lesions, visit by visit; overall response is not judged here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from patients.findings import LesionContribution, Response
from patients.timeline import LesionTrack, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Criterion, Modality, ResponseCategory
from radiomics_tasks.analysis import reasons

PROGRESSION_MM = 5
PROGRESSION_PERCENT = 20
RESPONSE_PERCENT = 30
NORMAL_NODE_MM = 10

LONGEST_DIAMETER = "longest diameter"
SHORT_AXIS = "short axis"


def has_progressed(sum_mm: Decimal, nadir_mm: Decimal) -> bool:
    """Whether the target sum has grown enough over its nadir to count as progression.

    At least 20 % and at least 5 mm over the smallest complete sum so far, baseline included. Sums are exact
    decimals: in binary 8.2 - 3.2 is less than 5.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, section 4.3.1.

    Examples
    --------
    >>> has_progressed(sum_mm=Decimal("24.0"), nadir_mm=Decimal("20.0"))  # only +4 mm
    False
    >>> has_progressed(sum_mm=Decimal("8.2"), nadir_mm=Decimal("3.2"))
    True
    """
    growth_mm = sum_mm - nadir_mm
    return growth_mm >= PROGRESSION_MM and growth_mm * 100 >= PROGRESSION_PERCENT * nadir_mm


def has_responded(sum_mm: Decimal, baseline_mm: Decimal) -> bool:
    """Whether the target sum has fallen by at least 30 % from baseline.

    Examples
    --------
    >>> has_responded(sum_mm=Decimal("69.3"), baseline_mm=Decimal("99"))
    True
    >>> has_responded(sum_mm=Decimal("70.1"), baseline_mm=Decimal("100"))
    False
    """
    return (baseline_mm - sum_mm) * 100 >= RESPONSE_PERCENT * baseline_mm


@dataclass(frozen=True, slots=True)
class MeasuredTarget:
    """One target at one visit: its contribution, and the scan it was measured on, if any."""

    track: LesionTrack
    contribution: LesionContribution
    observed_on: date | None = None
    modality: Modality | None = None

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it counts as disease any more: a node under 10 mm, anything else at 0 mm."""
        size = self.contribution.size_mm
        return size is not None and (size < NORMAL_NODE_MM if self.track.is_node else size == 0)


@dataclass(frozen=True, slots=True)
class VisitSums:
    """The targets of one visit added up; `sum_mm` is None where one of them has no size."""

    timepoint: Timepoint
    targets: tuple[MeasuredTarget, ...]

    @property
    def partial_sum_mm(self) -> Decimal:
        """The sum of the targets that have a size."""
        return sum((t.contribution.size_mm for t in self.targets if t.contribution.size_mm is not None), Decimal(0))

    @property
    def sum_mm(self) -> Decimal | None:
        """The sum of all targets, or None."""
        return None if not self.targets or self.missing else self.partial_sum_mm

    @property
    def missing(self) -> tuple[MeasuredTarget, ...]:
        """The targets without a size."""
        return tuple(target for target in self.targets if target.contribution.size_mm is None)

    @property
    def assessed_on(self) -> date:
        """Date of the last scan that the sum needs."""
        return max((t.observed_on for t in self.targets if t.observed_on is not None), default=self.timepoint.last_on)

    def until(self, day: date) -> "VisitSums":
        """The same visit with the targets measured by one day."""
        return replace(
            self, targets=tuple(t for t in self.targets if t.observed_on is not None and t.observed_on <= day)
        )


@dataclass(frozen=True, slots=True)
class Nadir:
    """The smallest complete sum so far, and the date of its visit."""

    sum_mm: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Call:
    """A category, the rule that decided, the date it counts from, and its sentences."""

    category: ResponseCategory
    rule: str
    assessed_on: date
    reasons: tuple[str, ...]


def target_responses(timeline: PatientTimeline) -> tuple[Response, ...]:
    """The target response at the baseline and at every later visit.

    A stored double enters as `Decimal(repr(x))`; sums and products are exact, there is no tolerance. The
    nadir of a visit is the smallest complete sum before it, baseline included. A target without a size makes
    a visit not evaluable, unless the measured ones already meet progression. Without a complete baseline sum
    there is nothing to compare with, and every later visit is not evaluable.

    A response counts from the last scan it needs, progression from the first scan at which the targets
    measured so far meet it.
    """
    visits = [
        VisitSums(timepoint, tuple(measured_target(track, timepoint) for track in timeline.targets))
        for timepoint in timeline.since_baseline()
    ]
    responses: list[Response] = []
    nadir: Nadir | None = None
    for visit in visits:
        call = target_call(visit, visits[0], nadir)
        responses.append(_response(timeline, visit, visits[0], nadir, call))
        nadir = _nadir_after(visit, visits[0], nadir)
    return tuple(responses)


def measured_target(track: LesionTrack, timepoint: Timepoint) -> MeasuredTarget:
    """The size of one target at one visit: the short axis of a node, the longest diameter of anything else."""
    seen = track.at(timepoint.pk)
    measure = SHORT_AXIS if track.is_node else LONGEST_DIAMETER
    sizes = seen.sizes if seen else None
    if seen is None or sizes is None or sizes.absence:
        absence = (sizes and sizes.absence) or (seen and seen.absence) or Absence.NOT_OUTLINED
        return MeasuredTarget(track, LesionContribution(track.lesion_pk, track.tracking_id, None, measure, absence))
    size_mm = Decimal(repr(float(sizes.short_axis_mm if track.is_node else sizes.longest_diameter_mm)))
    contribution = LesionContribution(track.lesion_pk, track.tracking_id, size_mm, measure)
    return MeasuredTarget(track, contribution, seen.observed_on, seen.modality)


def target_call(visit: VisitSums, baseline: VisitSums, nadir: Nadir | None) -> Call:
    """The category of one visit, the first rule that holds deciding."""
    if not visit.targets:
        return Call(ResponseCategory.NA, "NO_TARGETS", visit.timepoint.last_on, ("No target lesions are recorded",))
    if visit is baseline:
        return _baseline_call(visit)
    if baseline.sum_mm is None or nadir is None:
        missing = tuple(reasons.without_size(t.contribution, at_baseline=True) for t in baseline.missing)
        return Call(ResponseCategory.NE, "BASELINE_SUM_MISSING", visit.timepoint.last_on, missing + _missing(visit))
    if visit.sum_mm is None:
        return _incomplete_call(visit, nadir)
    return _complete_call(visit, visit.sum_mm, baseline.sum_mm, baseline.assessed_on, nadir)


def _baseline_call(visit: VisitSums) -> Call:
    shown = "no complete sum" if visit.sum_mm is None else f"sum {reasons.rounded(visit.sum_mm)} mm"
    sentences = (f"Baseline: {shown} of {reasons.counted(len(visit.targets), 'target')}", *_missing(visit))
    return Call(ResponseCategory.BASELINE, "BASELINE", visit.assessed_on, sentences)


def _incomplete_call(visit: VisitSums, nadir: Nadir) -> Call:
    partial_mm = visit.partial_sum_mm
    shown = f"{reasons.rounded(partial_mm)} mm"
    if has_progressed(partial_mm, nadir.sum_mm):
        change = reasons.over_nadir(partial_mm, nadir.sum_mm, nadir.on)
        sentences = (f"The measured targets alone have a sum of {shown}: {change}", reasons.PROGRESSION_LIMIT)
        on = _progressed_on(visit, nadir)
        return Call(ResponseCategory.PD, "PD_PARTIAL_20_5", on, sentences + _missing(visit))
    measured = len(visit.targets) - len(visit.missing)
    partial = f"the other {reasons.counted(measured, 'target')}: {shown}" if measured else "no target has a size"
    return Call(ResponseCategory.NE, "TARGET_MISSING", visit.timepoint.last_on, (*_missing(visit), partial))


def _complete_call(visit: VisitSums, sum_mm: Decimal, baseline_mm: Decimal, baseline_on: date, nadir: Nadir) -> Call:
    above = reasons.over_nadir(sum_mm, nadir.sum_mm, nadir.on)
    below = reasons.from_baseline(sum_mm, baseline_mm, baseline_on)
    total = f"Sum {reasons.rounded(sum_mm)} mm"
    on = visit.assessed_on
    if all(target.is_gone for target in visit.targets):
        return Call(ResponseCategory.CR, "CR_ALL_GONE", on, (f"{total}: {below}", reasons.ALL_GONE))
    if has_progressed(sum_mm, nadir.sum_mm):
        sentences = (f"{total}: {above}", reasons.PROGRESSION_LIMIT, below)
        return Call(ResponseCategory.PD, "PD_NADIR_20_5", _progressed_on(visit, nadir), sentences)
    if has_responded(sum_mm, baseline_mm):
        return Call(ResponseCategory.PR, "PR_BASELINE_30", on, (f"{total}: {below}", reasons.RESPONSE_LIMIT, above))
    limits = (reasons.RESPONSE_LIMIT, reasons.PROGRESSION_LIMIT)
    return Call(ResponseCategory.SD, "SD_NEITHER", on, (f"{total}: {below}, {above}", *limits))


def _missing(visit: VisitSums) -> tuple[str, ...]:
    return tuple(reasons.without_size(target.contribution) for target in visit.missing)


def _progressed_on(visit: VisitSums, nadir: Nadir) -> date:
    """The first scan of the visit at which the targets measured so far already meet progression."""
    days = sorted({t.observed_on for t in visit.targets if t.observed_on is not None})
    return next(day for day in days if has_progressed(visit.until(day).partial_sum_mm, nadir.sum_mm))


def _nadir_after(visit: VisitSums, baseline: VisitSums, nadir: Nadir | None) -> Nadir | None:
    """The nadir for the visits that follow; there is none without a complete baseline sum."""
    if baseline.sum_mm is None or visit.sum_mm is None:
        return nadir
    if nadir is None or visit.sum_mm < nadir.sum_mm:
        return Nadir(visit.sum_mm, visit.assessed_on)
    return nadir


def _response(
    timeline: PatientTimeline, visit: VisitSums, baseline: VisitSums, nadir: Nadir | None, call: Call
) -> Response:
    sentences = (*call.reasons, *_modality_changes(visit, baseline), *reasons.circumstances(timeline, visit.timepoint))
    return Response(
        timepoint_pk=visit.timepoint.pk,
        criterion=Criterion.RECIST_1_1_TARGET,
        category=call.category,
        assessed_on=call.assessed_on,
        sum_mm=visit.sum_mm,
        partial_sum_mm=visit.partial_sum_mm,
        baseline_sum_mm=baseline.sum_mm,
        nadir_sum_mm=nadir.sum_mm if nadir else None,
        contributions=tuple(target.contribution for target in visit.targets),
        rule=call.rule,
        reasons=sentences,
    )


def _modality_changes(visit: VisitSums, baseline: VisitSums) -> Iterator[str]:
    """A size from another kind of scan than at baseline may differ for that reason alone."""
    for now, then in zip(visit.targets, baseline.targets, strict=True):
        if now.modality and then.modality and now.modality is not then.modality:
            name = now.track.tracking_id
            yield f"{name} was measured on {then.modality.label} at baseline and on {now.modality.label} on this visit"
