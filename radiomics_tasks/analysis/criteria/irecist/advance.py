"""From one visit to the next: what a call makes of the open block, the minima and the known new lesions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.irecist.new_lesions import KnownLesions
from radiomics_tasks.analysis.criteria.irecist.seen import Seen
from radiomics_tasks.analysis.criteria.irecist.states import (
    CONFIRMED,
    NEW,
    NON_TARGET,
    RESET,
    TARGET,
    Block,
    Call,
    Memory,
    Step,
)
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.confirmation import Called

CLOSING = {Step.RESETS: RESET, Step.REOPENS: RESET, Step.CONFIRMS: CONFIRMED}
LIKE_RECIST = {
    ResponseCategory.ICR: ResponseCategory.CR,
    ResponseCategory.IPR: ResponseCategory.PR,
    ResponseCategory.ISD: ResponseCategory.SD,
    ResponseCategory.NON_ICR_NON_IUPD: ResponseCategory.NON_CR_NON_PD,
    ResponseCategory.NED: ResponseCategory.NED,
    ResponseCategory.IUPD: ResponseCategory.PD,
    ResponseCategory.ICPD: ResponseCategory.PD,
}


def called(category: ResponseCategory, on: date) -> Called:
    """An iRECIST category as confirmation and persistence ask for it; what decides nothing is NE.

    >>> called(ResponseCategory.IPR, date(2024, 1, 1)).category.value
    'PR'
    """
    return Called(LIKE_RECIST.get(category, ResponseCategory.NE), on)


def least(one_mm: Decimal | None, other_mm: Decimal | None) -> Decimal | None:
    """The smaller of two sums, as far as they are known.

    >>> least(None, Decimal(3)), least(Decimal(2), Decimal(3))
    (Decimal('3'), Decimal('2'))
    """
    known = [size for size in (one_mm, other_mm) if size is not None]
    return min(known, default=None)


def advanced(seen: Seen, call: Call, memory: Memory, protocol: Protocol) -> Memory:
    """What is remembered after a read visit."""
    if call.step is Step.DISREGARDS:
        first_seen = _first_seen(seen, memory.new)
        return replace(memory, new=replace(memory.new, first_seen=first_seen))
    category = call.by_numbers
    block, closed = _blocks(seen, call, memory, protocol)
    is_complete = category is ResponseCategory.ICR
    is_doubtful = category is ResponseCategory.EQUIVOCAL_REAPPEARANCE
    visit_on = seen.visit.on
    return replace(
        memory,
        nadir_mm=_nadir(seen, memory),
        new=_known(seen, memory.new),
        block=block,
        closed=closed,
        series=(*memory.series, _remembered(category, visit_on, protocol)),
        has_been_complete=memory.has_been_complete or is_complete,
        equivocal_on=(memory.equivocal_on or visit_on) if is_doubtful else _still_doubtful(category, memory),
        is_over=call.step is Step.CONFIRMS,
    )


def _remembered(category: ResponseCategory, on: date, protocol: Protocol) -> Called:
    """An iUPD ends persistence; where it continues after a reset, it only ends the wait for confirmation."""
    if category is ResponseCategory.IUPD and protocol.ipr_persistence_after_reset == "continue":
        return Called(ResponseCategory.SD, on)
    return called(category, on)


def _still_doubtful(category: ResponseCategory, memory: Memory) -> date | None:
    return memory.equivocal_on if category is ResponseCategory.NE else None


def _nadir(seen: Seen, memory: Memory) -> Decimal | None:
    """The smallest complete sum so far; without a baseline sum there is none."""
    return None if memory.nadir_mm is None else least(memory.nadir_mm, seen.visit.sum_mm)


def _first_seen(seen: Seen, known: KnownLesions) -> dict[str, date]:
    return {key: seen.visit.on for key in seen.new.fresh} | dict(known.first_seen)


def _known(seen: Seen, known: KnownLesions) -> KnownLesions:
    new = seen.new
    return KnownLesions(
        first_seen=_first_seen(seen, known),
        counted=known.counted | new.present,
        sizes_mm={**known.sizes_mm, **new.sizes_mm},
        nadir=known.nadir if new.sum is None else new.sum.least(known.nadir),
    )


def _blocks(seen: Seen, call: Call, memory: Memory, protocol: Protocol) -> tuple[Block | None, tuple[Block, ...]]:
    block, closed = memory.block, memory.closed
    if block is not None and call.step in CLOSING:
        ended = replace(
            block,
            outcome=CLOSING[call.step],
            closed_on=seen.visit.on,
            closed_as=call.by_numbers,
            has_fallen=_has_fallen(seen, block, protocol),
        )
        block, closed = None, (*closed, ended)
    elif block is not None:
        least_new = block.least_new if seen.new.sum is None else seen.new.sum.least(block.least_new)
        block = replace(block, least_mm=least(block.least_mm, seen.visit.sum_mm), least_new=least_new)
    if call.step in {Step.OPENS, Step.REOPENS}:
        block = _opened(seen, call, memory)
    return block, closed


def _opened(seen: Seen, call: Call, memory: Memory) -> Block:
    returned = seen.new.present if NEW in seen.back else frozenset()
    return Block(
        opened_on=seen.visit.on,
        progressed_on=_progressed_on(seen, call, memory),
        drivers=call.drivers,
        target=seen.target,
        sum_mm=seen.visit.sum_mm,
        least_mm=seen.visit.sum_mm,
        new_sum=seen.new.sum,
        least_new=seen.new.sum,
        lesions=frozenset(seen.new.fresh) | returned,
        present=seen.new.present,
        sizes_mm=dict(seen.new.sizes_mm),
    )


def _progressed_on(seen: Seen, call: Call, memory: Memory) -> date:
    """The first scan that shows a driver; a finding that was equivocal before counts from its first sighting."""
    visit = seen.visit
    shown = {TARGET: visit.target_on, NON_TARGET: visit.non_target_on, NEW: visit.new_on}
    days = [shown[driver] or visit.on for driver in call.drivers]
    days += [visit.first_seen_on] if NEW in call.drivers and visit.first_seen_on else []
    days += [memory.equivocal_on] if memory.equivocal_on else []
    return min(days)


def _has_fallen(seen: Seen, block: Block, protocol: Protocol) -> bool:
    """Whether the sum fell by more than its noise since the start; with new lesions as driver, their sum."""
    if NEW not in block.drivers:
        return _is_real_fall(block.sum_mm, seen.visit.sum_mm, protocol)
    if seen.new.are_all_gone:
        return True
    if block.new_sum is None or seen.new.sum is None or seen.new.sum.keys != block.new_sum.keys:
        return False
    return _is_real_fall(block.new_sum.sum_mm, seen.new.sum.sum_mm, protocol)


def _is_real_fall(then_mm: Decimal | None, now_mm: Decimal | None, protocol: Protocol) -> bool:
    if then_mm is None or now_mm is None:
        return False
    return (then_mm - now_mm) * 100 > protocol.sum_mdc_fall_pct * then_mm
