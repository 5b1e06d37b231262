"""The table of a visit while no progression waits to be confirmed: the first row that holds decides."""

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget
from radiomics_tasks.analysis.criteria.irecist.seen import CR, NA, NE, Seen
from radiomics_tasks.analysis.criteria.irecist.states import NEW, NON_TARGET, TARGET, Call, Memory, Step
from radiomics_tasks.analysis.criteria.protocol import Protocol

DISEASE_AFTER_ICR = "DISEASE_AFTER_iCR"
ADJUDICATE = "ADJUDICATE"


def start_call(seen: Seen, memory: Memory, protocol: Protocol) -> Call:
    """The category where no block is open (Seymour 2017, Table 2, "no previous iUPD").

    Any driver opens a block. After an iCR, disease again is a driver at any size; nodes of 10 to under 15 mm
    alone are not. A known new lesion that was not evaluated makes the visit not evaluable.
    """
    if seen.drivers:
        return _opening(seen)
    if seen.is_doubtful:
        return Call(ResponseCategory.EQUIVOCAL_REAPPEARANCE, "START_5", flags=(ADJUDICATE,))
    if not seen.visit.are_new_evaluated:
        return Call(NE, "START_6A", flags=("NEW_LESIONS_NOT_EVALUATED",))
    if seen.new.not_evaluated and protocol.nl_not_evaluated == "ne":
        return Call(NE, "START_6", flags=("NEW_LESION_NOT_EVALUATED",))
    if is_unknown_after_icr(seen, memory, protocol):
        return Call(NE, "START_4A", flags=("NOT_EVALUATED_AFTER_iCR",))
    larger = ("NEW_LESION_LARGER",) if seen.new.has_unmeasured_growth else ()
    return Call(seen.combined, _row(seen), flags=larger)


def is_unknown_after_icr(seen: Seen, memory: Memory, protocol: Protocol) -> bool:
    """Whether nothing is back after an iCR but the non-targets were not looked at: missing data is no disease."""
    return memory.has_been_complete and protocol.post_cr == "pd" and seen.non_target is NonTarget.NE


def _opening(seen: Seen) -> Call:
    flags = (DISEASE_AFTER_ICR, ADJUDICATE) if seen.back else ()
    if set(seen.drivers) == set(seen.back):
        rule = "START_4"
    else:
        plain = [name for name in seen.drivers if name not in seen.back]
        rule = {TARGET: "START_1", NON_TARGET: "START_2", NEW: "START_3"}[plain[0]]
    return Call(ResponseCategory.IUPD, rule, Step.OPENS, flags, drivers=seen.drivers)


def _row(seen: Seen) -> str:
    """The row of the table without progression, by its number."""
    has_new = bool(seen.new.present | seen.new.not_evaluated)
    if seen.target is CR:
        is_left = seen.non_target not in {NonTarget.CR, NonTarget.NA}
        return "START_9" if is_left else "START_8" if has_new else "START_7"
    if seen.target is NA:
        return _row_non_target_only(seen.non_target, has_new=has_new)
    return {ResponseCategory.PR: "START_10", ResponseCategory.SD: "START_11"}.get(seen.target, "START_12")


def _row_non_target_only(non_target: NonTarget, *, has_new: bool) -> str:
    if non_target is NonTarget.CR:
        return "START_15" if has_new else "START_14"
    if non_target is NonTarget.NA and not has_new:
        return "START_17"
    return "START_16" if non_target is NonTarget.NE else "START_13"
