"""The table of a visit while a progression waits to be confirmed: the first rule that holds decides."""

from dataclasses import dataclass
from decimal import Decimal

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget, Trend
from radiomics_tasks.analysis.criteria.irecist.seen import CR, NA, NE, PD, PR, SD, Seen
from radiomics_tasks.analysis.criteria.irecist.start_table import ADJUDICATE, is_unknown_after_icr
from radiomics_tasks.analysis.criteria.irecist.states import NEW, NON_TARGET, TARGET, Block, Call, Memory, Step
from radiomics_tasks.analysis.criteria.protocol import Protocol

ICPD, IUPD = ResponseCategory.ICPD, ResponseCategory.IUPD
RESOLVED = "CONFIRMED_IN_OTHER_CATEGORY_WHILE_DRIVER_RESOLVED"
BAR_RESET = "BAR_RESET"
BETTER = {CR: 3, PR: 2, SD: 1, PD: 0}


def open_call(seen: Seen, block: Block, memory: Memory, protocol: Protocol) -> Call:
    """The category while a block is open (Seymour 2017, Table 2, "previous iUPD in any category").

    Ten numbered rules. Missing data neither confirms nor resets: it is "not evaluable" and the block stays.
    """
    table = _Table(seen, block, memory, protocol)
    early = table.early()
    if early is not None:
        return early
    return table.confirmed() or table.other_category() or table.unknown() or table.reset() or table.unchanged()


def is_early(days: int, protocol: Protocol) -> bool:
    """Whether a visit so many days after the iUPD comes too early to confirm it.

    >>> is_early(25, Protocol()), is_early(26, Protocol())
    (True, False)
    """
    return days < protocol.confirm_from_days - protocol.confirm_tolerance_days


