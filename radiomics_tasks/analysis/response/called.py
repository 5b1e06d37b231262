"""Every line of therapy under every reader: RECIST 1.1 and iRECIST called, explained and summed up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from patients.findings import CourseSummary, Flip, LesionContribution, Response
from patients.timeline import PatientTimeline
from patients.vocabulary import Absence, Criterion, Organ, ResponseCategory
from patients.words.reading_words import SizeState
from radiomics_tasks.analysis.criteria.best import best_response
from radiomics_tasks.analysis.criteria.immune_best import immune_summary
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.irecist.states import ImmuneResult
from radiomics_tasks.analysis.criteria.overall import OverallResult, overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import TargetResult
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, TargetSeen
from radiomics_tasks.analysis.response.flips import SizeFlip, size_flips
from radiomics_tasks.analysis.response.judged import Judged, judged_course, lines_of_therapy
from radiomics_tasks.analysis.response.sentences import immune_sentences, overall_sentences

Called = tuple[tuple[Response, ...], tuple[CourseSummary, ...]]
Caller = Callable[[JudgedCourse, Protocol], ResponseCategory]


def called_responses(timeline: PatientTimeline, protocol: Protocol, *, has_flips: bool = True) -> Called:
    """The overall responses of every visit that was read, and what each line of therapy comes to.

    Once as the readings that count (`reader_pk` None) and, where several readers assessed the patient, once for
    each of them alone. What would flip a call is worked out for the readings that count only, and not at all without
    `has_flips`: it calls every visit some forty times over.
    """
    responses: list[Response] = []
    summaries: list[CourseSummary] = []
    for line in lines_of_therapy(timeline):
        for reader_pk in (None, *_readers(line)):
            judged = judged_course(line, reader_pk, protocol)
            if judged is not None:
                found, summary = _of_one(judged, reader_pk, protocol, has_flips=has_flips and reader_pk is None)
                responses += found
                summaries.append(summary)
    return tuple(responses), tuple(summaries)


def _readers(line: PatientTimeline) -> tuple[int, ...]:
    """The logins to be told apart; one alone is the reading that counts."""
    readers = dict.fromkeys(j.reader_pk for j in line.judgements)
    return tuple(pk for pk in readers if pk is not None) if len(readers) > 1 else ()


def _of_one(
    judged: Judged, reader_pk: int | None, protocol: Protocol, *, has_flips: bool
) -> tuple[list[Response], CourseSummary]:
    results = overall_results(judged.course, protocol)
    immune = immune_course(judged.course, results, protocol)
    frame = _Frame(judged, reader_pk, protocol, has_flips=has_flips)
    responses = []
    for order, (result, immune_result) in enumerate(zip(results, immune.visits, strict=True)):
        responses.append(frame.overall(order, result))
        responses.append(frame.immune(order, result, immune_result))
    best = best_response(judged.course, results, protocol)
    immune_best = immune_summary(immune, protocol, next_treatment_on=judged.course.next_treatment_on)
    summary = CourseSummary(
        course_pk=frame.course_pk,
        reader_pk=reader_pk,
        best=best.best,
        confirmed_best=best.confirmed,
        responded_on=best.responded_on,
        progressed_on=best.progressed_on,
        immune_best=immune_best.best,
        immune_confirmed_best=immune_best.confirmed_best,
        immune_responded_on=immune_best.responded_on,
        confirmed_progression_on=immune_best.confirmed_progression_on,
        immune_progressed_on=immune_best.progressed_on,
        is_immune_progression_confirmed=immune_best.is_progression_confirmed,
        blocks=immune_best.blocks,
        protocol=protocol.title,
    )
    return responses, summary


class _Frame:
    """What the calls of one line of therapy under one reader have in common."""

    def __init__(self, judged: Judged, reader_pk: int | None, protocol: Protocol, *, has_flips: bool) -> None:
        self.judged, self.reader_pk, self.protocol, self.has_flips = judged, reader_pk, protocol, has_flips
        course = judged.timeline.current_course
        self.course_pk = course.pk if course else None
        self.tracks = {str(track.lesion_pk): track for track in judged.timeline.tracks}
        self.names: Mapping[str, str] = {
            **{key: track.tracking_id for key, track in self.tracks.items()},
            **{organ.value: organ.label.lower() for organ in Organ},
        }

    def overall(self, order: int, result: OverallResult) -> Response:
        """RECIST 1.1 at one visit."""
        return replace(
            self._response(order, result.target),
            criterion=Criterion.RECIST_1_1,
            category=result.category,
            assessed_on=result.assessed_on,
            rule=result.rule,
            source=result.source,
            reasons=overall_sentences(result, self.names),
            flags=result.flags,
            non_target=result.non_target.value,
            new_lesions=result.new.value,
            revised=result.final if result.final is not result.category else None,
            flips=self._flips(order, result.category, overall_category),
        )

    def immune(self, order: int, result: OverallResult, immune: ImmuneResult) -> Response:
        """iRECIST at the same visit."""
        return replace(
            self._response(order, result.target),
            criterion=Criterion.IRECIST,
            category=immune.category,
            assessed_on=immune.on,
            nadir_sum_mm=immune.nadir_mm,
            rule=immune.rule,
            source=immune.source,
            reasons=immune_sentences(immune, self.names),
            flags=immune.flags,
            non_target=result.non_target.value,
            new_lesions=result.new.value,
            alternative=immune.alternative,
            flips=self._flips(order, immune.category, immune_category),
        )

    def _response(self, order: int, target: TargetResult) -> Response:
        return Response(
            timepoint_pk=self.judged.timepoints[order].pk,
            criterion=Criterion.RECIST_1_1,
            category=target.category,
            assessed_on=target.assessed_on,
            sum_mm=target.sum_mm,
            partial_sum_mm=target.partial_mm,
            baseline_sum_mm=target.baseline_mm,
            nadir_sum_mm=target.nadir_mm,
            contributions=tuple(self._contribution(seen) for seen in target.seen),
            rule=target.rule,
            reasons=(),
            protocol=self.protocol.title,
            course_pk=self.course_pk,
            reader_pk=self.reader_pk,
        )

    def _contribution(self, seen: TargetSeen) -> LesionContribution:
        track = self.tracks[seen.key]
        is_plain = seen.state in (SizeState.MEASURED, SizeState.NOT_EVALUABLE)
        return LesionContribution(
            lesion_pk=track.lesion_pk,
            tracking_id=track.tracking_id,
            size_mm=seen.size_mm,
            measure="short axis" if track.is_node else "longest diameter",
            absence=Absence.NOT_EVALUATED if seen.size_mm is None else None,
            state="" if is_plain else seen.state.value,
        )

    def _flips(self, order: int, category: ResponseCategory, call: Caller) -> tuple[Flip, ...]:
        if not self.has_flips:
            return ()
        return tuple(
            Flip(self.tracks[flip.key].lesion_pk, self.tracks[flip.key].tracking_id, flip.change_mm, flip.becomes)
            for flip in visit_flips(self.judged.course, order, category, call, self.protocol)
        )


def visit_flips(
    course: JudgedCourse, order: int, category: ResponseCategory, call: Caller, protocol: Protocol
) -> tuple[SizeFlip, ...]:
    """What would flip the call of one visit; nothing where nobody read it, or where a later reading changed it."""
    until = replace(course, visits=course.visits[: order + 1])
    if not until.visits[-1].is_read or call(until, protocol) is not category:
        return ()
    sizes = {seen.key: seen.size_mm for seen in until.visits[-1].targets if _is_measured(seen)}

    def with_size(key: str, size_mm: Decimal) -> ResponseCategory:
        return call(resized(until, key, size_mm), protocol)

    known = {key: size for key, size in sizes.items() if size is not None}
    return size_flips(known, category, with_size)


def _is_measured(seen: TargetSeen) -> bool:
    return seen.state is SizeState.MEASURED and seen.size_mm is not None and seen.size_mm > 0


def resized(course: JudgedCourse, key: str, size_mm: Decimal) -> JudgedCourse:
    """The course with one target of its last visit at another size."""
    last = course.visits[-1]
    targets = tuple(replace(seen, size_mm=size_mm) if seen.key == key else seen for seen in last.targets)
    return replace(course, visits=(*course.visits[:-1], replace(last, targets=targets)))


def overall_category(course: JudgedCourse, protocol: Protocol) -> ResponseCategory:
    """RECIST 1.1 at the last visit of a course."""
    return overall_results(course, protocol)[-1].category


def immune_category(course: JudgedCourse, protocol: Protocol) -> ResponseCategory:
    """iRECIST at the last visit of a course."""
    return immune_course(course, overall_results(course, protocol), protocol).visits[-1].category
