"""Disease after a complete response: every kind of finding, and who decides."""

import pytest

from tests.written_courses import LESION, NODES, at, categories, overall

MIXED = [["T1", "liver", False, 30], ["T2", "lymph node", True, 18]]

BACK = [
    (LESION, 0, 3, "PD", "DISEASE_BACK_AFTER_CR"),
    (LESION, 0, "TSTM", "PD", "TARGET_PD"),
    (NODES, [9, 8], [10, 8], "EQUIVOCAL_REAPPEARANCE", "NODE_BACK_AFTER_CR"),
    (NODES, [9, 9], [11, 9.9], "EQUIVOCAL_REAPPEARANCE", "NODE_BACK_AFTER_CR"),
    (NODES, [9.9, 9.9], [14.9, 9], "EQUIVOCAL_REAPPEARANCE", "NODE_BACK_AFTER_CR"),
    (NODES, [9.9, 9.9], [15, 9], "PD", "DISEASE_BACK_AFTER_CR"),
    (MIXED, [0, 9], [1, 11], "PD", "DISEASE_BACK_AFTER_CR"),
    (NODES, [9, 9], [9.9, 9.9], "CR", "TARGET_CR_NON_TARGET_CR"),
]


@pytest.mark.parametrize(("targets", "gone", "back", "category", "rule"), BACK)
def test_what_is_back_decides(targets, gone, back, category: str, rule: str) -> None:
    first, second = overall(targets, gone, back)
    assert (first.category, second.category, second.rule) == ("CR", category, rule)


def test_non_target_disease_that_is_back_is_progression_although_the_targets_are_gone() -> None:
    _, result = overall(LESION, at(0, nt="CR"), at(0, nt="NCNP"))
    assert (result.category, result.rule) == ("PD", "DISEASE_BACK_AFTER_CR")
    assert result.back.keys == {""}


def test_nodes_back_while_non_targets_were_not_evaluated_are_equivocal() -> None:
    _, result = overall(NODES, at([9, 8], NODES, nt="CR"), at([11, 8], NODES, nt="NE"))
    assert result.category == "EQUIVOCAL_REAPPEARANCE"


@pytest.mark.parametrize("decided", ["PD", "EQ"])
def test_the_reader_s_decision_comes_first(decided: str) -> None:
    category = {"PD": "PD", "EQ": "EQUIVOCAL_REAPPEARANCE"}[decided]
    _, result = overall(LESION, 0, at(60, reader={"reappearance": decided}))
    assert (result.category, result.source) == (category, "the reader's decision")


def test_a_reader_may_find_what_no_size_shows() -> None:
    """Merged nodes under 10 mm: nothing counts as back, and still the reader may call it."""
    merged = {"targets": {"T1": 9, "T2": {"merged_into": "T1"}}, "reader": {"reappearance": "PD"}}
    _, result = overall(NODES, [9, 8], merged)
    assert (result.category, result.assessed_on) == ("PD", result.on)


def test_the_rule_goes_on_after_visits_that_decide_nothing() -> None:
    assert categories(overall(NODES, [9, 8], [9, None], [11, 8], [15, 8])) == [
        "CR",
        "NE",
        "EQUIVOCAL_REAPPEARANCE",
        "PD",
    ]


def test_off_leaves_every_visit_to_the_table() -> None:
    assert categories(overall(LESION, 0, 3, post_cr="off")) == ["CR", "PR"]
    assert categories(overall(NODES, [9, 8], [16, 9], post_cr="off")) == ["CR", "PD"]


def test_non_targets_only_after_a_complete_response() -> None:
    assert categories(overall([], {"nt": "CR"}, {"nt": "NE"}, {"nt": "NCNP"})) == ["CR", "NE", "PD"]
