"""New lesions against what is known of them."""

from decimal import Decimal

from patients.words.reading_words import NewLesionKind
from radiomics_tasks.analysis.criteria.irecist.new_lesions import KnownLesions, NewLesions, NewSum, new_lesions
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import NewLesionSeen
from tests.written_immune import lesion, on, seen

N1 = {"n1": on(1)}


def look(known: KnownLesions, *found: NewLesionSeen) -> NewLesions:
    return new_lesions(seen(100, "NA", *found), known, Protocol())


def test_sums_over_other_lesions_are_never_compared() -> None:
    one, both = NewSum(frozenset({"n1"}), Decimal(8)), NewSum(frozenset({"n1", "n2"}), Decimal(23))
    assert (both.growth_mm(one), both.growth_mm(None), both.growth_mm(both)) == (None, None, Decimal(0))
    assert (both.least(one), both.least(None)) == (both, both)
    smaller = NewSum(frozenset({"n1"}), Decimal(5))
    assert (one.least(smaller), smaller.least(one)) == (smaller, smaller)


def test_a_missing_entry_is_not_evaluated_and_leaves_the_sum_open() -> None:
    known = KnownLesions(N1, frozenset({"n1"}), {"n1": Decimal(8)}, NewSum(frozenset({"n1"}), Decimal(8)))
    found = look(known, lesion("n2", 12))
    assert (found.missing, found.not_evaluated, found.fresh, found.sum) == (("n1",), frozenset({"n1"}), ("n2",), None)
    assert not found.are_all_gone


def test_a_lesion_never_present_is_not_known() -> None:
    found = look(KnownLesions(), lesion(state="NE"), lesion("n2", state="ABSENT"))
    assert (found.not_evaluated, found.absent, found.fresh) == (frozenset(), frozenset(), ())


def test_an_early_sighting_that_is_gone_never_joins_the_sum() -> None:
    found = look(KnownLesions(N1), lesion(size=0, state="ABSENT"))
    assert (found.sum, found.are_all_gone, found.fresh) == (None, True, ())


def test_what_counts_as_growth() -> None:
    known = KnownLesions(N1, frozenset({"n1"}), {"n1": Decimal(10)})
    grown = [lesion(size=12), lesion(size=10, trend="INC"), lesion(trend="INC"), lesion(is_unequivocal=True)]
    same = [lesion(size="11.9"), lesion(), lesion(state="ABSENT", trend="INC"), lesion(kind=NewLesionKind.TARGET)]
    assert [look(known, one).has_grown for one in (*grown, *same)] == [True] * 4 + [False] * 4
    assert look(KnownLesions(N1, frozenset({"n1"})), lesion(size=12)).has_grown is False


def test_a_measured_lesion_without_a_size_leaves_the_sum_open() -> None:
    known = KnownLesions(N1, frozenset({"n1"}))
    assert look(known, lesion(kind=NewLesionKind.TARGET)).sum is None
    assert look(known, lesion(state="TSTM", kind=NewLesionKind.TARGET)).sum == NewSum(frozenset({"n1"}), Decimal(5))
