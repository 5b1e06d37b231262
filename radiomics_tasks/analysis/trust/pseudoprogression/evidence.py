"""What is known of an unconfirmed progression when its score is given, and how raw values become items."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from patients.concluded.trust_findings import Source
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Comparability

FIRST_WEEKS = 16
CTDNA_WEEKS = 12
CTDNA_FALL = 10.0
MANY_NEW_LESIONS = 3
HYPERPROGRESSION = 2.0


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """One item as measured: its value in the model's unit, its age at the scan, where it came from.

    `x_se` is the standard error of the transformed value (`volume_x_se`). A negative age lies after the scan.
    `is_blocked`: scans behind this item alone are not comparable.
    """

    value: float
    age_days: int | None = None
    x_se: float = 0.0
    sources: tuple[Source, ...] = ()
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the score may look at, frozen at the visit of the unconfirmed progression.

    `tumour` is a name of the model's priors; an empty one takes the pooled prior, an unlisted one "other".
    `drivers` are T, NT, NL; `earlier_response` is iPR or iCR where one was documented in this course;
    `comparability` is of the scans that growth and texture were measured on.
    """

    state: ResponseCategory | None
    is_on_checkpoint_inhibitor: bool
    tumour: str = ""
    drivers: tuple[str, ...] = ()
    clinical: ClinicalStatus = ClinicalStatus.UNKNOWN
    items: Mapping[str, ItemEvidence] = field(default_factory=dict)
    earlier_response: ResponseCategory | None = None
    comparability: Comparability = Comparability.OK
    is_evidence_only: bool = False
    warnings: tuple[str, ...] = ()


def first_assessment(weeks_on_treatment: float, *, is_first: bool) -> int:
    """1 where the progression is the first assessment on treatment, within 16 weeks of its start, else -1.

    Examples
    --------
    >>> first_assessment(16, is_first=True), first_assessment(16.1, is_first=True), first_assessment(8, is_first=False)
    (1, -1, -1)
    """
    return 1 if is_first and weeks_on_treatment <= FIRST_WEEKS else -1


def new_lesions(count: int, *, is_in_new_organ: bool) -> int:
    """0, 1 for unequivocal new lesions, 2 for three or more or one in a new organ.

    Examples
    --------
    >>> [new_lesions(count, is_in_new_organ=False) for count in (0, 1, 2, 3)], new_lesions(1, is_in_new_organ=True)
    ([0, 1, 1, 2], 2)
    """
    if count == 0:
        return 0
    return 2 if count >= MANY_NEW_LESIONS or is_in_new_organ else 1


def growth_ratio(before_rate: float, on_rate: float) -> float | None:
    """-1 where growth at least doubled (hyperprogression), 0.5 where it is slower than before treatment, else 0.

    Rates in any one unit. A tumour that did not grow before has no ratio, and says nothing: None.

    Examples
    --------
    >>> growth_ratio(10, 20), growth_ratio(10, 19.9), growth_ratio(10, 9.9)
    (-1, 0, 0.5)
    >>> growth_ratio(-5, 20) is growth_ratio(-5, -10) is growth_ratio(0, -10) is None
    True
    """
    if before_rate <= 0:
        return None
    if on_rate >= HYPERPROGRESSION * before_rate:
        return -1
    return 0.5 if on_rate < before_rate else 0


def ctdna(levels: Sequence[float], weeks: float) -> int:
    """1 for favourable, -1 for unfavourable ctDNA, 0 between; levels in order of time, 0 is undetectable.

    Favourable: undetectable throughout, or fallen more than tenfold by week 12 (`weeks` is that of the last
    level). Unfavourable: detectable and not below the first level, or newly detectable.

    Examples
    --------
    >>> ctdna([0, 0], 6), ctdna([50, 4.9], 12), ctdna([50, 5], 12), ctdna([50, 4], 13)
    (1, 1, 0, 0)
    >>> ctdna([50, 50], 6), ctdna([0, 1], 6), ctdna([50, 0], 6)
    (-1, -1, 1)
    """
    first, last = levels[0], levels[-1]
    if not any(levels):
        return 1
    if last > 0 and last >= first:
        return -1
    return 1 if last * CTDNA_FALL < first and weeks <= CTDNA_WEEKS else 0


def volume_ratio_of_sums(sum_mm: float, nadir_sum_mm: float) -> float:
    """The ratio of volumes that two target sums stand for, where volumes are missing.

    Examples
    --------
    >>> volume_ratio_of_sums(20.0, 10.0)
    8.0
    """
    return (sum_mm / nadir_sum_mm) ** 3


def volume_x_se(log_wsd: float, spread: float = 0.6) -> float:
    """The standard error of the volume item from the repeatability of ln volume; `spread` is the model's.

    Examples
    --------
    >>> round(volume_x_se(0.0764), 2)
    0.18
    """
    return math.sqrt(2) * log_wsd / spread
