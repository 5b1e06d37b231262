"""From a judged course to iRECIST: what is back, which new lesions count, and their dates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewDisease, Reappearance, SizeState
from radiomics_tasks.analysis.criteria.immune_visits import UNNAMED, immune_course, immune_visits
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, JudgedCourse, JudgedVisit, Target, TargetSeen
from tests.written_immune import BASELINE_ON, lesion, on

LESION = (Target("T1", "liver", False, Decimal(50)), Target("T2", "lymph node", True, Decimal(20)))
YES, EQ, NO, NE = NewDisease.YES, NewDisease.EQUIVOCAL, NewDisease.NO, NewDisease.NE


def visit(*sizes: Any, **judged: Any) -> JudgedVisit:
    targets = tuple(
        TargetSeen(target.key, None if size is None else Decimal(size))
        for target, size in zip(LESION, sizes, strict=False)
    )
    return JudgedVisit(BASELINE_ON, targets, **judged)


def course_of(*visits: JudgedVisit, **more: Any) -> JudgedCourse:
    dated = tuple(replace(one, on=on(number)) for number, one in enumerate(visits, start=1))
    return JudgedCourse(BASELINE_ON, more.pop("targets", LESION), dated, **more)


def seen(*visits: JudgedVisit, **more: Any) -> tuple[ImmuneVisit, ...]:
    course = course_of(*visits, **more)
    return immune_visits(course, overall_results(course))


def words(*visits: JudgedVisit, **more: Any) -> list[str]:
    course = course_of(*visits, **more)
    return [result.category.value for result in immune_course(course, overall_results(course)).visits]


def test_what_is_back_comes_from_the_targets() -> None:
    found = seen(visit(3, 8), visit(0, 15), visit(0, 12), visit(0, 8), visit(None, 12))
    assert [one.reappearance for one in found] == ["DISEASE", "DISEASE", "NODE_10_15", "NOTHING", "NODE_10_15"]
    assert [one.are_targets_gone for one in found] == [False, False, False, True, False]
    assert (found[4].sum_mm, found[4].partial_mm) == (None, Decimal(12))


def test_what_is_back_is_the_readers_word_where_there_is_one() -> None:
    decided = [visit(0, 12, reappearance=word) for word in Reappearance]
    assert [one.reappearance for one in seen(*decided)] == ["DISEASE", "EQUIVOCAL", "REREAD_PR"]


def test_a_node_back_after_icr_and_a_lesion_back_after_icr() -> None:
    assert words(visit(0, 8), visit(0, 12), visit(0, 8)) == ["iCR", "EQUIVOCAL_REAPPEARANCE", "iCR"]
    assert words(visit(0, 8), visit(3, 8), visit(3, 8), visit(0, 8)) == ["iCR", "iUPD", "iUPD", "iCR"]


def test_merged_targets_that_need_a_reader_are_not_back() -> None:
    merged = TargetSeen("T1", Decimal(0), SizeState.MERGED, merged_into="T2")
    again = replace(visit(0, 8), targets=(merged, TargetSeen("T2", Decimal(8))))
    assert words(visit(0, 8), again) == ["iCR", "iPR"]


def test_an_equivocal_new_lesion_opens_nothing_and_is_dated_back_when_confirmed() -> None:
    doubt = visit(50, 20, new=EQ, new_on=date(2024, 2, 10), new_lesions=(lesion(),))
    sure = visit(50, 20, new=YES, confirms_equivocal=True, new_lesions=(lesion(),))
    course = course_of(doubt, replace(doubt, new_on=None), sure)
    found = immune_course(course, overall_results(course))
    assert [result.category.value for result in found.visits] == ["iSD", "iSD", "iUPD"]
    assert (found.blocks[0].opened_on, found.blocks[0].progressed_on) == (on(3), date(2024, 2, 10))


def test_an_equivocal_sighting_that_was_cleared_dates_nothing_back() -> None:
    doubt = visit(50, 20, new=EQ)
    sure = visit(50, 20, new=YES, confirms_equivocal=True, new_lesions=(lesion(),))
    assert seen(doubt, visit(50, 20, equivocal_resolved=True), sure)[2].first_seen_on is None
    assert seen(doubt, sure)[1].first_seen_on == on(1)
    assert seen(doubt, replace(sure, confirms_equivocal=False))[1].first_seen_on is None


def test_a_new_lesion_without_a_name_is_followed_by_the_readers_answer() -> None:
    found = seen(visit(new=YES), visit(new=NO), visit(new=EQ), visit(new=YES), visit(new=YES, new_lesions=(lesion(),)))
    states = [next(entry.state.value for entry in one.new_lesions if entry.key == UNNAMED) for one in found]
    assert states == ["PRESENT", "ABSENT", "NE", "PRESENT", "NE"]
    assert words(visit(50, 20, new=YES), visit(50, 20, new=NO)) == ["iUPD", "iSD"]


def test_known_new_lesions_keep_their_entries() -> None:
    n1, gone = lesion(), lesion(state="ABSENT")
    found = seen(visit(new=YES, new_lesions=(n1,)), visit(new_lesions=(gone,)), visit(new_lesions=(lesion("n2"),)))
    assert [one.new_lesions for one in found] == [(n1,), (gone,), ()]


def test_a_required_region_that_was_not_scanned_makes_the_visit_not_evaluable() -> None:
    missing = visit(30, 10, regions_not_scanned=("liver",))
    assert words(missing, regions_with_disease=("liver",)) == ["NE"]
    assert seen(visit(30, 10, new=NE))[0].are_new_evaluated is False


def test_an_unread_visit_brings_its_sizes_only() -> None:
    unread = visit(20, 8, new=YES, new_lesions=(lesion(),), is_read=False)
    (found,) = seen(unread)
    assert (found.is_read, found.new_lesions, found.sum_mm) == (False, (), Decimal(28))


def test_dates_of_the_scans_that_show_progression() -> None:
    early, late = date(2024, 2, 1), date(2024, 2, 12)
    targets = (TargetSeen("T1", Decimal(90), on=early), TargetSeen("T2", Decimal(20), on=late))
    worse = replace(visit(), targets=targets, non_target_on=late, new_on=early)
    (found,) = seen(worse)
    assert (found.target_on, found.non_target_on, found.new_on) == (early, late, early)
    back = replace(visit(), targets=(TargetSeen("T1", Decimal(3), on=early), TargetSeen("T2", Decimal(5))))
    assert seen(visit(0, 8), back)[1].target_on == early


def test_a_course_counts_from_the_start_of_treatment() -> None:
    course = course_of(visit(50, 20), treatment_start=date(2024, 1, 20))
    assert immune_course(course, overall_results(course)).reference_on == date(2024, 1, 20)
    empty = course_of(targets=())
    assert immune_course(empty, ()).visits == ()
    assert words(JudgedVisit(BASELINE_ON), targets=()) == [ResponseCategory.NED.value]
