"""The targets of one line of therapy added up: sums, nadir, and the target response of every visit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import SizeState
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.tables import SOURCES
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, Target, TargetSeen

MERGED_NEEDS_READER = "MERGED_NEEDS_READER"
STANDARD = Protocol()


def has_progressed(sum_mm: Decimal, nadir_mm: Decimal, protocol: Protocol = STANDARD) -> bool:
    """Whether the target sum has grown enough over its nadir to count as progression.

    At least 20 % and at least 5 mm over the smallest complete sum so far, baseline included. Sums are exact
    decimals: in binary 8.2 - 3.2 is less than 5. Over a nadir of 0 mm any growth of 5 mm is enough.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47, section 4.3.1.

    Examples
    --------
    >>> has_progressed(sum_mm=Decimal("24.0"), nadir_mm=Decimal("20.0"))  # only +4 mm
    False
    >>> has_progressed(sum_mm=Decimal("8.2"), nadir_mm=Decimal("3.2"))
    True
    """
    growth_mm = sum_mm - nadir_mm
    return growth_mm >= protocol.progression_mm and growth_mm * 100 >= protocol.progression_percent * nadir_mm


def has_responded(sum_mm: Decimal, baseline_mm: Decimal, protocol: Protocol = STANDARD) -> bool:
    """Whether the target sum has fallen by at least 30 % from baseline.

    Examples
    --------
    >>> has_responded(sum_mm=Decimal("69.3"), baseline_mm=Decimal("99"))
    True
    >>> has_responded(sum_mm=Decimal("70.1"), baseline_mm=Decimal("100"))
    False
    """
    return (baseline_mm - sum_mm) * 100 >= protocol.response_percent * baseline_mm


def is_gone(target: Target, size_mm: Decimal, protocol: Protocol = STANDARD) -> bool:
    """Whether nothing of a target counts as disease any more: a node under 10 mm, anything else at 0 mm.

    Examples
    --------
    >>> node = Target("N1", "lymph node", True, Decimal(18))
    >>> is_gone(node, Decimal("9.9")), is_gone(node, Decimal(10))
    (True, False)
    """
    return size_mm < protocol.normal_node_mm if target.is_node else size_mm == 0


@dataclass(frozen=True, slots=True)
class Nadir:
    """The smallest complete sum so far, and the date of its visit."""

    sum_mm: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class TargetResult:
    """The target response of one visit with the numbers behind it.

    `seen` has every target of the course in its order; one without an entry is not evaluable. `sum_mm` is
    None where a target has no size, `partial_mm` is the sum of those that have one. `nadir_mm` is the nadir
    before this visit. `assessed_on` is the date the category counts from: progression from the first scan at
    which the targets measured so far meet it, everything else from the last.
    """

    on: date
    category: ResponseCategory
    rule: str
    assessed_on: date
    seen: tuple[TargetSeen, ...]
    sum_mm: Decimal | None
    partial_mm: Decimal
    baseline_mm: Decimal | None
    nadir: Nadir | None
    flags: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the rule is published."""
        return SOURCES[self.rule]

    @property
    def nadir_mm(self) -> Decimal | None:
        """The smallest complete sum before this visit."""
        return self.nadir.sum_mm if self.nadir else None

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the targets without a size."""
        return tuple(seen.key for seen in self.seen if seen.size_mm is None)

    @property
    def percent_from_baseline(self) -> Decimal | None:
        """Change of the sum from baseline in percent; None where the baseline is 0 mm."""
        return _percent(self.sum_mm, self.baseline_mm)

    @property
    def percent_over_nadir(self) -> Decimal | None:
        """Change of the sum from the nadir in percent; None where the nadir is 0 mm."""
        return _percent(self.sum_mm, self.nadir_mm)


def target_results(course: JudgedCourse, protocol: Protocol = STANDARD) -> tuple[TargetResult, ...]:
    """The target response at every visit after baseline.

    The nadir of a visit is the smallest complete sum before it, baseline included; a visit with a missing
    target never changes it. Nobody has to have judged a visit for its sizes to count.

    Examples
    --------
    >>> sizes = [Decimal("100"), Decimal("50"), Decimal("70")]
    >>> visits = [JudgedVisit(date(2024, 1 + n, 1), (TargetSeen("T1", mm),)) for n, mm in enumerate(sizes)]
    >>> course = JudgedCourse(date(2024, 1, 1), (Target("T1", "liver", False, sizes[0]),), tuple(visits[1:]))
    >>> [(result.category.value, str(result.nadir_mm)) for result in target_results(course)]
    [('PR', '100'), ('PD', '50')]
    """
    sizes = [target.baseline_mm for target in course.targets]
    known = [size for size in sizes if size is not None]
    baseline_mm = sum(known, Decimal(0)) if sizes and len(known) == len(sizes) else None
    nadir = None if baseline_mm is None else Nadir(baseline_mm, course.baseline_on)
    results = []
    for visit in course.visits:
        added = _Added.up(course.targets, visit, protocol)
        results.append(_result(added, baseline_mm, nadir, protocol))
        if nadir is not None and added.sum_mm is not None and added.sum_mm < nadir.sum_mm:
            nadir = Nadir(added.sum_mm, added.measured_on)
    return tuple(results)


@dataclass(frozen=True, slots=True)
class _Added:
    """The targets of one visit, added up as far as they have a size."""

    visit: JudgedVisit
    seen: tuple[TargetSeen, ...]
    partial_mm: Decimal
    sum_mm: Decimal | None
    are_gone: bool
    are_merged: bool

    @classmethod
    def up(cls, targets: tuple[Target, ...], visit: JudgedVisit, protocol: Protocol) -> Self:
        by_key = {seen.key: seen for seen in visit.targets}
        unseen = [TargetSeen(target.key, None, SizeState.NOT_EVALUABLE) for target in targets]
        seen = tuple(by_key.get(none.key, none) for none in unseen)
        sizes = [(target, one.size_mm) for target, one in zip(targets, seen, strict=True) if one.size_mm is not None]
        partial_mm = sum((size for _, size in sizes), Decimal(0))
        is_complete = len(sizes) == len(targets) > 0
        are_gone = is_complete and all(is_gone(target, size, protocol) for target, size in sizes)
        are_merged = any(one.state is SizeState.MERGED for one in seen)
        return cls(visit, seen, partial_mm, partial_mm if is_complete else None, are_gone, are_merged)

    @property
    def needs_reader(self) -> bool:
        """A merged pair is never gone before a reader says so."""
        return self.are_gone and self.are_merged and not self.visit.is_merged_cr_confirmed

    @property
    def measured_on(self) -> date:
        """The last scan that the sum needs."""
        return max((one.on or self.visit.on for one in self.seen), default=self.visit.on)

    def progressed_on(self, nadir: Nadir, protocol: Protocol) -> date:
        """The first scan at which the targets measured so far already meet progression."""
        sized = sorted((one.on or self.visit.on, one.size_mm) for one in self.seen if one.size_mm is not None)
        days = sorted({day for day, _ in sized})
        so_far = ((day, sum((mm for on, mm in sized if on <= day), Decimal(0))) for day in days)
        return next(day for day, sum_mm in so_far if has_progressed(sum_mm, nadir.sum_mm, protocol))


def _result(added: _Added, baseline_mm: Decimal | None, nadir: Nadir | None, protocol: Protocol) -> TargetResult:
    category, rule, assessed_on = _call(added, baseline_mm, nadir, protocol)
    return TargetResult(
        on=added.visit.on,
        category=category,
        rule=rule,
        assessed_on=assessed_on,
        seen=added.seen,
        sum_mm=added.sum_mm,
        partial_mm=added.partial_mm,
        baseline_mm=baseline_mm,
        nadir=nadir,
        flags=(MERGED_NEEDS_READER,) if added.needs_reader else (),
    )


def _call(
    added: _Added, baseline_mm: Decimal | None, nadir: Nadir | None, protocol: Protocol
) -> tuple[ResponseCategory, str, date]:
    """Category, rule and date: the first rule that holds decides."""
    if not added.seen:
        return ResponseCategory.NA, "NO_TARGETS", added.visit.on
    if baseline_mm is None or nadir is None:
        return ResponseCategory.NE, "BASELINE_SUM_MISSING", added.visit.on
    is_worse = has_progressed(added.partial_mm, nadir.sum_mm, protocol)
    if added.sum_mm is None:
        if is_worse:
            return ResponseCategory.PD, "PD_PARTIAL_20_5", added.progressed_on(nadir, protocol)
        return ResponseCategory.NE, "TARGET_MISSING", added.visit.on
    if added.are_gone and not added.needs_reader:
        return ResponseCategory.CR, "CR_ALL_GONE", added.measured_on
    if is_worse:
        return ResponseCategory.PD, "PD_NADIR_20_5", added.progressed_on(nadir, protocol)
    if has_responded(added.sum_mm, baseline_mm, protocol):
        return ResponseCategory.PR, "PR_BASELINE_30", added.measured_on
    return ResponseCategory.SD, "SD_NEITHER", added.measured_on


def _percent(now_mm: Decimal | None, then_mm: Decimal | None) -> Decimal | None:
    return None if now_mm is None or not then_mm else (now_mm - then_mm) * 100 / then_mm
