"""What must hold for any course under RECIST 1.1, on thousands of made-up ones."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.words.reading_words import NewDisease, NonTarget, Reappearance, SizeState
from radiomics_tasks.analysis.criteria.best import best_response
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, Target, TargetSeen

BASELINE_ON = date(2024, 1, 1)
SIZES = st.integers(0, 400).map(lambda tenths: Decimal(tenths) / 10)
MANY = settings(max_examples=250, deadline=None, derandomize=True, database=None)


@st.composite
def courses(draw, *, with_nodes: bool = True) -> JudgedCourse:
    number = draw(st.integers(0, 4))
    targets = tuple(
        Target(f"T{n}", "liver", with_nodes and draw(st.booleans()), draw(SIZES) + 10) for n in range(number)
    )
    visits = []
    for order in range(1, draw(st.integers(1, 6)) + 1):
        on = BASELINE_ON + timedelta(days=28 * order)
        seen = tuple(
            TargetSeen(target.key, draw(st.one_of(st.none(), st.just(Decimal(0)), SIZES)), SizeState.MEASURED)
            for target in targets
        )
        visits.append(
            JudgedVisit(
                on,
                seen,
                non_target=draw(st.sampled_from(NonTarget)),
                new=draw(st.sampled_from([NewDisease.NO] * 4 + list(NewDisease))),
                confirms_equivocal=draw(st.booleans()),
                equivocal_resolved=draw(st.booleans()),
                reappearance=draw(st.sampled_from([None, None, *Reappearance])),
                is_read=draw(st.sampled_from([True, True, True, False])),
            )
        )
    return JudgedCourse(BASELINE_ON, targets, tuple(visits), has_non_targets=draw(st.booleans()))


def calls(course: JudgedCourse) -> list[tuple[str, str, str]]:
    return [(r.category.value, r.final.value, r.rule) for r in overall_results(course)]


@MANY
@given(courses())
def test_every_course_is_called_and_explained(course: JudgedCourse) -> None:
    results = overall_results(course)
    assert all(r.rule and r.source and r.target.rule and r.target.source for r in results)
    assert all((r.final == "PD") == (r.progressed_on is not None) for r in results)
    best = best_response(course, results)
    first = next((r.progressed_on for r in results if r.final == "PD"), None)
    assert best.progressed_on == first


@MANY
@given(courses(), st.randoms(use_true_random=False))
def test_the_order_of_lesions_never_matters(course: JudgedCourse, random) -> None:
    targets = list(course.targets)
    random.shuffle(targets)
    visits = tuple(replace(visit, targets=visit.targets[::-1]) for visit in course.visits)
    assert calls(replace(course, targets=tuple(targets), visits=visits)) == calls(course)


def scaled(course: JudgedCourse, factor: Decimal) -> JudgedCourse:
    def grown(visit: JudgedVisit) -> JudgedVisit:
        sizes = (replace(t, size_mm=None if t.size_mm is None else t.size_mm * factor) for t in visit.targets)
        return replace(visit, targets=tuple(sizes))

    targets = tuple(replace(t, baseline_mm=t.baseline_mm * factor) for t in course.targets)
    return replace(course, targets=targets, visits=tuple(grown(visit) for visit in course.visits))


@MANY
@given(courses(with_nodes=False), st.integers(10, 50))
def test_larger_lesions_keep_progression_and_smaller_ones_never_gain_it(course: JudgedCourse, tenths: int) -> None:
    small, large = overall_results(course), overall_results(scaled(course, Decimal(tenths) / 10))
    for before, after in zip(small, large, strict=True):
        assert before.target.category != "PD" or after.target.category == "PD"
        assert before.category != "PD" or after.category == "PD"


@MANY
@given(courses())
def test_the_nadir_never_rises_and_a_missing_size_never_moves_it(course: JudgedCourse) -> None:
    targets = [result.target for result in overall_results(course)]
    for before, after in pairwise(targets):
        if before.nadir_mm is not None:
            assert after.nadir_mm <= before.nadir_mm
        if before.sum_mm is None:
            assert after.nadir_mm == before.nadir_mm


@MANY
@given(courses())
def test_a_visit_that_is_not_read_changes_no_other_but_through_its_sizes(course: JudgedCourse) -> None:
    """Its judgements are not looked at: turning all of them round gives the same calls."""
    stated: dict[str, Any] = {"new": NewDisease.EQUIVOCAL, "non_target": NonTarget.CR, "reappearance": None}
    stated |= {"confirms_equivocal": False, "equivocal_resolved": True}
    turned = [visit if visit.is_read else replace(visit, **stated) for visit in course.visits]
    assert calls(replace(course, visits=tuple(turned))) == calls(course)
