"""The response of the target lesions, visit by visit, with its sentences; overall response is not judged here."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from patients.findings import LesionContribution, Response
from patients.judged import Judgement
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import Absence, Criterion, ResponseCategory
from patients.words.reading_words import SizeState
from radiomics_tasks.analysis import choices, reasons
from radiomics_tasks.analysis.criteria.measurable import BaselineLesion, baseline_warnings
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD, TargetResult, target_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, Target, TargetSeen
from radiomics_tasks.analysis.response.judged import exact, key_of, target_seen

LONGEST_DIAMETER = "longest diameter"
SHORT_AXIS = "short axis"


def target_responses(timeline: PatientTimeline, protocol: Protocol = STANDARD) -> tuple[Response, ...]:
    """The target response at the baseline and at every later visit, whether anybody assessed it or not.

    Sizes are those of the outlines, or what the reading that counts says instead. A stored double enters as
    `Decimal(repr(x))`; sums and products are exact, there is no tolerance. The nadir of a visit is the
    smallest complete sum before it, baseline included. A target without a size makes a visit not evaluable,
    unless the measured ones already meet progression. Without a complete baseline sum there is nothing to
    compare with, and every later visit is not evaluable.

    A response counts from the last scan it needs, progression from the first scan at which the targets
    measured so far meet it.
    """
    visits = list(timeline.since_baseline())
    if not visits:
        return ()
    sizes = _Sizes(timeline, protocol)
    course = JudgedCourse(
        baseline_on=sizes.measured_on(visits[0]),
        targets=tuple(
            Target(key_of(track), track.organ.value, track.is_node, seen.size_mm)
            for track, seen in zip(timeline.targets, sizes.at(visits[0]), strict=True)
        ),
        visits=tuple(JudgedVisit(visit.last_on, sizes.at(visit), is_read=False) for visit in visits[1:]),
    )
    results = target_results(course, protocol)
    later = (_later(sizes, visit, result) for visit, result in zip(visits[1:], results, strict=True))
    return (_baseline(sizes, visits[0]), *later)


class _Sizes:
    """What every target brings to every visit, and why nothing where it brings nothing."""

    def __init__(self, timeline: PatientTimeline, protocol: Protocol) -> None:
        self.timeline, self.protocol = timeline, protocol
        self._judged: dict[int, Judgement] = {j.timepoint_pk: j for j in timeline.judgements if j.counts}

    def at(self, visit: Timepoint) -> tuple[TargetSeen, ...]:
        """The targets at one visit, in the timeline's order."""
        judgement = self._judged.get(visit.pk)
        return tuple(
            target_seen(self.timeline, track, visit, judgement, self.protocol) for track in self.timeline.targets
        )

    def measured_on(self, visit: Timepoint) -> date:
        """The last scan of a visit that its sum needs."""
        return max((seen.on for seen in self.at(visit) if seen.size_mm is not None and seen.on), default=visit.last_on)

    def contributions(self, visit: Timepoint) -> tuple[LesionContribution, ...]:
        """The same for a reader, each target with its name and the reason where it has no size."""
        seen = zip(self.timeline.targets, self.at(visit), strict=True)
        return tuple(self._contribution(track, visit, one) for track, one in seen)

    def _contribution(self, track: LesionTrack, visit: Timepoint, seen: TargetSeen) -> LesionContribution:
        is_plain = seen.state in (SizeState.MEASURED, SizeState.NOT_EVALUABLE)
        return LesionContribution(
            lesion_pk=track.lesion_pk,
            tracking_id=track.tracking_id,
            size_mm=seen.size_mm,
            measure=SHORT_AXIS if track.is_node else LONGEST_DIAMETER,
            absence=self._absence(track, visit) if seen.size_mm is None else None,
            state="" if is_plain else seen.state.value,
        )

    def _absence(self, track: LesionTrack, visit: Timepoint) -> Absence:
        judgement = self._judged.get(visit.pk)
        said = judgement.of(track.lesion_pk) if judgement else None
        seen = self.timeline.at(track, visit)
        if track.local_therapy_on is not None and visit.last_on >= track.local_therapy_on:
            return Absence.TREATED
        if said is not None and said.state is not SizeState.MEASURED:
            return Absence.NOT_EVALUATED
        sizes = seen.sizes if seen else None
        return (sizes and sizes.absence) or (seen and seen.absence) or Absence.NOT_OUTLINED

    def missing(self, visit: Timepoint, *, at_baseline: bool = False) -> tuple[str, ...]:
        """A sentence for each target without a size."""
        parts = self.contributions(visit)
        return tuple(reasons.without_size(part, at_baseline=at_baseline) for part in parts if part.size_mm is None)


