"""The overall response of every visit: targets, non-targets and new lesions together, and what later visits revise."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease, NonTarget, Reappearance
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.after_cr import Back, after_cr, what_is_back
from radiomics_tasks.analysis.criteria.rules.backdating import Finding, Revision, revisions
from radiomics_tasks.analysis.criteria.rules.confirmation import Called, is_response_standing
from radiomics_tasks.analysis.criteria.rules.tables import (
    NO_DISEASE,
    NON_TARGET_ONLY,
    SOURCES,
    TABLES,
    WITH_TARGETS,
    Row,
)
from radiomics_tasks.analysis.criteria.sums import STANDARD, TargetResult, target_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit

CR_REREAD_AS_PR = "CR_REREAD_AS_PR"
NOT_READ = "NOT_READ"
OUTSIDE_VISIT_WINDOW = "OUTSIDE_VISIT_WINDOW"
PR_CONTINUED = "PR_CONTINUED"
REAPPEARANCE_NOT_APPLIED = "REAPPEARANCE_NOT_APPLIED"
REGION_NOT_IMAGED = "REGION_NOT_IMAGED"
REQUIRED_REGION_NOT_SCANNED = "REQUIRED_REGION_NOT_SCANNED"

_NOTHING_TO_ASK = {ResponseCategory.CR, ResponseCategory.NE, ResponseCategory.NED}


@dataclass(frozen=True, slots=True)
class OverallResult:
    """The overall response of one visit.

    `category` is the call as shown, `by_numbers` the same before PR persistence (best overall response asks
    for it), `revision` is there where a later visit proved that this one was progression already. `new` and
    `non_target` are what the tables were asked: a required region that was not scanned makes `new` NE.
    `assessed_on` is the last scan the call needs, for progression the first scan that shows it.
    """

    on: date
    target: TargetResult
    category: ResponseCategory
    by_numbers: ResponseCategory
    rule: str
    source: str
    flags: tuple[str, ...]
    non_target: NonTarget
    new: NewDisease
    back: Back
    assessed_on: date
    revision: Revision | None = None

    @property
    def final(self) -> ResponseCategory:
        """The category once later visits are known."""
        return ResponseCategory.PD if self.revision else self.category

    @property
    def progressed_on(self) -> date | None:
        """Since when there is progression, back-dated where a later visit proved it; None without progression."""
        if self.category is ResponseCategory.PD:
            return self.assessed_on
        return self.revision.progressed_on if self.revision else None

    @property
    def called(self) -> Called:
        """What this visit brings to best overall response and confirmation."""
        if self.final is ResponseCategory.PD:
            return Called(ResponseCategory.PD, self.progressed_on or self.assessed_on)
        return _called(self.by_numbers, self.assessed_on)


def overall_results(course: JudgedCourse, protocol: Protocol = STANDARD) -> tuple[OverallResult, ...]:
    """The overall response at every visit after baseline, with what later visits revise.

    A visit nobody judged is NE (`NOT_READ`) and decides nothing; its sizes still count for the nadir.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, Tables 1 to 3 and section 4.3.5.
    """
    calls: list[_Call] = []
    for visit, target in zip(course.visits, target_results(course, protocol), strict=True):
        calls = _with_next(calls, _found(course, visit, target, protocol), protocol)
    dates = [_assessed_on(call, protocol) for call in calls]
    revised = revisions([call.finding for call in calls])
    series = [_called(call.category, on) for call, on in zip(calls, dates, strict=True)]
    results = [_result(call, on, revised.get(n)) for n, (call, on) in enumerate(zip(calls, dates, strict=True))]
    return tuple(
        _continued(result)
        if result.category is ResponseCategory.SD and is_response_standing(series[:n], protocol)
        else result
        for n, result in enumerate(results)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What one visit showed, and the row of the table that it meets."""

    visit: JudgedVisit
    target: TargetResult
    non_target: NonTarget
    new: NewDisease
    back: Back
    row: Row
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Call:
    """The call of one visit before persistence and back-dating."""

    found: _Found
    category: ResponseCategory
    rule: str
    source: str
    flags: tuple[str, ...]
    is_after_cr: bool = False

    @classmethod
    def by_table(cls, found: _Found, *flags: str) -> "_Call":
        if not found.visit.is_read:
            return cls(found, ResponseCategory.NE, NOT_READ, SOURCES[NOT_READ], (*found.flags, NOT_READ))
        row = found.row
        return cls(found, row.then, row.rule, row.source, (*found.flags, *flags))

    @property
    def finding(self) -> Finding:
        found = self.found
        sized = frozenset(seen.key for seen in found.target.seen if seen.size_mm is not None)
        return Finding(self.category, found.target.category, found.new, found.non_target, found.back, sized)


