"""What would flip a call: true to a tenth of a millimetre under both criteria, and the nearest there is."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NonTarget, Reappearance, SizeState
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.sums import STANDARD
from radiomics_tasks.analysis.criteria.visits import JudgedCourse
from radiomics_tasks.analysis.response.called import immune_category, overall_category, resized, visit_flips
from radiomics_tasks.analysis.response.flips import REACH_MM, STEP_MM, size_flips
from tests.made_up_courses import made_up
from tests.written_courses import LESION, NODES, at, course

MANY = settings(max_examples=100, deadline=None, derandomize=True, database=None)
CALLERS = (overall_category, immune_category)
Caller = Callable[[JudgedCourse, Protocol], ResponseCategory]


def sizes(course: JudgedCourse) -> dict[str, Decimal]:
    """The targets of the last visit that a flip may speak of."""
    seen = course.visits[-1].targets
    return {one.key: one.size_mm for one in seen if one.state is SizeState.MEASURED and one.size_mm}


@MANY
@given(made_up(most=4))
def test_a_stated_change_flips_the_call_and_a_tenth_less_does_not(course: JudgedCourse) -> None:
    for call in CALLERS:
        now = call(course, STANDARD)
        for flip in visit_flips(course, len(course.visits) - 1, now, call, STANDARD):
            size_mm = sizes(course)[flip.key] + flip.change_mm
            short_mm = size_mm + (STEP_MM if flip.change_mm < 0 else -STEP_MM)
            assert size_mm > 0 and flip.change_mm and flip.change_mm % STEP_MM == 0
            assert call(resized(course, flip.key, size_mm), STANDARD) is flip.becomes is not now
            assert call(resized(course, flip.key, short_mm), STANDARD) is now


@settings(MANY, max_examples=30)
@given(made_up(most=4))
def test_a_call_that_has_changed_with_size_never_changes_back(course: JudgedCourse) -> None:
    """What the search relies on: over all sizes of one lesion no category comes twice."""
    for key in sizes(course):
        for call in CALLERS:
            scan = [call(resized(course, key, Decimal(half) / 2), STANDARD) for half in range(1, 120)]
            runs = [scan[0], *(after for before, after in pairwise(scan) if after is not before)]
            assert len(runs) == len(set(runs)), (key, runs)


@settings(MANY, max_examples=6)
@given(made_up(most=2))
def test_a_search_by_halves_finds_what_a_search_by_tenths_finds(course: JudgedCourse) -> None:
    for call in CALLERS:
        now = call(course, STANDARD)
        found = {(f.key, f.change_mm > 0): f for f in visit_flips(course, len(course.visits) - 1, now, call, STANDARD)}
        for key, size_mm in sizes(course).items() if course.visits[-1].is_read else ():
            for sign in (-1, 1):
                assert _by_tenths(course, key, size_mm, sign, call) == getattr(
                    found.get((key, sign > 0)), "change_mm", None
                )


def _by_tenths(course: JudgedCourse, key: str, size_mm: Decimal, sign: int, call: Caller) -> Decimal | None:
    now = call(course, STANDARD)
    for step in range(1, int(REACH_MM / STEP_MM) + 1):
        change_mm = sign * step * STEP_MM
        if size_mm + change_mm <= 0:
            return None
        if call(resized(course, key, size_mm + change_mm), STANDARD) is not now:
            return change_mm
    return None


@pytest.mark.parametrize(
    ("visits", "flips"),
    [
        ([100], [("20.0", "PD"), ("-30.0", "PR")]),
        ([70.04], [("-0.1", "PR"), ("50.0", "PD")]),
        ([50, 60], [("-0.1", "PR")]),
    ],
)
def test_flips_of_a_lesion_worked_out_by_hand(visits: list[float], flips: list[tuple[str, str]]) -> None:
    written = course(LESION, *visits)
    now = overall_category(written, STANDARD)
    found = visit_flips(written, len(visits) - 1, now, overall_category, STANDARD)
    assert [(str(flip.change_mm), flip.becomes.value) for flip in found] == flips


def test_a_call_that_a_later_reading_changed_has_no_flips() -> None:
    again = at([11, 8], NODES, nt="NA", reader={"reappearance": Reappearance.REREAD_AS_PR.value})
    written = course(NODES, at([9, 8], NODES), again)
    assert visit_flips(written, 0, ResponseCategory.PR, overall_category, STANDARD) == ()
    assert visit_flips(written, 0, ResponseCategory.CR, overall_category, STANDARD) != ()


def test_no_flip_where_size_decides_nothing_or_does_not_reach() -> None:
    worse = course(LESION, at(100, nt=NonTarget.PD.value))
    assert visit_flips(worse, 0, ResponseCategory.PD, overall_category, STANDARD) == ()
    far = {"T1": Decimal("900")}
    assert size_flips(far, ResponseCategory.PD, lambda _, mm: ResponseCategory("PD" if mm > 800 else "SD")) == ()
