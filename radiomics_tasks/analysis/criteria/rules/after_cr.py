"""Disease after a complete response: what is back, whether that is progression, and what to re-image."""

from dataclasses import dataclass
from datetime import date

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget, Reappearance
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import TargetResult, is_gone
from radiomics_tasks.analysis.criteria.visits import JudgedVisit, Target, TargetSeen

DISEASE_AFTER_CR = "DISEASE_AFTER_CR"
EQUIVOCAL = (ResponseCategory.EQUIVOCAL_REAPPEARANCE.value, "ADJUDICATE")
NOT_EVALUATED_AFTER_CR = "NOT_EVALUATED_AFTER_CR"

# How non-target disease is named among the keys of what is back.
NON_TARGET_DISEASE = ""


@dataclass(frozen=True, slots=True)
class Back:
    """What counts as disease at a visit after a complete response.

    `lesions` are non-nodal targets of any size and nodes of 15 mm or more, `nodes` those of 10 to under 15 mm.
    """

    lesions: tuple[TargetSeen, ...]
    nodes: tuple[TargetSeen, ...]
    has_non_target: bool
    visit: JudgedVisit

    @property
    def is_any(self) -> bool:
        """Whether anything is back."""
        return bool(self.lesions or self.nodes or self.has_non_target)

    @property
    def is_certain(self) -> bool:
        """Whether more is back than nodes that may be read either way."""
        return bool(self.lesions) or self.has_non_target

    @property
    def keys(self) -> frozenset[str]:
        """The names of all that is back."""
        return frozenset(seen.key for seen in (*self.lesions, *self.nodes)) | self._non_target_keys

    @property
    def certain_keys(self) -> frozenset[str]:
        """The names of what is back beyond doubt."""
        return frozenset(seen.key for seen in self.lesions) | self._non_target_keys

    @property
    def _non_target_keys(self) -> frozenset[str]:
        return frozenset({NON_TARGET_DISEASE} if self.has_non_target else ())

    def first_on(self, *, with_nodes: bool = True) -> date | None:
        """The first scan that shows something of it; None where nothing is back."""
        shown = [*self.lesions, *(self.nodes if with_nodes else ())]
        days = [seen.on or self.visit.on for seen in shown]
        if self.has_non_target:
            days.append(self.visit.non_target_on or self.visit.on)
        return min(days, default=None)


def what_is_back(
    targets: tuple[Target, ...], visit: JudgedVisit, result: TargetResult, non_target: NonTarget, protocol: Protocol
) -> Back:
    """The targets that are not gone and the non-target disease of one visit."""
    lesions: list[TargetSeen] = []
    nodes: list[TargetSeen] = []
    for target, seen in zip(targets, result.seen, strict=True):
        if seen.size_mm is None or is_gone(target, seen.size_mm, protocol):
            continue
        is_doubtful = target.is_node and seen.size_mm < protocol.target_node_mm
        (nodes if is_doubtful else lesions).append(seen)
    return Back(tuple(lesions), tuple(nodes), non_target in {NonTarget.NCNP, NonTarget.PD}, visit)


@dataclass(frozen=True, slots=True)
class AfterCr:
    """What the rule after a complete response makes of a visit."""

    category: ResponseCategory
    rule: str
    flags: tuple[str, ...]


def after_cr(back: Back, non_target: NonTarget, by_table: ResponseCategory) -> AfterCr | None:
    """The first rule that holds at a visit after an overall CR; None where the table's result stands.

    The reader's decision comes first, then a progression by the table, then what is back. Nodes of 10 to
    under 15 mm alone lie inside reader variation: re-image before deciding. Absence of data is never
    progression.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, Table 3, footnote. RECIST group (EORTC), questions on new
    lesions and on abnormal lymph nodes.
    """
    pd, equivocal = ResponseCategory.PD, ResponseCategory.EQUIVOCAL_REAPPEARANCE
    decided = back.visit.reappearance
    if decided is Reappearance.PROGRESSION:
        return AfterCr(pd, "READER_PROGRESSION_AFTER_CR", (DISEASE_AFTER_CR,))
    if decided is Reappearance.EQUIVOCAL:
        return AfterCr(equivocal, "READER_EQUIVOCAL_AFTER_CR", EQUIVOCAL)
    if by_table is not pd and not back.is_any:
        not_evaluated = AfterCr(ResponseCategory.NE, "NOTHING_BACK_NOT_EVALUATED", (NOT_EVALUATED_AFTER_CR,))
        return not_evaluated if non_target is NonTarget.NE else None
    if by_table is not pd and not back.is_certain:
        return AfterCr(equivocal, "NODE_BACK_AFTER_CR", EQUIVOCAL)
    if back.is_any:
        return AfterCr(pd, "" if by_table is pd else "DISEASE_BACK_AFTER_CR", (DISEASE_AFTER_CR,))
    return None
