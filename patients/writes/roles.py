"""How a lesion may be followed: RECIST 1.1's limits for targets, and what is new after baseline."""

from django.db.models import Q, QuerySet

from patients.baselines import is_after_baseline
from patients.models import Lesion, Patient, Scan
from patients.vocabulary import LesionRole, Organ

# RECIST 1.1: at most five targets, and two in one organ.
MOST_TARGETS = 5
MOST_TARGETS_AN_ORGAN = 2


class LesionRefused(Exception):
    """A lesion cannot be opened or changed like this: a stable code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def proposed_role(patient: Patient, organ: Organ, scan: Scan) -> LesionRole:
    """How a lesion that is first outlined on this scan would be followed; a person may decide otherwise.

    New after baseline; at baseline a target while RECIST 1.1's limits allow it, else a non-target.
    """
    if is_after_baseline(scan):
        return LesionRole.NEW
    targets = patient.lesions.filter(role=LesionRole.TARGET)
    same_organ = _of_same_organ(targets, organ, is_node=organ is Organ.LYMPH_NODE)
    if targets.count() < MOST_TARGETS and same_organ.count() < MOST_TARGETS_AN_ORGAN:
        return LesionRole.TARGET
    return LesionRole.NON_TARGET


def check_targets(others: QuerySet[Lesion], organ: Organ, *, is_node: bool) -> None:
    """Raise LesionRefused where one more target beside these lesions is too many."""
    targets = others.filter(role=LesionRole.TARGET)
    if targets.count() >= MOST_TARGETS:
        raise LesionRefused("E_TARGETS", "RECIST 1.1 takes at most 5 target lesions. Follow this one as non-target.")
    if _of_same_organ(targets, organ, is_node=is_node).count() >= MOST_TARGETS_AN_ORGAN:
        raise LesionRefused(
            "E_TARGETS", "RECIST 1.1 takes at most 2 target lesions in one organ. Follow this one as non-target."
        )


def check_late_target(scan: Scan) -> None:
    """Raise LesionRefused, E_LATE_TARGET, where a target would be first outlined on a scan after baseline."""
    if is_after_baseline(scan):
        raise LesionRefused(
            "E_LATE_TARGET",
            "This lesion was first outlined after baseline. As a target it has no baseline size, and every visit "
            "becomes not evaluable. Follow it as new or non-target, or confirm that you mean a target.",
        )


def _of_same_organ(rows: QuerySet[Lesion], organ: Organ, *, is_node: bool) -> QuerySet[Lesion]:
    """The lesions of one organ; lymph nodes, wherever they lie, are one organ of their own."""
    nodes = Q(is_node=True) | Q(organ=Organ.LYMPH_NODE)
    return rows.filter(nodes) if is_node else rows.filter(organ=organ).exclude(nodes)
