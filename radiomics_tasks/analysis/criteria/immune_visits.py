"""From the visits as judged to the visits as iRECIST sees them: targets added up, new lesions by their names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease, NewLesionKind, Reappearance, SizeState
from radiomics_tasks.analysis.criteria.best import reference_on
from radiomics_tasks.analysis.criteria.immune import ImmuneCourse, immune_results
from radiomics_tasks.analysis.criteria.overall import OverallResult
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, JudgedCourse, JudgedVisit, NewLesionSeen

# The name of a new lesion that a reader called without naming one.
UNNAMED = "new lesion"
NOWHERE = frozenset({SizeState.ABSENT, SizeState.NOT_EVALUABLE})
DECIDED = {
    Reappearance.PROGRESSION: "DISEASE",
    Reappearance.EQUIVOCAL: "EQUIVOCAL",
    Reappearance.REREAD_AS_PR: "REREAD_PR",
}
UNNAMED_STATES = {NewDisease.YES: SizeState.PRESENT, NewDisease.NO: SizeState.ABSENT}


def immune_course(
    course: JudgedCourse, results: Sequence[OverallResult], protocol: Protocol = STANDARD
) -> ImmuneCourse:
    """iRECIST over a whole line of therapy; `results` are those of `overall_results`, one a visit."""
    baselines = [result.target.baseline_mm for result in results]
    return immune_results(
        course.baseline_on,
        baselines[0] if baselines else None,
        immune_visits(course, results),
        protocol,
        treatment_start=reference_on(course, protocol),
        has_targets=bool(course.targets),
    )


def immune_visits(course: JudgedCourse, results: Sequence[OverallResult]) -> tuple[ImmuneVisit, ...]:
    """The visits of a course for `immune_results`.

    A lesion is new from the first visit at which a reader calls new disease unequivocal; while it is equivocal
    it opens nothing. One called without a name is followed by the same answer: YES is there, NO is gone.
    What is back after a complete response comes from the reader, else from the targets: anything non-nodal or a
    node of 15 mm is disease, nodes of 10 to under 15 mm alone are doubtful.
    """
    known = _Known()
    visits = []
    for visit, result in zip(course.visits, results, strict=True):
        known, new_lesions = known.with_visit(visit) if visit.is_read else (known, ())
        visits.append(replace(_visit(visit, result), new_lesions=new_lesions, first_seen_on=known.confirmed_since))
    return tuple(visits)


@dataclass(frozen=True, slots=True)
class _Known:
    """The new lesions called so far, and the first sighting of one that is still equivocal."""

    keys: frozenset[str] = frozenset()
    equivocal_since: date | None = None
    confirmed_since: date | None = None

    def with_visit(self, visit: JudgedVisit) -> tuple[Self, tuple[NewLesionSeen, ...]]:
        """What is known after a visit, and its new lesions as far as they count."""
        is_called = visit.new is NewDisease.YES
        present = {seen.key for seen in visit.new_lesions if seen.state not in NOWHERE}
        keys = self.keys | present if is_called else self.keys
        entries = tuple(seen for seen in visit.new_lesions if seen.key in keys)
        if UNNAMED in keys or (is_called and not present):
            keys, entries = keys | {UNNAMED}, (*entries, _unnamed(visit, has_named=bool(present)))
        confirmed = self.equivocal_since if is_called and visit.confirms_equivocal else None
        return replace(self, keys=keys, equivocal_since=self._since(visit), confirmed_since=confirmed), entries

    def _since(self, visit: JudgedVisit) -> date | None:
        since = None if visit.equivocal_resolved or visit.new is NewDisease.YES else self.equivocal_since
        return since or visit.new_on or visit.on if visit.new is NewDisease.EQUIVOCAL else since


def _unnamed(visit: JudgedVisit, *, has_named: bool) -> NewLesionSeen:
    """The state of the unnamed lesion; a YES beside named ones says nothing of it."""
    is_unclear = has_named and visit.new is NewDisease.YES
    state = SizeState.NOT_EVALUABLE if is_unclear else UNNAMED_STATES.get(visit.new, SizeState.NOT_EVALUABLE)
    return NewLesionSeen(UNNAMED, NewLesionKind.NON_TARGET, state)


def _visit(visit: JudgedVisit, result: OverallResult) -> ImmuneVisit:
    target = result.target
    is_worse = target.category is ResponseCategory.PD
    back_on = min((seen.on or visit.on for seen in result.back.lesions), default=None)
    return ImmuneVisit(
        on=visit.on,
        sum_mm=target.sum_mm,
        partial_mm=target.partial_mm,
        are_targets_gone=target.category is ResponseCategory.CR,
        non_target=result.non_target,
        non_target_trend=visit.non_target_trend,
        is_for_symptom=visit.is_for_symptom,
        reappearance=_reappearance(visit, result),
        is_read=visit.is_read,
        are_new_evaluated=result.new is not NewDisease.NE,
        target_on=target.assessed_on if is_worse else back_on,
        non_target_on=visit.non_target_on,
        new_on=visit.new_on,
    )


def _reappearance(visit: JudgedVisit, result: OverallResult) -> str:
    if visit.reappearance is not None:
        return DECIDED[visit.reappearance]
    if result.back.lesions:
        return "DISEASE"
    return "NODE_10_15" if result.back.nodes else "NOTHING"
