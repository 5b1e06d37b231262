"""What must hold for any line of therapy under both criteria at once, on thousands of made-up ones."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.words.reading_words import NonTarget, SizeState
from radiomics_tasks.analysis.criteria.best import best_response
from radiomics_tasks.analysis.criteria.immune import ImmuneCourse
from radiomics_tasks.analysis.criteria.immune_best import immune_summary
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.overall import OverallResult, overall_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit
from tests.made_up_courses import NOT_THERE, made_up, scaled, without_data

MANY = settings(max_examples=200, deadline=None, derandomize=True, database=None)
RESOLVED = "CONFIRMED_IN_OTHER_CATEGORY_WHILE_DRIVER_RESOLVED"


def called(course: JudgedCourse) -> tuple[tuple[OverallResult, ...], ImmuneCourse]:
    results = overall_results(course)
    return results, immune_course(course, results)


def everything(course: JudgedCourse) -> list[Any]:
    """All that is called over a course, as far as it may not depend on the order of lesions."""
    results, immune = called(course)
    recist = [(r.category, r.final, r.rule, r.assessed_on, r.progressed_on, sorted(r.flags)) for r in results]
    visits = [(r.category, r.rule, r.alternative, r.sum_mm, r.new_sum_mm, sorted(r.flags)) for r in immune.visits]
    return [recist, visits, best_response(course, results), immune_summary(immune)]


@MANY
@given(made_up(), st.randoms(use_true_random=False))
def test_the_order_of_lesions_never_matters(course: JudgedCourse, random: Any) -> None:
    def mixed(lesions: Any) -> Any:
        return tuple(random.sample(lesions, len(lesions)))

    visits = [replace(v, targets=mixed(v.targets), new_lesions=mixed(v.new_lesions)) for v in course.visits]
    assert everything(replace(course, targets=mixed(course.targets), visits=tuple(visits))) == everything(course)


@MANY
@given(made_up(with_nodes=False), st.integers(10, 50))
def test_larger_lesions_never_take_progression_away(course: JudgedCourse, tenths: int) -> None:
    """Read backwards: smaller lesions never bring it. Courses without nodes, whose limits are in millimetres."""
    small, large = called(course), called(scaled(course, Decimal(tenths) / 10))
    for before, after in zip(small[0], large[0], strict=True):
        assert before.category != "PD" or after.category == "PD"
        assert before.final != "PD" or after.final == "PD"
    opened = [next((b.opened_on for b in immune.blocks), None) for _, immune in (small, large)]
    assert opened[0] is None or (opened[1] is not None and opened[1] <= opened[0])


@MANY
@given(made_up(least=2))
def test_the_nadir_never_rises(course: JudgedCourse) -> None:
    results, immune = called(course)
    for nadirs in ([r.target.nadir_mm for r in results], [r.nadir_mm for r in immune.visits]):
        assert all(after is None or before is None or after <= before for before, after in pairwise(nadirs))


@MANY
@given(made_up(least=2), st.integers(0, 4))
def test_a_visit_without_data_never_changes_a_later_nadir(course: JudgedCourse, place: int) -> None:
    place %= len(course.visits) - 1
    before, after = course.visits[:place], course.visits[place + 1 :]
    empty = replace(course, visits=(*before, without_data(course.visits[place]), *after))
    left_out = replace(course, visits=(*before, *after))
    recist, immune = called(empty)
    recist_without, immune_without = called(left_out)
    assert [r.target.nadir_mm for r in recist[place + 1 :]] == [r.target.nadir_mm for r in recist_without[place:]]
    # A visit that was not evaluated is no assessment: it may leave a reset to a later one, but moves no minimum.
    both = zip(immune.visits[place + 1 :], immune_without.visits[place:], strict=True)
    assert all(one.nadir_mm == other.nadir_mm for one, other in both)


@MANY
@given(made_up(least=2))
def test_confirmed_progression_has_an_unconfirmed_one_of_26_days_before_it(course: JudgedCourse) -> None:
    _, immune = called(course)
    for place, result in enumerate(immune.visits):
        if result.category == "iCPD":
            earlier = [r for r in immune.visits[:place] if r.category == "iUPD" and "TOO_EARLY" not in str(r.flags)]
            days = (result.on - immune.blocks[-1].opened_on).days
            assert earlier and immune.blocks[-1].opened_on in {r.on for r in earlier}
            assert days >= 26 or (result.rule == "IRECIST_OPEN_1" and course.visits[place].is_for_symptom)


@MANY
@given(made_up(least=2))
def test_confirmed_progression_has_a_driver_that_still_progresses(course: JudgedCourse) -> None:
    """Or says that it has none, and asks for a person: another category alone progresses."""
    results, immune = called(course)
    was_complete = False
    for visit, recist, result in zip(course.visits, results, immune.visits, strict=True):
        if result.category == "iCPD" and result.rule != "IRECIST_OPEN_1":
            drivers = immune.blocks[-1].drivers
            may_progress = {
                "T": result.target in {"PD", "NE"} or recist.target.category in {"PD", "NE"},
                "NT": recist.non_target in {"PD", "NE", "NA"} or (was_complete and recist.non_target == "NCNP"),
                "NL": visit.new == "YES" or _is_any_unknown(visit, result.flags),
            }
            is_open = any(may_progress[driver] for driver in drivers)
            assert is_open or RESOLVED in result.flags
            assert RESOLVED not in result.flags or not is_open or "NL" in drivers
            assert (result.alternative == "iUPD") == (RESOLVED in result.flags)
        was_complete = was_complete or result.category == "iCR"


def _is_any_unknown(visit: JudgedVisit, flags: tuple[str, ...]) -> bool:
    is_missing = visit.new in {"NE", "EQ"} or any(flag.startswith("NEW_LESION_STATE_MISSING") for flag in flags)
    return is_missing or any(one.state is SizeState.NOT_EVALUABLE for one in visit.new_lesions)


@MANY
@given(made_up(least=2))
def test_nothing_is_reset_or_confirmed_by_what_is_missing(course: JudgedCourse) -> None:
    _, immune = called(course)
    seen = {visit.on: (visit, result) for visit, result in zip(course.visits, immune.visits, strict=True)}
    for block in immune.blocks:
        if block.closed_on is None:
            continue
        visit, result = seen[block.closed_on]
        known = [key for key, on in immune.first_seen.items() if on < visit.on]
        entries = {one.key: one.state for one in visit.new_lesions}
        assert visit.is_read
        if block.outcome == "RESET":
            assert not course.targets or result.sum_mm is not None
            assert "NT" not in block.drivers or visit.non_target in {NonTarget.CR, NonTarget.NCNP}
            named = [key for key in known if key != "new lesion"]
            assert all(entries.get(key, SizeState.NOT_EVALUABLE) is not SizeState.NOT_EVALUABLE for key in named)
        else:
            is_there = visit.new == "YES" or any(state not in NOT_THERE for state in entries.values())
            # After an iCR, non-target disease that is there again progresses.
            was_complete = any(r.category == "iCR" and r.on < visit.on for r in immune.visits)
            is_worse = visit.non_target == "PD" or (was_complete and visit.non_target == "NCNP")
            assert is_there or is_worse or result.target == "PD"


@MANY
@given(made_up(least=2))
def test_an_empty_visit_at_the_end_neither_resets_nor_confirms(course: JudgedCourse) -> None:
    last = without_data(course.visits[-1])
    _, before = called(replace(course, visits=course.visits[:-1]))
    _, after = called(replace(course, visits=(*course.visits[:-1], last)))
    assert after.blocks == before.blocks
    assert after.visits[-1].category in {"NE", "iUPD", "POST_iCPD"}


@MANY
@given(made_up(least=3))
def test_after_confirmed_progression_nothing_opens_again(course: JudgedCourse) -> None:
    _, immune = called(course)
    words = [result.category.value for result in immune.visits]
    after = words[words.index("iCPD") + 1 :] if "iCPD" in words else []
    assert set(after) <= {"POST_iCPD"}
    assert words.count("iCPD") == [block.outcome for block in immune.blocks].count("CONFIRMED") <= 1
    assert all(block.outcome != "OPEN" for block in immune.blocks) or "iCPD" not in words
