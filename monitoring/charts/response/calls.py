"""What was called in one line of therapy, as far as one viewer may know it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from patients.findings import CourseSummary, PatientFindings, Response, UnconfirmedProgression
from patients.judged import Judgement
from patients.timeline import Course, PatientTimeline, Timepoint
from patients.vocabulary import Criterion, ResponseCategory


@dataclass(frozen=True, slots=True)
class Blinding:
    """What is kept from a reader: `hidden` are the visits that others have signed and this reader has not."""

    reader_pk: int | None = None
    hidden: frozenset[int] = frozenset()


OPEN = Blinding()
PD = ResponseCategory.PD


@dataclass(frozen=True, slots=True)
class CourseCalls:
    """The calls of one line of therapy, by visit.

    `timeline` is what the line is shown on: everything for the current one, its own visits for an earlier one.
    `sums` are the target sums. `judgements` are those that the calls come from. `blinding.hidden` is empty where
    the viewer may know everything; else all calls are the viewer's own.
    """

    timeline: PatientTimeline
    course: Course | None
    is_current: bool
    sums: Mapping[int, Response]
    overall: Mapping[int, Response]
    immune: Mapping[int, Response]
    judgements: Mapping[int, Judgement]
    summary: CourseSummary | None = None
    blinding: Blinding = OPEN

    @property
    def findings(self) -> PatientFindings:
        """The target sums alone, for whatever draws those."""
        return PatientFindings(self.timeline.patient_pk, (), tuple(self.sums.values()))

    @property
    def called_visits(self) -> tuple[Timepoint, ...]:
        """The visits with an overall response, in order."""
        return tuple(visit for visit in self.timeline.timepoints if visit.pk in self.overall)

    @property
    def last_called(self) -> Timepoint | None:
        """The last visit that was assessed."""
        read = [visit for visit in self.called_visits if visit.pk in self.judgements]
        return read[-1] if read else None

    @property
    def blocks(self) -> tuple[UnconfirmedProgression, ...]:
        """The unconfirmed progressions, first to last."""
        return self.summary.blocks if self.summary else ()

    def progressed_before(self, visit: Timepoint) -> date | None:
        """The day of progression by RECIST 1.1 where what was called at a visit came after it and no longer counts.

        Not at the visit that showed a progression which is dated back.
        """
        on = self.summary.progressed_on if self.summary else None
        found = self.overall.get(visit.pk)
        if on is None or found is None or on >= visit.first_on:
            return None
        earlier = [self.overall[one.pk] for one in self.called_visits if one.first_on < visit.first_on]
        is_later = found.category is not PD or any(one.category is PD for one in earlier)
        return on if is_later else None


def course_calls(
    timeline: PatientTimeline,
    responses: Collection[Response],
    summaries: Collection[CourseSummary] = (),
    course_pk: int | None = None,
    blinding: Blinding = OPEN,
) -> CourseCalls:
    """The calls of one line of therapy; without `course_pk`, or with one that is none, of the current one.

    Where visits are hidden the reader's own calls stand in place of those that count, and no target sum from the
    first hidden visit on is shown: it may hold, or be compared with, a size that another reader typed.
    """
    course = next((one for one in timeline.lines if one.pk == course_pk), timeline.current_course)
    is_current = course is timeline.current_course
    shown = timeline if is_current or course is None else timeline.alone(course)
    reader_pk = blinding.reader_pk if blinding.hidden else None
    key = course.pk if course else None
    mine = [r for r in responses if r.course_pk == key and r.reader_pk == reader_pk]
    own = [s for s in summaries if s.course_pk == key and s.reader_pk == reader_pk]
    overall = _by_visit(mine, Criterion.RECIST_1_1)
    return CourseCalls(
        timeline=shown,
        course=course,
        is_current=is_current,
        sums=_sums(shown, responses, blinding) if is_current else dict(_baseline_and(shown, overall)),
        overall=overall,
        immune=_by_visit(mine, Criterion.IRECIST),
        judgements=_judgements(shown, blinding),
        summary=own[0] if own else None,
        blinding=blinding,
    )


def known_to(responses: Collection[Response], timeline: PatientTimeline, blinding: Blinding) -> list[Response]:
    """The responses that a viewer may know: where others' are hidden, its own alone and no target sums of those visits.

    What would flip a call is left out where the reading is stale.
    """
    stale = {said.timepoint_pk for said in timeline.judgements if said.counts and said.is_stale}
    bare = [replace(found, flips=()) if found.timepoint_pk in stale else found for found in responses]
    if not blinding.hidden:
        return bare
    kept_back = _kept_back(timeline, blinding)
    return [
        replace(found, flips=())
        for found in bare
        if found.reader_pk == blinding.reader_pk
        or (found.criterion is Criterion.RECIST_1_1_TARGET and found.timepoint_pk not in kept_back)
    ]


def _kept_back(timeline: PatientTimeline, blinding: Blinding) -> frozenset[int]:
    """The first visit that is hidden from a reader, and every later one."""
    visits = [visit.pk for visit in timeline.timepoints]
    first = min((visits.index(pk) for pk in blinding.hidden if pk in visits), default=len(visits))
    return frozenset(visits[first:])


def _by_visit(responses: Collection[Response], criterion: Criterion) -> dict[int, Response]:
    return {found.timepoint_pk: found for found in responses if found.criterion is criterion}


def _sums(timeline: PatientTimeline, responses: Collection[Response], blinding: Blinding) -> dict[int, Response]:
    """The target responses of the current line, in the order of the visits."""
    targets = _by_visit([r for r in responses if r.reader_pk is None], Criterion.RECIST_1_1_TARGET)
    targets = {pk: found for pk, found in targets.items() if pk not in _kept_back(timeline, blinding)}
    return {visit.pk: targets[visit.pk] for visit in timeline.timepoints if visit.pk in targets}


def _baseline_and(line: PatientTimeline, overall: Mapping[int, Response]) -> Iterator[tuple[int, Response]]:
    """The sums of an earlier line: at its baseline, and as its overall responses give them."""
    first = next(iter(overall.values()), None)
    baseline = line.baseline
    if first and baseline:
        sum_mm = first.baseline_sum_mm
        yield (
            baseline.pk,
            replace(
                first,
                timepoint_pk=baseline.pk,
                criterion=Criterion.RECIST_1_1_TARGET,
                category=ResponseCategory.BASELINE,
                assessed_on=baseline.last_on,
                sum_mm=sum_mm,
                partial_sum_mm=first.partial_sum_mm if sum_mm is None else sum_mm,
                nadir_sum_mm=None,
                contributions=(),
                rule="BASELINE",
                reasons=(),
                flags=(),
                flips=(),
                revised=None,
            ),
        )
    yield from overall.items()


def _judgements(timeline: PatientTimeline, blinding: Blinding) -> dict[int, Judgement]:
    """The judgements that the calls come from: those that count, or the reader's own where others are hidden."""
    if blinding.hidden:
        return {j.timepoint_pk: j for j in timeline.judgements if j.reader_pk == blinding.reader_pk}
    return {j.timepoint_pk: j for j in timeline.judgements if j.counts}
