"""iRECIST from visit to visit: unread and early visits, disease after iCR, persistence, and what stands on a result."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from radiomics_tasks.analysis.criteria.irecist.sources import RULES
from tests.written_immune import immune, lesion, on, seen, words

GONE = seen(0, "CR", are_targets_gone=True)
NODES = seen(8, are_targets_gone=True)


def test_an_unread_visit_only_lowers_the_nadir() -> None:
    unread = replace(seen(50, "PD", lesion()), is_read=False)
    course = immune(100, unread, 62)
    assert words(course) == ["iSD", "NE", "iUPD"]
    assert course.visits[1].flags == ("NOT_READ",)
    assert (course.visits[2].nadir_mm, course.first_seen) == (Decimal(50), {})


def test_an_unread_visit_neither_confirms_nor_resets() -> None:
    for size in (40, 150):
        course = immune(125, replace(seen(size), is_read=False))
        assert [block.outcome for block in course.blocks] == ["OPEN"]


def test_an_unread_early_scan_changes_not_even_the_nadir() -> None:
    early = replace(seen(60, on=on(1) + timedelta(days=25)), is_read=False)
    formal = replace(early, on=on(1) + timedelta(days=26))
    assert [immune(125, one, 100).visits[2].nadir_mm for one in (early, formal)] == [Decimal(100), Decimal(60)]
    without = immune(replace(seen(60), is_read=False), baseline=None, has_targets=True)
    assert (words(without), without.visits[0].nadir_mm) == (["NE"], None)


def test_every_result_says_its_rule_source_and_numbers() -> None:
    first, second = immune(125, 131).visits
    assert (first.rule, first.drivers, first.days_open) == ("IRECIST_START_1", ("T",), None)
    assert (second.rule, second.days_open) == ("IRECIST_OPEN_3", 42)
    assert (second.sum_mm, second.least_mm, second.nadir_mm) == (Decimal(131), Decimal(125), Decimal(100))
    assert "Seymour 2017" in second.source
    assert second.reason.endswith(".")


def test_every_rule_has_a_source_and_a_sentence() -> None:
    assert all(source and reason.endswith(".") for source, reason in RULES.values())


def test_targets_without_a_baseline_sum_are_not_evaluable() -> None:
    course = immune(40, seen(40, "PD"), baseline=None, has_targets=True)
    assert words(course) == ["NE", "iUPD"]


def test_no_disease_at_baseline() -> None:
    worse, smaller = lesion(size=12), lesion(size=8, trend="DEC")
    course = immune(seen(), seen(None, "NA", worse), seen(None, "NA", smaller), baseline=None)
    assert words(course) == ["NED", "iUPD", "NON-iCR/NON-iUPD"]


def test_after_icr_what_was_not_evaluated_is_no_disease() -> None:
    course = immune(GONE, seen(0, "NE", are_targets_gone=True), seen(None, "CR"), GONE)
    assert words(course) == ["iCR", "NE", "NE", "iCR"]
    assert course.visits[1].flags == ("NOT_EVALUATED_AFTER_iCR",)
    assert words(immune(GONE, seen(3, "CR"), seen(0, "NE", are_targets_gone=True))) == ["iCR", "iUPD", "NE"]


def test_after_icr_non_target_disease_and_a_returned_new_lesion_are_progression() -> None:
    back = immune(GONE, seen(0, "NCNP", are_targets_gone=True), GONE)
    assert (words(back), back.blocks[0].drivers) == (["iCR", "iUPD", "iCR"], ("NT",))
    gone, there = lesion(state="ABSENT"), lesion()
    visits = [seen(100, "CR", there), replace(GONE, new_lesions=(gone,)), replace(GONE, new_lesions=(there,))]
    course = immune(*visits, visits[2], visits[1])
    assert words(course) == ["iUPD", "iCR", "iUPD", "iUPD", "iCR"]
    assert course.visits[2].flags == ("DISEASE_AFTER_iCR", "ADJUDICATE")


def test_a_node_in_doubt_neither_opens_nor_resets_and_dates_a_later_progression() -> None:
    doubt = seen(12, reappearance="NODE_10_15")
    course = immune(NODES, doubt, seen(None), seen(20, reappearance="DISEASE"), doubt)
    assert words(course) == ["iCR", "EQUIVOCAL_REAPPEARANCE", "NE", "iUPD", "NE"]
    assert (course.blocks[0].opened_on, course.blocks[0].progressed_on) == (on(4), on(2))
    cleared = immune(NODES, doubt, NODES, seen(20, reappearance="DISEASE"))
    assert cleared.blocks[0].progressed_on == on(4)


def test_a_reader_decides_what_is_back_after_icr() -> None:
    faint = seen(3, "CR", reappearance="EQUIVOCAL")
    assert words(immune(GONE, faint))[-1] == "EQUIVOCAL_REAPPEARANCE"
    assert words(immune(GONE, replace(GONE, reappearance="DISEASE")))[-1] == "iCR"
    assert words(immune(GONE, seen(0, "NE", are_targets_gone=True, reappearance="DISEASE")))[-1] == "iUPD"
    assert words(immune(GONE, seen(0, "NCNP", are_targets_gone=True, reappearance="DISEASE")))[-1] == "iUPD"
    unknown = seen(nt="NE", reappearance="DISEASE")
    assert words(immune(seen(nt="CR"), unknown, seen(nt="NCNP"), baseline=None)) == ["iCR", "NE", "iUPD"]
    assert words(immune(GONE, seen(2, "CR", reappearance="NOTHING")))[-1] == "iPR"


def test_an_icr_reread_as_ipr_leaves_nothing_to_come_back() -> None:
    course = immune(GONE, seen(3, "CR"), seen(3, "CR", reappearance="REREAD_PR"))
    assert words(course) == ["iPR", "iPR", "iPR"]
    assert course.visits[0].flags == ("iCR_REREAD_AS_iPR",)


def test_disease_after_icr_can_be_left_to_the_numbers() -> None:
    assert words(immune(GONE, seen(3, "CR"), post_cr="off")) == ["iCR", "iPR"]


def test_an_equivocal_sighting_dates_the_progression_but_not_the_window() -> None:
    course = immune(100, seen(100, "NA", lesion(), first_seen_on=on(1)))
    assert (course.blocks[0].opened_on, course.blocks[0].progressed_on) == (on(2), on(1))


def test_progression_is_dated_by_the_scan_that_shows_it() -> None:
    scan = on(1) - timedelta(days=5)
    for visit in (seen(130, target_on=scan), seen(100, "PD", non_target_on=scan)):
        assert immune(visit).blocks[0].progressed_on == scan
    assert immune(seen(100, "NA", lesion(), new_on=scan)).blocks[0].progressed_on == scan


def test_new_lesions_nobody_looked_for_make_a_visit_not_evaluable() -> None:
    unknown = seen(60, are_new_evaluated=False)
    course = immune(unknown, 125, unknown)
    assert words(course) == ["NE", "iUPD", "NE"]
    assert course.visits[0].flags == ("NEW_LESIONS_NOT_EVALUATED",)


def test_a_larger_new_lesion_is_shown_before_it_is_unequivocally_worse() -> None:
    course = immune(seen(100, "NA", lesion()), seen(60, "NA", lesion()), seen(60, "NA", lesion(trend="INC")))
    assert words(course) == ["iUPD", "iPR", "iPR"]
    assert course.visits[2].flags == ("NEW_LESION_LARGER",)
