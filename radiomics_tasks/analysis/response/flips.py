"""What would change a call: for each lesion the smallest change of its size that gives another category."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from patients.vocabulary import ResponseCategory

STEP_MM = Decimal("0.1")
REACH_MM = Decimal(60)

CategoryWith = Callable[[str, Decimal], ResponseCategory]


@dataclass(frozen=True, slots=True)
class SizeFlip:
    """One lesion's size changed by `change_mm` (negative: smaller) gives `becomes`; 0.1 mm less does not."""

    key: str
    change_mm: Decimal
    becomes: ResponseCategory


def size_flips(
    sizes_mm: Mapping[str, Decimal], category: ResponseCategory, category_with: CategoryWith
) -> tuple[SizeFlip, ...]:
    """The nearest flips in both directions, lesion by lesion, the smallest change first.

    Found by asking the criteria again, not by a formula: whatever rule decided, the stated change really flips
    the call and 0.1 mm less does not.

    Parameters
    ----------
    sizes_mm : the sizes that may have been read differently, by lesion.
    category : the call as it stands.
    category_with : the call with one lesion at another size. It must be monotone in that size, as every rule
        of RECIST 1.1 and iRECIST is: what has changed stays changed for still larger changes.

    Notes
    -----
    Sizes stay above 0 mm: that a lesion is gone is a reader's statement, not a smaller size.

    Examples
    --------
    >>> def call(key, mm):
    ...     return ResponseCategory.PD if mm >= 30 else ResponseCategory.SD
    >>> [(f.change_mm, f.becomes.value) for f in size_flips({"L1": Decimal("31.24")}, ResponseCategory.PD, call)]
    [(Decimal('-1.3'), 'SD')]
    """
    found = [
        flip
        for key, size_mm in sizes_mm.items()
        for direction in (-1, 1)
        if (flip := _nearest(key, size_mm, direction, category, category_with)) is not None
    ]
    return tuple(sorted(found, key=lambda flip: (abs(flip.change_mm), flip.key, flip.change_mm)))


def _nearest(
    key: str, size_mm: Decimal, direction: int, category: ResponseCategory, category_with: CategoryWith
) -> SizeFlip | None:
    most = int(REACH_MM / STEP_MM) if direction > 0 else _steps_down(size_mm)
    if most < 1 or category_with(key, size_mm + direction * most * STEP_MM) is category:
        return None
    unchanged, changed = 0, most
    while changed - unchanged > 1:
        middle = (unchanged + changed) // 2
        if category_with(key, size_mm + direction * middle * STEP_MM) is category:
            unchanged = middle
        else:
            changed = middle
    change_mm = direction * changed * STEP_MM
    return SizeFlip(key, change_mm, category_with(key, size_mm + change_mm))


def _steps_down(size_mm: Decimal) -> int:
    """How many whole steps a size can shrink and stay above 0 mm, within reach.

    >>> _steps_down(Decimal("0.3")), _steps_down(Decimal("0.31")), _steps_down(Decimal(500))
    (2, 3, 600)
    """
    steps = int(min(size_mm, REACH_MM) / STEP_MM)
    return steps - 1 if size_mm - steps * STEP_MM <= 0 else steps
