"""A patient's timeline and one reader's signed judgements, as the course that the criteria are applied to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from patients.judged import Judgement, LesionJudged
from patients.timeline import LesionTrack, Observation, PatientTimeline, Timepoint
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, NotTumour, SizeState, Trend
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import (
    JudgedCourse,
    JudgedVisit,
    NewLesionSeen,
    Target,
    TargetSeen,
)

NOT_TUMOUR = frozenset(reason.value for reason in NotTumour)
NOT_THERE = (SizeState.ABSENT, SizeState.NOT_EVALUABLE)

Known = dict[int, NewLesionKind]


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of therapy under one reader: the criteria's input, and the visits it stands for.

    `timeline` knows this line of therapy alone; `timepoints` and `judgements` stand in the order of
    `course.visits`, a judgement is None where the visit was not read.
    """

    timeline: PatientTimeline
    course: JudgedCourse
    baseline: Timepoint
    timepoints: tuple[Timepoint, ...]
    judgements: tuple[Judgement | None, ...]


def lines_of_therapy(timeline: PatientTimeline) -> Iterator[PatientTimeline]:
    """The timeline once for each line of therapy, with that line alone and the visits that belong to it.

    Without a line, the timeline as it is.
    """
    yield from [timeline.alone(line) for line in timeline.lines] or [timeline]


def judged_course(line: PatientTimeline, reader_pk: int | None, protocol: Protocol) -> Judged | None:
    """One line of therapy as one reader judged it (None: as the readings that count); None where nobody did.

    Visits after the last one that was read are left out: sizes alone make no overall response. One between two
    that were read is kept with its sizes and without a judgement.
    """
    baseline = line.baseline
    if baseline is None:
        return None
    judged = {found.timepoint_pk: found for found in _judgements(line, reader_pk)}
    line = with_roles(line, judged.get(baseline.pk))
    later = [visit for visit in line.since_baseline() if visit.pk != baseline.pk]
    read = [order for order, visit in enumerate(later) if visit.pk in judged]
    if not read:
        return None
    visits = tuple(later[: read[-1] + 1])
    judgements = tuple(judged.get(visit.pk) for visit in visits)
    course = _course(line, baseline, judged.get(baseline.pk), protocol)
    known: Known = {}
    seen = (_visit(line, visit, said, protocol, known) for visit, said in zip(visits, judgements, strict=True))
    return Judged(line, replace(course, visits=tuple(seen)), baseline, visits, judgements)


def _course(
    line: PatientTimeline, baseline: Timepoint, at_baseline: Judgement | None, protocol: Protocol
) -> JudgedCourse:
    """The line of therapy at its baseline, without later visits."""
    sizes = [target_seen(line, track, baseline, at_baseline, protocol) for track in line.targets]
    therapy = line.current_course
    return JudgedCourse(
        baseline_on=max((seen.on for seen in sizes if seen.on is not None), default=baseline.last_on),
        targets=tuple(
            Target(key_of(track), track.organ.value, track.is_node, seen.size_mm)
            for track, seen in zip(line.targets, sizes, strict=True)
        ),
        visits=(),
        has_non_targets=_has_non_targets(line, at_baseline),
        regions_with_disease=tuple(dict.fromkeys(t.organ.value for t in line.tracks if t.role in AT_BASELINE)),
        treatment_start=therapy.started_on if therapy else None,
        randomised_on=therapy.randomised_on if therapy else None,
    )


def with_roles(line: PatientTimeline, at_baseline: Judgement | None) -> PatientTimeline:
    """The lesions as the reader chose them at baseline: two readers may choose other targets."""
    chosen = {said.lesion_pk: said.role for said in (at_baseline.lesions if at_baseline else ()) if said.role}
    tracks = (replace(track, role=chosen.get(track.lesion_pk, track.role)) for track in line.tracks)
    return replace(line, tracks=tuple(tracks))


AT_BASELINE = (LesionRole.TARGET, LesionRole.NON_TARGET)


def key_of(track: LesionTrack) -> str:
    """The name of a lesion inside the criteria."""
    return str(track.lesion_pk)


def _judgements(line: PatientTimeline, reader_pk: int | None) -> Iterator[Judgement]:
    for judgement in line.judgements:
        if judgement.counts if reader_pk is None else judgement.reader_pk == reader_pk:
            yield judgement


def _has_non_targets(line: PatientTimeline, at_baseline: Judgement | None) -> bool:
    stated = at_baseline is not None and at_baseline.non_target is not NonTarget.NA
    return stated or any(track.role is LesionRole.NON_TARGET for track in line.tracks)


def _visit(
    line: PatientTimeline, visit: Timepoint, judgement: Judgement | None, protocol: Protocol, known: Known
) -> JudgedVisit:
    """One visit; `known` gathers the new lesions that were called unequivocal so far."""
    targets = tuple(target_seen(line, track, visit, judgement, protocol) for track in line.targets)
    if judgement is None:
        return JudgedVisit(visit.last_on, targets, NonTarget.NE, new=NewDisease.NE, is_read=False)
    new_lesions = _new_lesions(line, visit, judgement, protocol, known)
    is_there = any(seen.state not in NOT_THERE for seen in new_lesions)
    return JudgedVisit(
        on=visit.last_on,
        targets=targets,
        non_target=judgement.non_target,
        non_target_trend=judgement.non_target_trend,
        non_target_on=judgement.non_target_on,
        # A new lesion that is still there is disease that was not there at baseline, at every later visit.
        new=NewDisease.YES if is_there else judgement.new,
        new_on=judgement.new_on or _first_shown_on(line, visit, judgement),
        confirms_equivocal=judgement.confirms_equivocal,
        equivocal_resolved=judgement.equivocal_resolved,
        regions_not_scanned=tuple(region.value for region in judgement.regions_not_scanned),
        reappearance=judgement.reappearance,
        is_merged_cr_confirmed=judgement.is_merged_cr_confirmed,
        new_lesions=new_lesions,
        is_for_symptom=judgement.is_for_symptom,
    )


