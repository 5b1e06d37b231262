"""Equivocal findings that prove to be progression, and those that do not."""

from typing import Any

from tests.written_courses import LESION, NODES, at, categories, finals, overall

YES: dict[str, Any] = {"new": "YES", "confirms_equivocal": True}


def test_the_first_of_several_sightings_counts() -> None:
    results = overall(LESION, 100, at(100, new="EQ"), at(100, new="EQ"), at(100, **YES))
    assert finals(results) == ["SD", "PD", "PD", "PD"]
    assert results[2].progressed_on == results[1].on


def test_a_sighting_that_was_resolved_does_not_count() -> None:
    results = overall(LESION, at(100, new="EQ"), at(100, equivocal_resolved=True), at(100, **YES))
    assert finals(results) == ["SD", "SD", "PD"]


def test_one_resolved_and_another_seen_at_the_same_visit() -> None:
    results = overall(LESION, at(100, new="EQ"), at(100, new="EQ", equivocal_resolved=True), at(100, **YES))
    assert finals(results) == ["SD", "PD", "PD"]


def test_another_new_lesion_leaves_the_equivocal_one_open() -> None:
    results = overall(LESION, at(100, new="EQ"), at(100, new="YES"), at(100, **YES))
    assert finals(results) == ["PD", "PD", "PD"]
    assert [bool(r.revision) for r in results] == [True, False, False]


def test_a_confirmation_without_a_sighting_changes_nothing() -> None:
    assert finals(overall(LESION, 100, at(100, **YES))) == ["SD", "PD"]


def test_confirming_without_a_new_lesion_changes_nothing() -> None:
    assert finals(overall(LESION, at(100, new="EQ"), at(100, confirms_equivocal=True))) == ["SD", "SD"]


def test_only_the_node_that_progresses_is_back_dated() -> None:
    """T1 was seen first and is gone again; T2 is the one that grows."""
    results = overall(NODES, [9, 9], [11, 9], [9, 11], [9, 16])
    assert categories(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "EQUIVOCAL_REAPPEARANCE", "PD"]
    assert finals(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD", "PD"]


def test_a_node_that_could_not_be_measured_stays_open() -> None:
    results = overall(NODES, [9, 9], [11, 9], [None, 9], [16, 9])
    assert categories(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "NE", "PD"]
    assert finals(results) == ["CR", "PD", "PD", "PD"]


def test_the_reader_confirms_the_node() -> None:
    results = overall(NODES, [9, 9], [11, 9], at([11, 9], NODES, reader={"reappearance": "PD"}))
    assert finals(results) == ["CR", "PD", "PD"]
    assert results[1].progressed_on == results[1].on


def test_progression_by_a_new_lesion_does_not_back_date_a_node_but_a_later_one_by_the_node_does() -> None:
    seen = [[9, 9], [11, 9], at([11, 9], NODES, new="YES")]
    assert finals(overall(NODES, *seen)) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD"]
    assert finals(overall(NODES, *seen, [16, 9])) == ["CR", "PD", "PD", "PD"]


def test_progression_of_the_sum_takes_every_node_that_is_back_with_it() -> None:
    results = overall(NODES, [5, 5], [10, 4], [12, 12])
    assert categories(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD"]
    assert finals(results) == ["CR", "PD", "PD"]
    assert results[2].target.category == "PD"


def test_a_faint_lesion_the_reader_re_images_is_back_dated_when_it_stays() -> None:
    results = overall(LESION, 0, at(3, reader={"reappearance": "EQ"}), 4)
    assert categories(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD"]
    assert finals(results) == ["CR", "PD", "PD"]


def test_non_target_disease_the_reader_re_images_is_back_dated_when_it_stays() -> None:
    seen = [at(0, nt="CR"), at(0, nt="NCNP", reader={"reappearance": "EQ"})]
    assert finals(overall(LESION, *seen, at(0, nt="NCNP"))) == ["CR", "PD", "PD"]
    gone = overall(LESION, *seen, at(0, nt="CR"), at(0, nt="PD"))
    assert finals(gone) == ["CR", "EQUIVOCAL_REAPPEARANCE", "CR", "PD"]


def test_non_target_disease_that_is_gone_again_is_closed_although_a_target_is_missing() -> None:
    seen = [at(0, nt="CR"), at(0, nt="NCNP", reader={"reappearance": "EQ"}), at(None, nt="CR"), at(0, nt="PD")]
    assert finals(overall(LESION, *seen)) == ["CR", "EQUIVOCAL_REAPPEARANCE", "NE", "PD"]


def test_what_only_the_reader_saw_is_back_dated_by_the_reader_alone() -> None:
    merged = {"targets": {"T1": 9, "T2": {"merged_into": "T1"}}}
    faint = {**merged, "reader": {"reappearance": "EQ"}}
    by_reader = overall(NODES, [9, 8], faint, {**merged, "reader": {"reappearance": "PD"}})
    assert finals(by_reader) == ["CR", "PD", "PD"]
    by_size = overall(NODES, [9, 8], faint, [16, 8])
    assert finals(by_size) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD"]


def test_of_two_nodes_the_one_seen_first_dates_the_progression() -> None:
    results = overall(NODES, [5, 5], [10, 4], [4, 10.5], [12, 12])
    assert finals(results) == ["CR", "EQUIVOCAL_REAPPEARANCE", "PD", "PD"]
    both = overall(NODES, [7, 7], [10, 6], [10, 10], [14, 14])
    assert finals(both) == ["CR", "PD", "PD", "PD"]
