"""A test and a retest: may two scans of one day tell how much the same thing differs, and if not, why."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.gate import pair_comparability
from radiomics_tasks.analysis.trust.comparability.quantities import seconds_of_day, word_of
from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules
from radiomics_tasks.analysis.trust.comparability.scan_facts import ScanFacts

ANOTHER_ACQUISITION_S = 60.0
# What would tell two phases apart, where one of these rules finds it.
PHASE_RULES = frozenset({"CONTRAST", "CONTRAST_PHASE"})

ONE_ACQUISITION = (
    "Not known to be two acquisitions: one frame of reference, and times that are not recorded or less than a minute "
    "apart."
)
OTHER_PHASE = "Another contrast phase."
OTHER_PROFILE = "Extracted under different profiles."
OTHER_BUILD = "Extracted by different builds of the engine."
NOT_EXTRACTED = "Not measured and extracted on both scans."
ANOTHER_PAIR = "Another pair of this lesion and day is used already."


@dataclass(frozen=True, slots=True)
class RetestSide:
    """One outline of a lesion on one of the scans of a day; `facts` hold the outline, too.

    `profile_digest` and `build_digest` are empty where nothing was extracted, `is_measured` tells of its size.
    """

    segmentation_pk: int
    lesion_pk: int
    frame_of_reference_uid: str
    facts: ScanFacts
    profile_digest: str
    build_digest: str
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class Retest:
    """Two outlines of one lesion on one day, the earlier first; `why_not` is empty where they measure noise."""

    first: RetestSide
    second: RetestSide
    why_not: str


def retests(sides: Iterable[RetestSide], rules: AcquisitionRules) -> tuple[Retest, ...]:
    """Every pair of outlines of one lesion, day and modality, with the reason where it measures no noise.

    Of three scans a day two pairs would share a scan and count it twice: each outline is in one used pair at most.
    """
    by_day: dict[tuple[object, ...], list[RetestSide]] = {}
    for side in sides:
        by_day.setdefault((side.lesion_pk, side.facts.acquired_on, side.facts.modality), []).append(side)
    found: list[Retest] = []
    for of_day in by_day.values():
        used: set[int] = set()
        for first, second in _pairs(of_day):
            why_not = _why_not(first, second, rules, used)
            found.append(Retest(first, second, why_not))
            if not why_not:
                used |= {first.segmentation_pk, second.segmentation_pk}
    return tuple(found)


def _pairs(sides: Sequence[RetestSide]) -> Iterable[tuple[RetestSide, RetestSide]]:
    def order(side: RetestSide) -> tuple[float, int]:
        moment_s = seconds_of_day(side.facts.text("AcquisitionTime"))
        return (float("inf") if moment_s is None else moment_s), side.segmentation_pk

    ordered = sorted(sides, key=order)
    return ((first, second) for place, first in enumerate(ordered) for second in ordered[place + 1 :])


def _why_not(first: RetestSide, second: RetestSide, rules: AcquisitionRules, used: Collection[int]) -> str:
    if not is_other_acquisition(first, second):
        return ONE_ACQUISITION
    if not (first.is_measured and second.is_measured and first.profile_digest and second.profile_digest):
        return NOT_EXTRACTED
    if first.profile_digest != second.profile_digest:
        return OTHER_PROFILE
    if first.build_digest != second.build_digest:
        return OTHER_BUILD
    found = pair_comparability(first.facts, second.facts, rules)
    if _is_other_phase(first.facts, second.facts, rules) or any(
        hit.code in PHASE_RULES and not hit.is_silent for hit in found.hits
    ):
        return OTHER_PHASE
    if found.level.severity > Comparability.WARN.severity:
        return found.hits[0].sentence
    return ANOTHER_PAIR if {first.segmentation_pk, second.segmentation_pk} & set(used) else ""


def is_other_acquisition(first: RetestSide, second: RetestSide) -> bool:
    """Whether two scans of one day are known to be acquired apart, and are not one acquisition reconstructed twice.

    Another frame of reference says so (the patient lay down again), and so do times at least a minute apart.
    """
    frames = first.frame_of_reference_uid, second.frame_of_reference_uid
    if all(frames) and frames[0] != frames[1]:
        return True
    moments_s = [seconds_of_day(side.facts.text("AcquisitionTime")) for side in (first, second)]
    earlier_s, later_s = moments_s
    return earlier_s is not None and later_s is not None and abs(later_s - earlier_s) >= ANOTHER_ACQUISITION_S


def _is_other_phase(first: ScanFacts, second: ScanFacts, rules: AcquisitionRules) -> bool:
    """Whether one scan is known to have contrast and the other to have none, in any modality."""
    return {"yes", "no"} <= {word_of(side, "contrast", rules.wording) for side in (first, second)}
