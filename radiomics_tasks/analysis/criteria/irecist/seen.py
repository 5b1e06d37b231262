"""How the three categories stand at one visit: targets, non-targets, new lesions, and what they make together."""

from dataclasses import dataclass
from decimal import Decimal

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget
from radiomics_tasks.analysis.criteria.irecist.new_lesions import NewLesions, new_lesions
from radiomics_tasks.analysis.criteria.irecist.states import NEW, NON_TARGET, TARGET, Memory
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import has_progressed, has_responded
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit

CR, PR, SD, PD, NE, NA = (
    ResponseCategory.CR,
    ResponseCategory.PR,
    ResponseCategory.SD,
    ResponseCategory.PD,
    ResponseCategory.NE,
    ResponseCategory.NA,
)
EQUIVOCAL = ResponseCategory.EQUIVOCAL_REAPPEARANCE


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit as the tables ask for it.

    `drivers` are the categories that would open a block at this visit, `back` those of them that hold disease
    again after an iCR without meeting progression otherwise; `is_doubtful`: what is back after an iCR may be
    nothing (nodes of 10 to under 15 mm, or a reader says so). `known_mm`: the known targets' sum.
    """

    visit: ImmuneVisit
    target: ResponseCategory
    non_target: NonTarget
    new: NewLesions
    known_mm: Decimal | None
    drivers: tuple[str, ...]
    back: tuple[str, ...]
    is_doubtful: bool

    @property
    def has_unknown(self) -> bool:
        """Whether targets or new lesions were not evaluated, or only doubtful disease is there."""
        is_new_unknown = bool(self.new.not_evaluated) or not self.visit.are_new_evaluated
        return self.target is NE or self.is_doubtful or is_new_unknown

    @property
    def combined(self) -> ResponseCategory:
        """Targets and non-targets together, as after a table without progression; never iCR beside a new lesion.

        Non-targets that were not evaluated count as still there; with nothing but non-targets, as not evaluable.
        """
        has_new = bool(self.new.present | self.new.not_evaluated)
        if self.target is NA:
            return _non_target_only(self.non_target, has_new=has_new)
        if self.target is CR:
            is_all_gone = self.non_target in {NonTarget.CR, NonTarget.NA} and not has_new
            return ResponseCategory.ICR if is_all_gone else ResponseCategory.IPR
        return {PR: ResponseCategory.IPR, SD: ResponseCategory.ISD}.get(self.target, NE)


def _non_target_only(non_target: NonTarget, *, has_new: bool) -> ResponseCategory:
    if non_target is NonTarget.NE:
        return NE
    if non_target is NonTarget.CR:
        return ResponseCategory.IPR if has_new else ResponseCategory.ICR
    if non_target is NonTarget.NA and not has_new:
        return ResponseCategory.NED
    return ResponseCategory.NON_ICR_NON_IUPD


def seen_at(visit: ImmuneVisit, memory: Memory, protocol: Protocol) -> Seen:
    """The categories of one visit, the rules after an iCR (methods as in RECIST 1.1 after a CR) included."""
    known_mm = visit.partial_mm if visit.sum_mm is None else visit.sum_mm
    target = _target(visit, known_mm, memory, protocol)
    new = new_lesions(visit, memory.new, protocol)
    back: tuple[str, ...] = ()
    is_doubtful = False
    if memory.has_been_complete and protocol.post_cr == "pd":
        back = (NEW,) if new.present - set(new.fresh) and not new.has_progressed else ()
        if _may_be_back(visit, target):
            back = (*_back(visit, target), *back)
            is_doubtful = _is_doubtful(visit, target)
            target = EQUIVOCAL if is_doubtful and target not in {CR, NA} else PD if TARGET in back else target
    non_target = NonTarget.PD if NON_TARGET in back else visit.non_target
    has_new_driver = bool(new.fresh) or new.has_progressed or NEW in back
    worse = {TARGET: target is PD, NON_TARGET: non_target is NonTarget.PD, NEW: has_new_driver}
    drivers = tuple(name for name, is_worse in worse.items() if is_worse)
    return Seen(visit, target, non_target, new, known_mm, drivers, back, is_doubtful)


def _target(visit: ImmuneVisit, known_mm: Decimal | None, memory: Memory, protocol: Protocol) -> ResponseCategory:
    """RECIST 1.1 on the targets: their known part may be enough for progression."""
    if not memory.has_targets:
        return NA
    if memory.baseline_mm is None or memory.nadir_mm is None or known_mm is None:
        return NE
    if visit.sum_mm is not None and visit.are_targets_gone:
        return CR
    if has_progressed(known_mm, memory.nadir_mm, protocol):
        return PD
    if visit.sum_mm is None:
        return NE
    return PR if has_responded(visit.sum_mm, memory.baseline_mm, protocol) else SD


def _may_be_back(visit: ImmuneVisit, target: ResponseCategory) -> bool:
    """Whether there is anything to ask: neither all gone again nor, as far as the tables go, not evaluable."""
    is_gone = target in {CR, NA} and visit.non_target in {NonTarget.CR, NonTarget.NA}
    is_unknown = target is NE or not visit.are_new_evaluated or (target is NA and visit.non_target is NonTarget.NE)
    return not is_gone and not is_unknown


def _back(visit: ImmuneVisit, target: ResponseCategory) -> tuple[str, ...]:
    """The categories of old disease that is there again; doubtful findings and missing data are not disease."""
    back = []
    if target not in {PD, NA} and _are_targets_back(visit, target):
        back.append(TARGET)
    if visit.non_target is NonTarget.NCNP and visit.reappearance != "EQUIVOCAL":
        back.append(NON_TARGET)
    return tuple(back)


def _are_targets_back(visit: ImmuneVisit, target: ResponseCategory) -> bool:
    """Where nothing is stated, any sum above 0 mm that is not a complete response is disease."""
    if visit.reappearance == "DISEASE":
        return target is not CR or visit.non_target is NonTarget.NE
    return visit.reappearance == "" and target is not CR and visit.sum_mm is not None and visit.sum_mm > 0


def _is_doubtful(visit: ImmuneVisit, target: ResponseCategory) -> bool:
    return visit.reappearance == "EQUIVOCAL" or (visit.reappearance == "NODE_10_15" and target not in {CR, PD})