def _found(course: JudgedCourse, visit: JudgedVisit, target: TargetResult, protocol: Protocol) -> _Found:
    non_target = visit.non_target
    if non_target is NonTarget.NA and course.has_non_targets:
        non_target = NonTarget.NE
    not_scanned = tuple(_regions_not_scanned(course, visit, protocol))
    is_incomplete = any(flag.startswith(REQUIRED_REGION_NOT_SCANNED) for flag in not_scanned)
    new = NewDisease.NE if is_incomplete and visit.new is not NewDisease.YES else visit.new
    if course.targets:
        row = TABLES[WITH_TARGETS].decide(target.category, non_target, new)
    elif non_target is not NonTarget.NA:
        row = TABLES[NON_TARGET_ONLY].decide(non_target, new)
    else:
        row = TABLES[NO_DISEASE].decide(new)
    flags = (*target.flags, *not_scanned, *_outside_window(visit, protocol))
    back = what_is_back(course.targets, visit, target, non_target, protocol)
    return _Found(visit, target, non_target, new, back, row, flags)


def _regions_not_scanned(course: JudgedCourse, visit: JudgedVisit, protocol: Protocol) -> Iterator[str]:
    """Regions that were not scanned, each as a flag: those the protocol requires, and those it does not."""
    asked = protocol.required_regions
    required = course.regions_with_disease if asked is None else asked
    for region in visit.regions_not_scanned:
        kind = REQUIRED_REGION_NOT_SCANNED if region in required else REGION_NOT_IMAGED
        yield f"{kind}:{region}"


def _outside_window(visit: JudgedVisit, protocol: Protocol) -> tuple[str, ...]:
    days = [visit.on, *(seen.on for seen in visit.targets), visit.new_on, visit.non_target_on]
    known = [day for day in days if day is not None]
    is_wide = (max(known) - min(known)).days > protocol.visit_window_days
    return (OUTSIDE_VISIT_WINDOW,) if is_wide else ()


def _with_next(calls: list[_Call], found: _Found, protocol: Protocol) -> list[_Call]:
    """The calls with one more: by the table, or after an overall CR by the rule for disease that is back."""
    has_cr = protocol.post_cr == "pd" and any(call.category is ResponseCategory.CR for call in calls)
    if not has_cr or not found.visit.is_read or found.row.then in _NOTHING_TO_ASK:
        return [*calls, _Call.by_table(found, *([REAPPEARANCE_NOT_APPLIED] if found.visit.reappearance else []))]
    if found.visit.reappearance is Reappearance.REREAD_AS_PR:
        return [*(_reread(call) for call in calls), _Call.by_table(found)]
    decided = after_cr(found.back, found.non_target, found.row.then)
    if decided is None:
        return [*calls, _Call.by_table(found)]
    rule = decided.rule or found.row.rule
    source = SOURCES.get(rule, found.row.source)
    call = _Call(found, decided.category, rule, source, (*found.flags, *decided.flags), is_after_cr=True)
    return [*calls, call]


def _reread(call: _Call) -> _Call:
    """An earlier call when the reader takes the CR for a PR: what rested on the CR is by the table again."""
    if call.category is ResponseCategory.CR:
        rule, flags = CR_REREAD_AS_PR, (*call.flags, CR_REREAD_AS_PR)
        return replace(call, category=ResponseCategory.PR, rule=rule, source=SOURCES[rule], flags=flags)
    return _Call.by_table(call.found) if call.is_after_cr else call


def _assessed_on(call: _Call, protocol: Protocol) -> date:
    found = call.found
    if call.category is ResponseCategory.PD:
        return min(_shown_on(call), default=found.visit.on)
    decides_nothing = call.category in {ResponseCategory.NE, ResponseCategory.EQUIVOCAL_REAPPEARANCE}
    if decides_nothing or not found.target.seen or protocol.required_regions is not None:
        return found.visit.on
    needed = [seen.on or found.visit.on for seen in found.target.seen]
    if found.non_target is not NonTarget.NA:
        needed.append(found.visit.non_target_on or found.visit.on)
    return max(needed)


def _shown_on(call: _Call) -> Iterator[date]:
    """The scans that show progression."""
    found = call.found
    if found.target.category is ResponseCategory.PD:
        yield found.target.assessed_on
    if found.non_target is NonTarget.PD:
        yield found.visit.non_target_on or found.visit.on
    if found.new is NewDisease.YES:
        yield found.visit.new_on or found.visit.on
    if call.is_after_cr:
        has_reader_decided = found.visit.reappearance is Reappearance.PROGRESSION
        back_on = found.back.first_on(with_nodes=has_reader_decided)
        if back_on is not None:
            yield back_on


def _called(category: ResponseCategory, on: date) -> Called:
    is_equivocal = category is ResponseCategory.EQUIVOCAL_REAPPEARANCE
    return Called(ResponseCategory.NE if is_equivocal else category, on)


def _continued(result: OverallResult) -> OverallResult:
    """An SD by numbers as the PR that goes on."""
    return replace(
        result,
        category=ResponseCategory.PR,
        rule=PR_CONTINUED,
        source=SOURCES[PR_CONTINUED],
        flags=(*result.flags, PR_CONTINUED),
    )


def _result(call: _Call, assessed_on: date, revision: Revision | None) -> OverallResult:
    found = call.found
    return OverallResult(
        on=found.visit.on,
        target=found.target,
        category=call.category,
        by_numbers=call.category,
        rule=call.rule,
        source=call.source,
        flags=call.flags,
        non_target=found.non_target,
        new=found.new,
        back=found.back,
        assessed_on=assessed_on,
        revision=revision,
    )