@dataclass(frozen=True, slots=True)
class _Table:
    seen: Seen
    block: Block
    memory: Memory
    protocol: Protocol

    @property
    def days(self) -> int:
        return (self.seen.visit.on - self.block.opened_on).days

    def early(self) -> Call | None:
        """Rules 1 and 2: less than four weeks, the tolerance included."""
        if not is_early(self.days, self.protocol):
            return None
        fresh = self.seen.new.fresh
        if self.seen.visit.is_for_symptom and fresh:
            return self._confirm("OPEN_1", "additional new lesion")
        further = tuple(f"NEW_LESION_ON_EARLY_SCAN:{key}" for key in fresh if key not in self.memory.new.first_seen)
        return Call(IUPD, "OPEN_2", Step.DISREGARDS, ("TOO_EARLY_TO_CONFIRM", *further))

    def confirmed(self) -> Call | None:
        """Rules 3 to 5: a driver still progresses, and further than when it opened the block."""
        seen, drivers = self.seen, self.block.drivers
        if TARGET in drivers and seen.target is PD and self._growth_mm() >= self.protocol.progression_mm:
            is_below = self.block.sum_mm is not None and (seen.known_mm or 0) < self.block.sum_mm
            return self._confirm("OPEN_3", "T>=5mm", *(("BELOW_IUPD_VALUE",) if is_below else ()))
        is_non_target_worse = seen.visit.non_target_trend is Trend.INCREASED
        if NON_TARGET in drivers and seen.non_target is NonTarget.PD and is_non_target_worse:
            return self._confirm("OPEN_4", "NT increase")
        if NEW in drivers and self._is_new_progressive() and self._has_new_growth():
            return self._confirm("OPEN_5", "NL growth")
        return None

    def other_category(self) -> Call | None:
        """Rules 6 and 7: an additional new lesion, or progression where there was none before."""
        seen, drivers = self.seen, self.block.drivers
        if seen.new.fresh:
            return self._in_other("OPEN_6", "additional new lesion")
        if TARGET not in drivers and seen.target is PD:
            return self._in_other("OPEN_7", "new T PD")
        if NON_TARGET not in drivers and seen.non_target is NonTarget.PD:
            return self._in_other("OPEN_7", "new NT PD")
        return None

    def unknown(self) -> Call | None:
        """Rules 8 and 9a: what would have to be known for a reset was not evaluated."""
        if self.seen.has_unknown:
            return Call(NE, "OPEN_8", Step.KEEPS)
        is_worse = self.seen.target is PD or self.seen.non_target is not NonTarget.NE
        if is_worse:
            return None
        is_after_icr = is_unknown_after_icr(self.seen, self.memory, self.protocol)
        if NON_TARGET in self.block.drivers or self.seen.target is NA or is_after_icr:
            return Call(NE, "OPEN_9A", Step.KEEPS)
        return None

    def reset(self) -> Call | None:
        """Rule 9: nothing progresses any more and, with new lesions as driver, something has become better."""
        if self.seen.target is PD or self.seen.non_target is NonTarget.PD or self._is_new_worse():
            return None
        if NEW in self.block.drivers and (self.seen.new.has_grown or not self._is_better()):
            return None
        return Call(self.seen.combined, "OPEN_9", Step.RESETS, (BAR_RESET,))

    def unchanged(self) -> Call:
        """Rule 10; known new lesions over their nadir that did not open this block are a person's decision."""
        if NEW not in self.block.drivers and self._is_new_worse():
            return Call(IUPD, "OPEN_10", Step.KEEPS, ("KNOWN_NEW_LESION_PROGRESSED", ADJUDICATE), alternative=ICPD)
        return Call(IUPD, "OPEN_10", Step.KEEPS)

    def _confirm(self, rule: str, by: str, *more: str) -> Call:
        late_after = self.protocol.confirm_until_days + self.protocol.confirm_tolerance_days
        late = ("LATE_CONFIRMATION",) if self.days > late_after else ()
        return Call(ICPD, rule, Step.CONFIRMS, ("CONFIRMED_BY:" + by, *more, *late))

    def _in_other(self, rule: str, by: str) -> Call:
        """Where every driver is resolved two readings exist; the protocol says which is called."""
        call = self._confirm(rule, by)
        if not self._is_resolved():
            return call
        if self.protocol.other_category_when_resolved == "reset_new_iupd":
            flags = (BAR_RESET, ADJUDICATE)
            return Call(IUPD, rule, Step.REOPENS, flags, self.seen.drivers, ICPD)
        return Call(ICPD, rule, Step.CONFIRMS, (RESOLVED, ADJUDICATE, *call.flags), alternative=IUPD)

    def _growth_mm(self) -> Decimal:
        """Growth over the least sum of the block; nothing without a complete sum to compare with."""
        if self.seen.known_mm is None or self.block.least_mm is None:
            return Decimal(0)
        return self.seen.known_mm - self.block.least_mm

    def _is_new_worse(self) -> bool:
        return self.seen.new.has_progressed or NEW in self.seen.back

    def _is_new_progressive(self) -> bool:
        new = self.seen.new
        return bool((self.block.lesions | set(new.fresh)) & new.present) or self._is_new_worse()

    def _has_new_growth(self) -> bool:
        new = self.seen.new
        growth_mm = None if new.sum is None else new.sum.growth_mm(self.block.least_new)
        return new.has_unmeasured_growth or (growth_mm is not None and growth_mm >= self.protocol.progression_mm)

    def _is_resolved(self) -> bool:
        """Whether every driver is known to progress no longer; what was not evaluated is not resolved."""
        seen = self.seen
        resolved = {
            TARGET: seen.target in {CR, PR, SD},
            NON_TARGET: seen.non_target in {NonTarget.CR, NonTarget.NCNP},
            NEW: not self._is_new_progressive() and not seen.new.not_evaluated,
        }
        return all(resolved[driver] for driver in self.block.drivers)

    def _is_better(self) -> bool:
        return self._are_new_better() or self._are_targets_better()

    def _are_new_better(self) -> bool:
        """All stated absent, fewer than at the start of the block, or one of them smaller."""
        new, block = self.seen.new, self.block
        fall_mm = self.protocol.nl_increase_mm
        shared = [key for key in new.sizes_mm if key in block.sizes_mm]
        is_smaller = any(block.sizes_mm[key] - new.sizes_mm[key] >= fall_mm for key in shared)
        return new.are_all_gone or bool(new.absent & block.present) or new.has_shrunk or is_smaller

    def _are_targets_better(self) -> bool:
        """A better category than at the start of the block, or a sum at least 5 mm lower."""
        seen, block = self.seen, self.block
        if seen.target in BETTER and block.target in BETTER and BETTER[seen.target] > BETTER[block.target]:
            return True
        if seen.visit.sum_mm is None or block.sum_mm is None:
            return False
        return block.sum_mm - seen.visit.sum_mm >= self.protocol.progression_mm
