"""The ten rules while a progression waits: edges that the written cases leave open."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.written_immune import immune, lesion, on, seen, words


def partial(known: int) -> object:
    return seen(partial_mm=Decimal(known))


def test_known_targets_alone_may_confirm_but_never_against_an_incomplete_sum() -> None:
    assert words(immune(130, partial(135))) == ["iUPD", "iCPD"]
    assert words(immune(partial(130), 140, 145)) == ["iUPD", "iUPD", "iCPD"]
    assert immune(partial(130), 140, 145).visits[2].flags == ("CONFIRMED_BY:T>=5mm", "LATE_CONFIRMATION")


def test_an_incomplete_sum_cannot_prove_that_targets_shrank() -> None:
    n1 = lesion()
    visits = [seen(None, "NA", n1), seen(100, "NA", n1)]
    assert words(immune(*visits)) == ["iUPD", "iUPD"]


def test_growth_counts_from_the_least_sum_of_the_block() -> None:
    course = immune(seen(130, "PD"), seen(121, "PD"), seen(126, "PD"))
    assert words(course) == ["iUPD", "iUPD", "iCPD"]
    assert "BELOW_IUPD_VALUE" in course.visits[2].flags


def test_new_measured_lesions_grow_from_their_least_sum() -> None:
    sizes = [(20, "SAME"), (16, "SAME"), (21, "INC")]
    visits = [seen(130, "NA", lesion(size=size, trend=trend)) for size, trend in sizes]
    assert words(immune(*visits)) == ["iUPD", "iUPD", "iCPD"]


def test_further_new_lesions_of_an_early_scan_are_named_once() -> None:
    early = [seen(100, "NA", lesion(), lesion("n2"), on=on(1) + timedelta(days=days)) for days in (7, 14)]
    course = immune(seen(100, "NA", lesion()), *early)
    flags = [result.flags for result in course.visits[1:]]
    assert flags == [("TOO_EARLY_TO_CONFIRM", "NEW_LESION_ON_EARLY_SCAN:n2"), ("TOO_EARLY_TO_CONFIRM",)]


def test_a_driver_that_was_not_evaluated_is_not_resolved() -> None:
    for visit in (seen(None, "NA", lesion()), seen(None, "PD")):
        call = immune(130, visit).visits[1]
        assert (call.category.value, call.alternative) == ("iCPD", None)
    call = immune(seen(100, "PD"), seen(60, "NE", lesion())).visits[1]
    assert (call.category.value, call.alternative) == ("iCPD", None)


def test_new_lesions_all_gone_are_a_resolved_driver() -> None:
    gone = lesion(state="ABSENT")
    call = immune(seen(100, "NA", lesion()), seen(130, "NA", gone)).visits[1]
    assert (call.category.value, call.alternative) == ("iCPD", "iUPD")
    assert call.flags[:2] == ("CONFIRMED_IN_OTHER_CATEGORY_WHILE_DRIVER_RESOLVED", "ADJUDICATE")


def test_reset_and_open_again_in_another_category() -> None:
    course = immune(130, seen(60, "PD"), seen(60, "PD"), other_category_when_resolved="reset_new_iupd")
    assert words(course) == ["iUPD", "iUPD", "iUPD"]
    assert course.visits[1].flags == ("BAR_RESET", "ADJUDICATE")
    assert [(block.drivers, block.outcome) for block in course.blocks] == [(("T",), "RESET"), (("NT",), "OPEN")]


def test_known_new_lesions_over_their_nadir_hold_a_block_of_another_driver() -> None:
    def at(total: int, size: int) -> object:
        return seen(total, "NA", lesion(size=size))

    course = immune(at(100, 8), at(60, 8), at(80, 8), at(62, 14))
    assert words(course) == ["iUPD", "iPR", "iUPD", "iUPD"]
    assert course.visits[3].flags == ("KNOWN_NEW_LESION_PROGRESSED", "ADJUDICATE")
    assert course.visits[3].alternative == "iCPD"


def test_a_block_of_a_known_new_lesion_over_its_nadir() -> None:
    def at(total: int, size: int, trend: str = "SAME") -> object:
        return seen(total, "NA", lesion(size=size, trend=trend))

    confirmed = immune(at(100, 8), at(60, 8), at(60, 13), at(60, 18))
    assert words(confirmed) == ["iUPD", "iPR", "iUPD", "iCPD"]
    assert immune(at(100, 8), at(60, 8), at(60, 13), at(60, 9)).visits[3].category.value == "iPR"


def test_a_new_lesion_smaller_than_at_the_start_resets() -> None:
    sizes = [(100, 20), (130, 17), (100, 17)]
    visits = [seen(total, "NA", lesion(size=size)) for total, size in sizes]
    assert words(immune(*visits)) == ["iUPD", "iCPD", "POST_iCPD"]
    assert words(immune(visits[0], visits[2])) == ["iUPD", "iSD"]
    assert words(immune(visits[0], seen(100, "NA", lesion(size="18.1")))) == ["iUPD", "iUPD"]


def test_after_icpd_nothing_opens_again() -> None:
    course = immune(125, 131, seen(200, "PD", lesion()), 0)
    assert words(course)[2:] == ["POST_iCPD", "POST_iCPD"]
    assert ([block.outcome for block in course.blocks], course.first_seen) == (["CONFIRMED"], {})


def test_a_response_is_shown_to_continue_after_a_reset_where_the_protocol_says_so() -> None:
    call = immune(70, 70, 90, 80, ipr_persistence_after_reset="continue").visits[3]
    assert (call.category, call.by_numbers, call.flags) == ("iPR", "iSD", ("BAR_RESET", "iPR_CONTINUED"))


def test_early_scan_for_a_symptom_confirms_even_where_the_driver_shrank() -> None:
    early = replace(seen(100, "NA", lesion(), is_for_symptom=True), on=on(1) + timedelta(days=20))
    call = immune(130, early).visits[1]
    assert (call.category, call.rule, call.flags) == ("iCPD", "IRECIST_OPEN_1", ("CONFIRMED_BY:additional new lesion",))


def test_new_lesions_that_no_longer_progress_do_not_confirm_by_growing_back() -> None:
    sizes = [(100, 30), (60, 30), (125, 36), (125, 30), (125, 35)]
    course = immune(*(seen(total, "NA", lesion(size=size)) for total, size in sizes))
    assert words(course) == ["iUPD", "iPR", "iUPD", "iUPD", "iUPD"]