def _first_shown_on(line: PatientTimeline, visit: Timepoint, judgement: Judgement) -> date | None:
    """The date of the first scan of the visit on which a new lesion is outlined."""
    if judgement.new is not NewDisease.YES:
        return None
    seen = [line.at(track, visit) for track in line.tracks if track.role is LesionRole.NEW]
    return min((found.observed_on for found in seen if found is not None and found.sizes is not None), default=None)


def target_seen(
    line: PatientTimeline, track: LesionTrack, visit: Timepoint, judgement: Judgement | None, protocol: Protocol
) -> TargetSeen:
    """What a target brings to the sum of one visit."""
    seen = line.at(track, visit)
    said = judgement.of(track.lesion_pk) if judgement else None
    on = _observed_on(seen, said, visit)
    if track.local_therapy_on is not None and on >= track.local_therapy_on:
        return TargetSeen(key_of(track), None, SizeState.NOT_EVALUABLE, on=on)
    state = said.state if said else SizeState.MEASURED
    merged_into = str(said.merged_into_pk) if said and said.merged_into_pk is not None else ""
    size_mm = entering_mm(track, seen, said, protocol)
    return TargetSeen(key_of(track), size_mm, SizeState.NOT_EVALUABLE if size_mm is None else state, merged_into, on)


def _observed_on(seen: Observation | None, said: LesionJudged | None, visit: Timepoint) -> date:
    if said is not None and said.observed_on is not None:
        return said.observed_on
    return seen.observed_on if seen is not None else visit.last_on


def entering_mm(
    track: LesionTrack, seen: Observation | None, said: LesionJudged | None, protocol: Protocol
) -> Decimal | None:
    """What a lesion brings to a sum (mm): as its outline measures unless a reader said otherwise; None: nothing."""
    if said is None or said.state is SizeState.MEASURED:
        return _measured_mm(track, seen, said)
    if said.state is SizeState.SPLIT:
        return sum(map(exact, said.parts_mm), Decimal(0)) if said.parts_mm else None
    fixed = {SizeState.TOO_SMALL: protocol.too_small_mm, SizeState.ABSENT: Decimal(0), SizeState.MERGED: Decimal(0)}
    return fixed.get(said.state)


def _measured_mm(track: LesionTrack, seen: Observation | None, said: LesionJudged | None) -> Decimal | None:
    """The reader's own diameter, else that of the outline; None where there is neither."""
    if said is not None and said.diameter_mm is not None:
        return exact(said.diameter_mm)
    sizes = seen.sizes if seen else None
    if sizes is None or sizes.absence:
        return None
    return exact(sizes.short_axis_mm if track.is_node else sizes.longest_diameter_mm)


def exact(size_mm: float) -> Decimal:
    """A stored double as the decimal that it is written as.

    >>> exact(8.2) - exact(3.2)
    Decimal('5.0')
    """
    return Decimal(repr(float(size_mm)))


def _new_lesions(
    line: PatientTimeline, visit: Timepoint, judgement: Judgement, protocol: Protocol, known: Known
) -> tuple[NewLesionSeen, ...]:
    """The new lesions of one visit that were called tumour, here or before; an equivocal one is none of them."""
    found = []
    for track in line.tracks:
        if track.role is not LesionRole.NEW:
            continue
        said, seen = judgement.of(track.lesion_pk), line.at(track, visit)
        size_mm = entering_mm(track, seen, said, protocol)
        state = said.state if said else SizeState.MEASURED if size_mm is not None else None
        if state is SizeState.MEASURED and size_mm is None:
            state = SizeState.NOT_EVALUABLE
        is_tumour = judgement.new is NewDisease.YES and not (said and said.why in NOT_TUMOUR)
        if is_tumour and state is not None and state not in NOT_THERE:
            known.setdefault(track.lesion_pk, _kind(track, size_mm))
        if state is not None and track.lesion_pk in known:
            found.append(_new_lesion(track, known[track.lesion_pk], state, size_mm, said.trend if said else None))
    return tuple(found)


def _new_lesion(
    track: LesionTrack, kind: NewLesionKind, state: SizeState, size_mm: Decimal | None, trend: Trend | None
) -> NewLesionSeen:
    """A new lesion as the criteria take it: unequivocally larger is larger, and more where nothing measures it."""
    is_unequivocal = trend is Trend.UNEQUIVOCAL and kind is NewLesionKind.NON_TARGET
    usual = Trend.INCREASED if trend is Trend.UNEQUIVOCAL else trend or Trend.SAME
    return NewLesionSeen(key_of(track), kind, state, size_mm, usual, is_unequivocal)


def _kind(track: LesionTrack, size_mm: Decimal | None) -> NewLesionKind:
    """As a reader chose it, else by whether it was measured when it was first called tumour."""
    return track.new_kind or (NewLesionKind.NON_TARGET if size_mm is None else NewLesionKind.TARGET)
