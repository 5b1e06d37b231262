"""Every unconfirmed progression of a patient: scored as it was known then, graded by what came after."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from patients.concluded.trust_findings import EpisodeGrade, Score
from patients.concluded.trusted import EpisodeScore, LesionComparison
from patients.findings import CourseSummary, UnconfirmedProgression
from patients.labs.words import DeathCause, EventKind
from patients.timeline import Course, PatientTimeline, Timepoint
from patients.vocabulary import Criterion, ResponseCategory
from radiomics_tasks.analysis.change.followed import pairings
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.grounds import Grounds
from radiomics_tasks.analysis.response.called import called_responses
from radiomics_tasks.analysis.response.judged import lines_of_therapy, with_roles
from radiomics_tasks.analysis.response.targets import target_responses
from radiomics_tasks.analysis.trust.compared import PairReader
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence
from radiomics_tasks.analysis.trust.pseudoprogression.gathered import KnownThen, gathered
from radiomics_tasks.analysis.trust.pseudoprogression.grading import Followed, episode_grade, grading_dates
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score
from radiomics_tasks.errors import Refusal

TELLS_OUTCOME = frozenset({EventKind.CLINICAL_PROGRESSION, EventKind.DEATH})


def episode_scores(
    timeline: PatientTimeline,
    summaries: Sequence[CourseSummary],
    comparisons: Sequence[LesionComparison],
    protocol: Protocol,
    grounds: Grounds,
) -> tuple[EpisodeScore, ...]:
    """One score for each visit at which a progression was unconfirmed, by line of therapy and visit.

    Nothing that came after the visit is looked at for the score; everything that came after is for its grading.
    """
    by_course = {one.course_pk: one for one in summaries if one.reader_pk is None}
    found: list[EpisodeScore] = []
    known = [visit.last_on for visit in timeline.timepoints] + [event.started_on for event in timeline.events]
    for line in lines_of_therapy(timeline):
        course_pk = line.current_course.pk if line.current_course else None
        if course_pk in by_course:
            next_on = _next_on(timeline, line.current_course)
            pairs = comparisons if line.baseline == timeline.baseline else _compared(line, grounds)
            reader = PairReader(line, grounds.rules)
            asked = _Line(line, by_course[course_pk], next_on, max(known), pairs, protocol, grounds, reader)
            found += _of_line(asked)
    return tuple(found)


def _compared(line: PatientTimeline, grounds: Grounds) -> tuple[LesionComparison, ...]:
    """The pairs of scans of a line that another one followed: against its own baseline, not that of the later line."""
    alone = _until(line, line.timepoints[-1])
    reader = PairReader(alone, grounds.rules)
    return tuple(reader.compared(pairing) for track in alone.tracks for pairing in pairings(alone, track))


def _next_on(timeline: PatientTimeline, course: Course | None) -> date | None:
    starts = [one.started_on for one in timeline.lines if course is not None and one.pk != course.pk]
    return min((on for on in starts if course is not None and on > course.started_on), default=None)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of therapy and all that its scores stand on; `next_on`: another line starts.

    `known_until`: the last day of which anything is known, under whatever therapy; a planned one may lie after it.
    """

    line: PatientTimeline
    summary: CourseSummary
    next_on: date | None
    known_until: date
    comparisons: Sequence[LesionComparison]
    protocol: Protocol
    grounds: Grounds
    pairs: PairReader


def _of_line(asked: _Line) -> Iterator[EpisodeScore]:
    line, summary = asked.line, asked.summary
    counting = {said.timepoint_pk for said in line.judgements if said.counts}
    read = [visit for visit in line.since_baseline() if visit.pk in counting and visit is not line.baseline]
    known_then = [_known_then(asked, visit) for visit in read]
    judged = [visit for visit, known in zip(read, known_then, strict=True) if _is_judged(known)]
    for order, (visit, known) in enumerate(zip(read, known_then, strict=True)):
        if known is None or known.immune[-1].category is not ResponseCategory.IUPD:
            continue
        evidence = within_range(gathered(known), asked.grounds.model)
        score = pseudoprogression_score(evidence, asked.grounds.model)
        following = read[order + 1] if order + 1 < len(read) else None
        block = _block(summary, visit)
        yield EpisodeScore(
            timepoint_pk=visit.pk,
            course_pk=summary.course_pk,
            opened_on=block.opened_on if block else None,
            score=score,
            inputs=_as_text(asdict(evidence)),
            is_after_outcome=following is not None or _has_ended(line, visit),
            grades=_grades(asked, block, score, following, judged) if block else (),
            evidence_only=pseudoprogression_score(replace(evidence, is_evidence_only=True), asked.grounds.model),
        )


def _is_judged(known: KnownThen | None) -> bool:
    return known is not None and known.immune[-1].category is not ResponseCategory.NE


def within_range(evidence: Evidence, model: PspModel) -> Evidence:
    """The evidence without items whose value the model does not allow, each told among the warnings.

    A wrong entry must keep an item from counting, not a patient from being concluded.
    """
    items, warnings = {}, list(evidence.warnings)
    transforms = {item.name: item.transform for item in model.items}
    for name, found in evidence.items.items():
        try:
            transforms[name].x(name, found.value)
        except KeyError:
            continue
        except Refusal as refusal:
            warnings.append(f"Not used: {refusal.sentence} It is {found.value:.4g}.")
        else:
            items[name] = found
    return replace(evidence, items=items, warnings=tuple(warnings))


