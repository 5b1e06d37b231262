"""What the criteria are applied to: one line of therapy as sizes and judgements, visit by visit.

Sizes are exact decimals in millimetres (a stored double enters as `Decimal(repr(x))`). Lesions are named by
`key`: the criteria know neither rows nor pixels.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, Reappearance, SizeState, Trend


@dataclass(frozen=True, slots=True)
class Target:
    """One target lesion with its size at baseline: short axis of a node, longest diameter of anything else."""

    key: str
    organ: str
    is_node: bool
    baseline_mm: Decimal | None


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """One target at one visit.

    `size_mm` is what enters the sum (the sum of the parts where it split, 5 mm where it is too small to
    measure, 0 where it is gone or merged into another), None where it is not evaluable.
    """

    key: str
    size_mm: Decimal | None
    state: SizeState = SizeState.MEASURED
    merged_into: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class NewLesionSeen:
    """One new lesion at one visit. No entry at a later visit means not evaluable, never gone.

    `state` is MEASURED or PRESENT, TOO_SMALL, ABSENT (stated by a reader) or NOT_EVALUABLE. `is_unequivocal`:
    a reader calls a known, unmeasured new lesion unequivocally worse (`trend` alone may be any increase).
    """

    key: str
    kind: NewLesionKind
    state: SizeState
    size_mm: Decimal | None = None
    trend: Trend = Trend.SAME
    is_unequivocal: bool = False


@dataclass(frozen=True, slots=True)
class JudgedVisit:
    """One visit after baseline: the targets' sizes and a reader's judgements.

    `on` is the date of the last scan; `new_on` and `non_target_on` are those of the scans that show the new
    lesion and the non-target change, where they differ. `is_read` False: sizes only, nobody judged it.
    """

    on: date
    targets: tuple[TargetSeen, ...] = ()
    non_target: NonTarget = NonTarget.NA
    non_target_trend: Trend | None = None
    non_target_on: date | None = None
    new: NewDisease = NewDisease.NO
    new_on: date | None = None
    confirms_equivocal: bool = False
    equivocal_resolved: bool = False
    regions_not_scanned: tuple[str, ...] = ()
    reappearance: Reappearance | None = None
    is_merged_cr_confirmed: bool = False
    new_lesions: tuple[NewLesionSeen, ...] = ()
    is_for_symptom: bool = False
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class JudgedCourse:
    """One line of therapy from its baseline on; `visits` in the order of their dates, without the baseline."""

    baseline_on: date
    targets: tuple[Target, ...]
    visits: tuple[JudgedVisit, ...]
    has_non_targets: bool = False
    regions_with_disease: tuple[str, ...] = ()
    treatment_start: date | None = None
    randomised_on: date | None = None
    next_treatment_on: date | None = None


@dataclass(frozen=True, slots=True)
class ImmuneVisit:
    """One visit as iRECIST sees it: targets already added up.

    `sum_mm` None: a target is missing, `partial_mm` is then the sum of the others. `are_targets_gone`: the
    target response is CR. `reappearance` is what counts as back should an iCR have been called before:
    "DISEASE", "NODE_10_15", "EQUIVOCAL" (a reader wants it re-imaged), "NOTHING", "REREAD_PR" (a reader re-reads
    the earlier iCR as iPR); "" leaves it to the sum. `are_new_evaluated` False: a required region was not
    scanned, or a reader says that new lesions were not looked for. `target_on`, `non_target_on` and `new_on`
    are the dates of the scans that show progression there, `first_seen_on` the first equivocal sighting of what
    this visit calls unequivocal.
    """

    on: date
    sum_mm: Decimal | None
    partial_mm: Decimal | None = None
    are_targets_gone: bool = False
    non_target: NonTarget = NonTarget.NA
    non_target_trend: Trend | None = None
    new_lesions: tuple[NewLesionSeen, ...] = ()
    is_for_symptom: bool = False
    reappearance: str = ""
    is_read: bool = True
    are_new_evaluated: bool = True
    target_on: date | None = None
    non_target_on: date | None = None
    new_on: date | None = None
    first_seen_on: date | None = None
