"""The new lesions of one visit against what is known of them: fresh, grown, smaller, gone or not evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from patients.words.reading_words import NewLesionKind, SizeState, Trend
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import has_progressed
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, NewLesionSeen

NOWHERE = frozenset({SizeState.ABSENT, SizeState.NOT_EVALUABLE})


@dataclass(frozen=True, slots=True)
class NewSum:
    """The sum of the measured new lesions (NLT) and over which of them: other sets are never compared."""

    keys: frozenset[str]
    sum_mm: Decimal

    def growth_mm(self, earlier: "NewSum | None") -> Decimal | None:
        """By how much it is above an earlier sum of the same lesions; None where there is none."""
        return self.sum_mm - earlier.sum_mm if earlier is not None and earlier.keys == self.keys else None

    def least(self, earlier: "NewSum | None") -> "NewSum":
        """The smaller of the two; this one where the set of lesions has changed."""
        growth_mm = self.growth_mm(earlier)
        return earlier if earlier is not None and growth_mm is not None and growth_mm >= 0 else self


@dataclass(frozen=True, slots=True)
class KnownLesions:
    """What earlier visits say of the new lesions.

    `first_seen` has every lesion known so far, `counted` those of formal visits (one seen on an early,
    disregarded scan only is known and not counted). `sizes_mm` are the last sizes.
    """

    first_seen: Mapping[str, date] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    sizes_mm: Mapping[str, Decimal] = field(default_factory=dict)
    nadir: NewSum | None = None


@dataclass(frozen=True, slots=True)
class NewLesions:
    """The new lesions of one visit.

    `fresh` are present and not yet counted at a formal visit; `missing` are known and have no entry: not
    evaluated, never gone. `sum` is None where one of the measured lesions has no size.
    """

    present: frozenset[str]
    absent: frozenset[str]
    not_evaluated: frozenset[str]
    fresh: tuple[str, ...]
    missing: tuple[str, ...]
    sizes_mm: Mapping[str, Decimal]
    sum: NewSum | None
    has_progressed: bool
    has_unmeasured_growth: bool
    has_grown: bool
    has_shrunk: bool

    @property
    def are_all_gone(self) -> bool:
        """Whether a reader stated every known new lesion absent."""
        return bool(self.absent) and not self.present and not self.not_evaluated


def size_mm(seen: NewLesionSeen, protocol: Protocol) -> Decimal | None:
    """What a new lesion brings to their sum; None where it has no size.

    >>> size_mm(NewLesionSeen("n1", NewLesionKind.TARGET, SizeState.TOO_SMALL), Protocol())
    Decimal('5')
    """
    if seen.state is SizeState.TOO_SMALL:
        return protocol.too_small_mm
    if seen.state is SizeState.ABSENT:
        return Decimal(0)
    return None if seen.state is SizeState.NOT_EVALUABLE else seen.size_mm


def new_lesions(visit: ImmuneVisit, known: KnownLesions, protocol: Protocol) -> NewLesions:
    """The new lesions of one visit, compared with what earlier visits say of them.

    Entries of a lesion that was never present do not count yet. Progression of known ones is 20 % and 5 mm
    over the nadir of the sum of the same lesions, or unequivocal in a reader's eyes (Seymour 2017, Table 2).
    """
    entries = {seen.key: seen for seen in visit.new_lesions}
    present = frozenset(key for key, seen in entries.items() if seen.state not in NOWHERE)
    missing = tuple(key for key in known.first_seen if key not in entries)
    stated = [seen for key, seen in entries.items() if key in known.first_seen or key in present]
    old = [seen for seen in stated if seen.key in known.counted]
    sizes = {seen.key: size for seen in stated if (size := size_mm(seen, protocol)) is not None}
    new_sum = None if known.nadir and known.nadir.keys & set(missing) else _sum(stated, sizes, known, present)
    unmeasured = [seen for seen in old if seen.kind is NewLesionKind.NON_TARGET and seen.key in present]
    return NewLesions(
        present=present,
        absent=frozenset(seen.key for seen in stated if seen.state is SizeState.ABSENT),
        not_evaluated=frozenset(s.key for s in stated if s.state is SizeState.NOT_EVALUABLE) | frozenset(missing),
        fresh=tuple(key for key in entries if key in present and key not in known.counted),
        missing=missing,
        sizes_mm=sizes,
        sum=new_sum,
        has_progressed=_is_over_nadir(new_sum, known, protocol) or any(seen.is_unequivocal for seen in unmeasured),
        has_unmeasured_growth=any(seen.trend is Trend.INCREASED or seen.is_unequivocal for seen in unmeasured),
        has_grown=any(_has_grown(seen, sizes, known, protocol) for seen in old),
        has_shrunk=any(seen.trend is Trend.DECREASED for seen in old if seen.key in present),
    )


def _sum(
    stated: list[NewLesionSeen], sizes: Mapping[str, Decimal], known: KnownLesions, present: frozenset[str]
) -> NewSum | None:
    """The sum of the measured ones that count; an early sighting that is gone again never joins the set."""
    keys = [s.key for s in stated if s.kind is NewLesionKind.TARGET and (s.key in known.counted or s.key in present)]
    if not keys or any(key not in sizes for key in keys):
        return None
    return NewSum(frozenset(keys), sum((sizes[key] for key in keys), Decimal(0)))


def _is_over_nadir(new_sum: NewSum | None, known: KnownLesions, protocol: Protocol) -> bool:
    if new_sum is None or known.nadir is None or new_sum.keys != known.nadir.keys:
        return False
    return has_progressed(new_sum.sum_mm, known.nadir.sum_mm, protocol)


def _has_grown(seen: NewLesionSeen, sizes: Mapping[str, Decimal], known: KnownLesions, protocol: Protocol) -> bool:
    """Any increase of an unmeasured one; of a measured one where the reader says so, or by `nl_increase_mm`."""
    if seen.state in NOWHERE:
        return False
    if seen.trend is Trend.INCREASED or seen.is_unequivocal:
        return True
    if seen.key not in sizes or seen.key not in known.sizes_mm:
        return False
    return sizes[seen.key] - known.sizes_mm[seen.key] >= protocol.nl_increase_mm
