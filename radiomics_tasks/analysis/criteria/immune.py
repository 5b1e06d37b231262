"""iRECIST over the visits of one line of therapy: a bar that progression has to pass twice.

A data-handling recommendation for trials, not validated for the management of patients.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.irecist.advance import advanced, least
from radiomics_tasks.analysis.criteria.irecist.open_table import is_early, open_call
from radiomics_tasks.analysis.criteria.irecist.seen import Seen, seen_at
from radiomics_tasks.analysis.criteria.irecist.sources import RULES
from radiomics_tasks.analysis.criteria.irecist.start_table import start_call
from radiomics_tasks.analysis.criteria.irecist.states import Block, Call, ImmuneResult, Memory
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.confirmation import is_response_standing
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit

ICR, IPR, ISD, NE = ResponseCategory.ICR, ResponseCategory.IPR, ResponseCategory.ISD, ResponseCategory.NE


@dataclass(frozen=True, slots=True)
class ImmuneCourse:
    """One line of therapy under iRECIST: a result for every visit, and its unconfirmed progressions in order.

    `first_seen` is the visit at which each new lesion was first seen, early scans included. `reference_on` is
    the date durations count from.
    """

    reference_on: date
    visits: tuple[ImmuneResult, ...]
    blocks: tuple[Block, ...]
    first_seen: Mapping[str, date]


def immune_results(
    baseline_on: date,
    baseline_sum: Decimal | None,
    visits: Sequence[ImmuneVisit],
    protocol: Protocol = STANDARD,
    treatment_start: date | None = None,
    *,
    has_targets: bool | None = None,
) -> ImmuneCourse:
    """The iRECIST category of every visit, in the order of their dates.

    `baseline_sum` None: no targets, or (with `has_targets`) targets without a complete baseline sum. A visit
    nobody read is not evaluable (NOT_READ): its complete sum lowers the nadir and nothing else.

    References
    ----------
    Seymour L et al. Lancet Oncol 2017;18:e143-52. RECIST group (EORTC), iRECIST questions.

    Examples
    --------
    >>> sums = {date(2024, 2, 12): Decimal(130), date(2024, 3, 25): Decimal(60)}
    >>> course = immune_results(date(2024, 1, 1), Decimal(100), [ImmuneVisit(on, mm) for on, mm in sums.items()])
    >>> [result.category.value for result in course.visits], course.blocks[0].outcome
    (['iUPD', 'iPR'], 'RESET')
    """
    with_targets = baseline_sum is not None if has_targets is None else has_targets
    memory = Memory(baseline_sum, with_targets, nadir_mm=baseline_sum)
    last_reread = max((n for n, visit in enumerate(visits) if visit.reappearance == "REREAD_PR"), default=-1)
    results = []
    for number, visit in enumerate(visits):
        result, memory = _next(visit, memory, protocol, is_reread=number < last_reread)
        results.append(result)
    blocks = memory.closed if memory.block is None else (*memory.closed, memory.block)
    return ImmuneCourse(treatment_start or baseline_on, tuple(results), blocks, dict(memory.new.first_seen))


def _next(visit: ImmuneVisit, memory: Memory, protocol: Protocol, *, is_reread: bool) -> tuple[ImmuneResult, Memory]:
    if memory.is_over:
        call = Call(ResponseCategory.POST_ICPD, "AFTER_ICPD")
        return _result(visit, call.by_numbers, call, memory), memory
    if not visit.is_read:
        return _unread(visit, memory, protocol)
    seen = seen_at(visit, memory, protocol)
    call = _call(seen, memory, protocol, is_reread=is_reread)
    category, flags = _persisting(call, memory, protocol)
    call = replace(call, flags=(*(f"NEW_LESION_STATE_MISSING:{key}" for key in seen.new.missing), *call.flags, *flags))
    return _result(visit, category, call, memory, seen), advanced(seen, call, memory, protocol)


def _call(seen: Seen, memory: Memory, protocol: Protocol, *, is_reread: bool) -> Call:
    if memory.block is None:
        call = start_call(seen, memory, protocol)
    else:
        call = open_call(seen, memory.block, memory, protocol)
    if call.by_numbers is ICR and is_reread:
        return replace(call, by_numbers=IPR, flags=(*call.flags, "iCR_REREAD_AS_iPR"))
    return call


def _persisting(call: Call, memory: Memory, protocol: Protocol) -> tuple[ResponseCategory, tuple[str, ...]]:
    """A response stands until progression, even where a later sum by numbers is only stable."""
    if call.by_numbers is ISD and is_response_standing(memory.series, protocol):
        return IPR, ("iPR_CONTINUED",)
    return call.by_numbers, ()


def _unread(visit: ImmuneVisit, memory: Memory, protocol: Protocol) -> tuple[ImmuneResult, Memory]:
    call = Call(NE, "NOT_READ", flags=("NOT_READ",))
    is_disregarded = memory.block is not None and is_early((visit.on - memory.block.opened_on).days, protocol)
    if memory.nadir_mm is None or is_disregarded:
        return _result(visit, NE, call, memory), memory
    return _result(visit, NE, call, memory), replace(memory, nadir_mm=least(memory.nadir_mm, visit.sum_mm))


def _result(
    visit: ImmuneVisit, category: ResponseCategory, call: Call, memory: Memory, seen: Seen | None = None
) -> ImmuneResult:
    source, reason = RULES[call.rule]
    block = memory.block
    return ImmuneResult(
        on=visit.on,
        category=category,
        by_numbers=call.by_numbers,
        is_read=visit.is_read,
        rule="IRECIST_" + call.rule,
        source=source,
        reason=reason,
        flags=call.flags,
        drivers=call.drivers or (block.drivers if block else ()),
        alternative=call.alternative,
        target=seen.target if seen else None,
        sum_mm=visit.sum_mm,
        nadir_mm=memory.nadir_mm,
        least_mm=block.least_mm if block else None,
        new_sum_mm=seen.new.sum.sum_mm if seen and seen.new.sum else None,
        days_open=(visit.on - block.opened_on).days if block else None,
    )
