"""Every unconfirmed progression of a patient: scored as it was known then, graded by what came after."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from patients.findings import CourseSummary, UnconfirmedProgression
from patients.labs.words import DeathCause, EventKind
from patients.timeline import PatientTimeline, Timepoint
from patients.trust_findings import EpisodeGrade, Score
from patients.trusted import EpisodeScore, LesionComparison
from patients.vocabulary import Criterion, ResponseCategory
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.grounds import Grounds
from radiomics_tasks.analysis.response.called import called_responses
from radiomics_tasks.analysis.response.judged import lines_of_therapy
from radiomics_tasks.analysis.response.targets import target_responses
from radiomics_tasks.analysis.trust.pseudoprogression.gathered import KnownThen, gathered
from radiomics_tasks.analysis.trust.pseudoprogression.grading import Followed, episode_grade, grading_dates
from radiomics_tasks.analysis.trust.pseudoprogression.score import pseudoprogression_score


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
    for line in lines_of_therapy(timeline):
        course_pk = line.current_course.pk if line.current_course else None
        if course_pk in by_course:
            found += _of_line(line, by_course[course_pk], comparisons, protocol, grounds)
    return tuple(found)


def _of_line(
    line: PatientTimeline,
    summary: CourseSummary,
    comparisons: Sequence[LesionComparison],
    protocol: Protocol,
    grounds: Grounds,
) -> Iterator[EpisodeScore]:
    counting = [said.timepoint_pk for said in line.judgements if said.counts]
    read = [visit for visit in line.since_baseline() if visit.pk in counting][1:]
    read = [visit for visit in read if visit is not line.baseline]
    for order, visit in enumerate(read):
        known = _known_then(line, visit, comparisons, protocol, grounds)
        if known is None or known.immune[-1].category is not ResponseCategory.IUPD:
            continue
        evidence = gathered(known)
        score = pseudoprogression_score(evidence, grounds.model)
        following = read[order + 1] if order + 1 < len(read) else None
        block = _block(summary, visit)
        yield EpisodeScore(
            timepoint_pk=visit.pk,
            course_pk=summary.course_pk,
            opened_on=block.opened_on if block else None,
            score=score,
            inputs=_as_text(asdict(evidence)),
            is_after_outcome=following is not None,
            grades=_grades(line, summary, block, score, following) if block else (),
        )


def _known_then(
    line: PatientTimeline,
    visit: Timepoint,
    comparisons: Sequence[LesionComparison],
    protocol: Protocol,
    grounds: Grounds,
) -> KnownThen | None:
    """The line as it was known on the visit's day, called anew; None where nothing was called."""
    until = _until(line, visit)
    responses, summaries = called_responses(until, protocol)
    immune = [one for one in responses if one.criterion is Criterion.IRECIST and one.reader_pk is None]
    if not immune or immune[-1].timepoint_pk != visit.pk:
        return None
    block = next((one.open_block for one in summaries if one.reader_pk is None), None)
    return KnownThen(
        line=until,
        visit=visit,
        judgement=next((said for said in until.judgements if said.counts and said.timepoint_pk == visit.pk), None),
        targets=target_responses(until, protocol),
        immune=immune,
        drivers=block.drivers if block else (),
        comparisons=[one for one in comparisons if one.timepoint_pk == visit.pk],
        reader=grounds.reader,
    )


def _until(line: PatientTimeline, visit: Timepoint) -> PatientTimeline:
    visits = tuple(one for one in line.timepoints if one.first_on <= visit.first_on)
    pks = {one.pk for one in visits}
    tracks = [
        replace(track, observations=tuple(seen for seen in track.observations if seen.timepoint_pk in pks))
        for track in line.tracks
    ]
    judged = {said.lesion_pk for one in line.judgements if one.timepoint_pk in pks for said in one.lesions}
    return replace(
        line,
        timepoints=visits,
        tracks=tuple(track for track in tracks if track.observations or track.lesion_pk in judged),
        judgements=tuple(said for said in line.judgements if said.timepoint_pk in pks),
        labs=tuple(lab for lab in line.labs if lab.taken_on <= visit.last_on),
        events=tuple(event for event in line.events if event.started_on <= visit.last_on),
    )


def _block(summary: CourseSummary, visit: Timepoint) -> UnconfirmedProgression | None:
    """The block that a visit belongs to: the last that opened on or before it."""
    opened = [block for block in summary.blocks if block.opened_on <= visit.last_on]
    return max(opened, key=lambda block: block.opened_on, default=None)


def _grades(
    line: PatientTimeline,
    summary: CourseSummary,
    block: UnconfirmedProgression,
    score: Score,
    following: Timepoint | None,
) -> tuple[EpisodeGrade, ...]:
    followed = _followed(line, summary, block)
    known_until = max([visit.last_on for visit in line.timepoints] + [event.started_on for event in line.events])
    dates = grading_dates(block, following.last_on if following else None)
    return tuple(episode_grade(score, block, followed, on) for on in dates if on <= known_until)


def _followed(line: PatientTimeline, summary: CourseSummary, block: UnconfirmedProgression) -> Followed:
    later = [event for event in line.events if event.started_on > block.opened_on]
    course = line.current_course
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
    if course and course.stopped_on and course.stopped_on > block.opened_on:
        left.append(course.stopped_on)
    again = [one.opened_on for one in summary.blocks if one.opened_on > block.opened_on]
    return Followed(min(worse, default=None), min(left, default=None), min(again, default=None))


def _as_text(data: Any) -> str:
    return json.dumps(data, default=lambda value: value.isoformat() if isinstance(value, date) else str(value))
