"""What iRECIST remembers from visit to visit, what it calls, and what becomes of an unconfirmed progression."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.irecist.new_lesions import KnownLesions, NewSum
from radiomics_tasks.analysis.criteria.rules.confirmation import Called

TARGET, NON_TARGET, NEW = "T", "NT", "NL"
OPEN, RESET, CONFIRMED = "OPEN", "RESET", "CONFIRMED"


class Step(Enum):
    """What a call does to the open block, if there is one."""

    NOTHING = "nothing"
    OPENS = "opens a block"
    KEEPS = "keeps the block open"
    DISREGARDS = "too early: as if the visit had not been"
    RESETS = "closes the block, bar reset"
    REOPENS = "closes the block and opens another"
    CONFIRMS = "closes the block, progression confirmed"


@dataclass(frozen=True, slots=True)
class Call:
    """The rule that decided a visit. `by_numbers` is the category before persistence."""

    by_numbers: ResponseCategory
    rule: str
    step: Step = Step.NOTHING
    flags: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    alternative: ResponseCategory | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One unconfirmed progression: from the first iUPD until it is confirmed, reset, or still open.

    The 4 to 8 weeks count from `opened_on`; `progressed_on` is the date that counts as progression: the scan
    that first shows it, an equivocal sighting included. The least sums are running minima since its start.
    `closed_as` is the category by numbers that reset it; `has_fallen`: the sum then was below its value at the
    start by more than measurement noise.
    """

    opened_on: date
    progressed_on: date
    drivers: tuple[str, ...]
    target: ResponseCategory
    sum_mm: Decimal | None
    least_mm: Decimal | None
    new_sum: NewSum | None
    least_new: NewSum | None
    lesions: frozenset[str]
    present: frozenset[str]
    sizes_mm: Mapping[str, Decimal]
    outcome: str = OPEN
    closed_on: date | None = None
    closed_as: ResponseCategory | None = None
    has_fallen: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything the next visit is compared with; only formal, read visits change more than the nadir."""

    baseline_mm: Decimal | None
    has_targets: bool
    nadir_mm: Decimal | None
    new: KnownLesions = field(default_factory=KnownLesions)
    block: Block | None = None
    closed: tuple[Block, ...] = ()
    series: tuple[Called, ...] = ()
    has_been_complete: bool = False
    equivocal_on: date | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class ImmuneResult:
    """The iRECIST category of one visit with the numbers and the rule behind it.

    `by_numbers` is the category before persistence. `nadir_mm` is
    the nadir before this visit, `least_mm` the smallest sum of the open block before it, `new_sum_mm` the sum
    of the measured new lesions. `alternative` is a second reading that a person must decide on.
    """

    on: date
    category: ResponseCategory
    by_numbers: ResponseCategory
    rule: str
    source: str
    reason: str
    is_read: bool = True
    flags: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    alternative: ResponseCategory | None = None
    target: ResponseCategory | None = None
    sum_mm: Decimal | None = None
    nadir_mm: Decimal | None = None
    least_mm: Decimal | None = None
    new_sum_mm: Decimal | None = None
    days_open: int | None = None