def _baseline(sizes: _Sizes, visit: Timepoint) -> Response:
    parts = sizes.contributions(visit)
    known = [part.size_mm for part in parts if part.size_mm is not None]
    partial_mm = sum(known, start=Decimal(0))
    sum_mm = partial_mm if parts and len(known) == len(parts) else None
    if parts:
        shown = "no complete sum" if sum_mm is None else f"sum {reasons.rounded(sum_mm)} mm"
        called = ResponseCategory.BASELINE, "BASELINE", sizes.measured_on(visit)
        sentences = (f"Baseline: {shown} of {reasons.counted(len(parts), 'target')}", *sizes.missing(visit))
    else:
        called = ResponseCategory.NA, "NO_TARGETS", visit.last_on
        sentences = (reasons.NO_TARGETS,)
    category, rule, on = called
    return Response(
        timepoint_pk=visit.pk,
        criterion=Criterion.RECIST_1_1_TARGET,
        category=category,
        assessed_on=on,
        sum_mm=sum_mm,
        partial_sum_mm=partial_mm,
        baseline_sum_mm=sum_mm,
        nadir_sum_mm=None,
        contributions=parts,
        rule=rule,
        reasons=(
            *sentences,
            *choices.sentences(sizes.timeline, visit),
            *_guard_rails(sizes, visit),
            *reasons.circumstances(sizes.timeline, visit),
        ),
        protocol=sizes.protocol.title,
    )


def _guard_rails(sizes: _Sizes, visit: Timepoint) -> Iterator[str]:
    """Which rules for choosing targets the baseline touches; they warn, a person decides."""
    course = sizes.timeline.current_course
    lesions = [
        _baseline_lesion(track, sizes.timeline.at(track, visit), seen)
        for track, seen in zip(sizes.timeline.targets, sizes.at(visit), strict=True)
        if seen.size_mm is not None
    ]
    on, start = sizes.measured_on(visit), course.started_on if course else None
    for warning in baseline_warnings(lesions, on, start, sizes.protocol):
        yield f"{warning.sentence.rstrip('.')} ({warning.rule})"


def _baseline_lesion(track: LesionTrack, counted: Observation | None, seen: TargetSeen) -> BaselineLesion:
    return BaselineLesion(
        key=track.tracking_id,
        organ=track.organ.label.lower(),
        is_node=track.is_node,
        size_mm=seen.size_mm,
        slice_thickness_mm=None if counted is None or counted.slice_mm is None else exact(counted.slice_mm),
    )


def _later(sizes: _Sizes, visit: Timepoint, result: TargetResult) -> Response:
    first = next(iter(sizes.timeline.since_baseline()))
    sentences = (
        *_sentences(sizes, visit, first, result),
        *_modality_changes(sizes.timeline, visit, first),
        *choices.sentences(sizes.timeline, visit),
        *reasons.circumstances(sizes.timeline, visit),
    )
    return Response(
        timepoint_pk=visit.pk,
        criterion=Criterion.RECIST_1_1_TARGET,
        category=result.category,
        assessed_on=result.assessed_on,
        sum_mm=result.sum_mm,
        partial_sum_mm=result.partial_mm,
        baseline_sum_mm=result.baseline_mm,
        nadir_sum_mm=result.nadir_mm,
        contributions=sizes.contributions(visit),
        rule=result.rule,
        source=result.source,
        reasons=sentences,
        flags=result.flags,
        protocol=sizes.protocol.title,
    )


def _sentences(sizes: _Sizes, visit: Timepoint, first: Timepoint, result: TargetResult) -> tuple[str, ...]:
    missing = sizes.missing(visit)
    if result.category is ResponseCategory.NA:
        return (reasons.NO_TARGETS,)
    if result.baseline_mm is None or result.nadir is None:
        return sizes.missing(first, at_baseline=True) + missing
    if result.sum_mm is None:
        return _incomplete(result, missing)
    above = reasons.over_nadir(result.sum_mm, result.nadir.sum_mm, result.nadir.on)
    below = reasons.from_baseline(result.sum_mm, result.baseline_mm, sizes.measured_on(first))
    total = f"Sum {reasons.rounded(result.sum_mm)} mm"
    said = {
        ResponseCategory.CR: (f"{total}: {below}", reasons.ALL_GONE),
        ResponseCategory.PD: (f"{total}: {above}", reasons.PROGRESSION_LIMIT, below),
        ResponseCategory.PR: (f"{total}: {below}", reasons.RESPONSE_LIMIT, above),
        ResponseCategory.SD: (f"{total}: {below}, {above}", reasons.RESPONSE_LIMIT, reasons.PROGRESSION_LIMIT),
    }
    return said[result.category]


def _incomplete(result: TargetResult, missing: tuple[str, ...]) -> tuple[str, ...]:
    shown = f"{reasons.rounded(result.partial_mm)} mm"
    if result.category is ResponseCategory.PD and result.nadir is not None:
        change = reasons.over_nadir(result.partial_mm, result.nadir.sum_mm, result.nadir.on)
        return (f"The measured targets alone have a sum of {shown}: {change}", reasons.PROGRESSION_LIMIT, *missing)
    measured = len(result.seen) - len(missing)
    others = f"the other {reasons.counted(measured, 'target')}: {shown}" if measured else "no target has a size"
    return (*missing, others)


def _modality_changes(timeline: PatientTimeline, visit: Timepoint, first: Timepoint) -> Iterator[str]:
    """A size from another kind of scan than at baseline may differ for that reason alone."""
    for track in timeline.targets:
        now, then = timeline.at(track, visit), timeline.at(track, first)
        if now and then and now.sizes and then.sizes and now.modality is not then.modality:
            name = track.tracking_id
            yield f"{name} was measured on {then.modality.label} at baseline and on {now.modality.label} on this visit"