def _has_ended(line: PatientTimeline, visit: Timepoint) -> bool:
    """Whether it is known without another assessment what became of the progression."""
    later = any(event.kind in TELLS_OUTCOME and event.started_on > visit.last_on for event in line.events)
    # An adjudicated outcome is kept under the day of the progression itself.
    called = [event.started_on for event in line.events if event.kind is EventKind.ADJUDICATED_OUTCOME]
    return later or any(visit.first_on <= on <= visit.last_on for on in called)


def _known_then(asked: _Line, visit: Timepoint) -> KnownThen | None:
    """The line as it was known on the visit's day, called anew; None where nothing was called."""
    until = _as_chosen(_until(asked.line, visit))
    responses, summaries = called_responses(until, asked.protocol, has_flips=False)
    immune = [one for one in responses if one.criterion is Criterion.IRECIST and one.reader_pk is None]
    if not immune or immune[-1].timepoint_pk != visit.pk:
        return None
    block = next((one.open_block for one in summaries if one.reader_pk is None), None)
    return KnownThen(
        line=until,
        visit=visit,
        judgement=next((said for said in until.judgements if said.counts and said.timepoint_pk == visit.pk), None),
        targets=target_responses(until, asked.protocol),
        immune=immune,
        drivers=block.drivers if block else (),
        comparisons=[one for one in asked.comparisons if one.timepoint_pk == visit.pk],
        reader=asked.grounds.reader,
        pairs=asked.pairs,
    )


def _as_chosen(line: PatientTimeline) -> PatientTimeline:
    """The lesions in the roles of this line's own baseline reading: a later line may choose other targets."""
    baseline = line.baseline
    at_baseline = (one for one in line.judgements if one.counts and baseline and one.timepoint_pk == baseline.pk)
    return with_roles(line, next(at_baseline, None))


def _until(line: PatientTimeline, visit: Timepoint) -> PatientTimeline:
    visits = tuple(one for one in line.timepoints if one.first_on <= visit.first_on)
    pks = {one.pk for one in visits}
    tracks = [
        replace(
            track,
            observations=tuple(seen for seen in track.observations if seen.timepoint_pk in pks),
            local_therapy_on=_if_known(track.local_therapy_on, visit.last_on),
        )
        for track in line.tracks
    ]
    judged = {said.lesion_pk for one in line.judgements if one.timepoint_pk in pks for said in one.lesions}
    return replace(
        line,
        courses=tuple(_course_until(course, visit.last_on) for course in line.courses),
        timepoints=visits,
        tracks=tuple(track for track in tracks if track.observations or track.lesion_pk in judged),
        judgements=tuple(said for said in line.judgements if said.timepoint_pk in pks),
        labs=tuple(lab for lab in line.labs if lab.taken_on <= visit.last_on),
        events=tuple(event for event in line.events if event.started_on <= visit.last_on),
    )


def _course_until(course: Course, on: date) -> Course:
    return replace(
        course,
        stopped_on=_if_known(course.stopped_on, on),
        holds=tuple((first, _if_known(last, on)) for first, last in course.holds if first <= on),
    )


def _if_known(happened_on: date | None, on: date) -> date | None:
    return happened_on if happened_on is not None and happened_on <= on else None


def _block(summary: CourseSummary, visit: Timepoint) -> UnconfirmedProgression | None:
    """The block that a visit belongs to: the last that opened on or before it."""
    opened = [block for block in summary.blocks if block.opened_on <= visit.last_on]
    return max(opened, key=lambda block: block.opened_on, default=None)


def _grades(
    asked: _Line,
    block: UnconfirmedProgression,
    score: Score,
    following: Timepoint | None,
    judged: Sequence[Timepoint],
) -> tuple[EpisodeGrade, ...]:
    assessed_on = min((visit.last_on for visit in judged if visit.first_on > block.opened_on), default=None)
    followed = replace(_followed(asked, block), assessed_on=assessed_on)
    dates = grading_dates(block, following.last_on if following else None, followed)
    return tuple(episode_grade(score, block, followed, on) for on in dates if on <= asked.known_until)


def _followed(asked: _Line, block: UnconfirmedProgression) -> Followed:
    line = asked.line
    later = [event for event in line.events if event.started_on > block.opened_on]
    worse = [
        event.started_on
        for event in later
        if event.kind is EventKind.CLINICAL_PROGRESSION
        or (event.kind is EventKind.DEATH and event.detail is DeathCause.DISEASE)
    ]
    left = [
        event.started_on
        for event in later
        if event.kind is EventKind.LOST or (event.kind is EventKind.DEATH and event.detail is not DeathCause.DISEASE)
    ]
    # A drug that was merely stopped, for toxicity or because it was given to its end, is no other therapy.
    if asked.next_on and asked.next_on >= block.opened_on:
        left.append(asked.next_on)
    again = [one.opened_on for one in asked.summary.blocks if one.opened_on > block.opened_on]
    return Followed(min(worse, default=None), min(left, default=None), min(again, default=None))


def _as_text(data: Any) -> str:
    return json.dumps(data, default=lambda value: value.isoformat() if isinstance(value, date) else str(value))
