"""The overall response: regions, dates, unread visits, persistence and what later visits revise."""

from dataclasses import replace
from datetime import date

from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from tests.written_courses import LESION, NODES, at, categories, course, finals, overall

TWO = [["T1", "liver", False, 40], ["T2", "brain", False, 20]]
SCANS = {"targets": {"T1": "2024-03-06", "T2": "2024-03-03"}}


def test_every_call_has_its_rule_and_its_source() -> None:
    rules = [(r.rule, bool(r.source)) for r in overall(NODES, [9, 8], at([9, 8], NODES, nt="NE"), [15, 9], [12, None])]
    assert rules == [
        ("TARGET_CR_NON_TARGET_NE", True),
        ("TARGET_CR_NON_TARGET_NE", True),
        ("TARGET_PD", True),
        ("TARGET_NE", True),
    ]


def test_non_targets_at_baseline_without_a_judgement_are_not_evaluated() -> None:
    found = replace(course(LESION, 0), has_non_targets=True)
    (result,) = overall_results(found)
    assert (result.category, result.non_target, result.rule) == ("PR", "NE", "TARGET_CR_NON_TARGET_NE")


def test_non_targets_alone_without_a_judgement_are_not_evaluable() -> None:
    (result,) = overall_results(replace(course([], {}), has_non_targets=True))
    assert (result.category, result.rule) == ("NE", "NON_TARGET_NE")


def test_a_required_region_that_was_not_scanned_does_not_hide_a_new_lesion() -> None:
    (result,) = overall(LESION, at(60, new="YES", regions_not_scanned=["liver", "brain"]))
    assert result.category == "PD"
    assert result.flags == ("REQUIRED_REGION_NOT_SCANNED:liver", "REGION_NOT_IMAGED:brain")


def test_an_equivocal_lesion_where_a_region_was_not_scanned_is_not_evaluable_but_kept() -> None:
    results = overall(
        LESION, at(60, new="EQ", regions_not_scanned=["liver"]), at(60, new="YES", confirms_equivocal=True)
    )
    assert (categories(results), finals(results)) == (["NE", "PD"], ["PD", "PD"])


def test_the_window_counts_every_scan_of_the_visit() -> None:
    visit = at([40, 20], TWO, date="2024-03-03", new="YES", scan_dates={**SCANS, "new": "2024-03-18"})
    (result,) = overall(TWO, visit)
    assert result.flags == ("OUTSIDE_VISIT_WINDOW",)
    (inside,) = overall(TWO, {**visit, "scan_dates": {**SCANS, "new": "2024-03-17"}})
    assert inside.flags == ()


def test_a_visit_nobody_judged_decides_nothing_but_its_sizes_count() -> None:
    found = course(LESION, 70, 50, 65)
    first, second, third = found.visits
    results = overall_results(replace(found, visits=(first, replace(second, is_read=False), third)))
    assert categories(results) == ["PR", "NE", "PD"]
    assert (results[1].rule, results[1].flags) == ("NOT_READ", ("NOT_READ",))
    assert results[2].target.nadir_mm == 50


def test_responses_are_dated_to_the_last_scan_they_need() -> None:
    (result,) = overall(TWO, at([20, 10], TWO, date="2024-03-01", scan_dates={**SCANS, "new": "2024-03-08"}))
    assert (result.on, result.assessed_on) == (date(2024, 3, 8), date(2024, 3, 6))
    (with_others,) = overall(
        TWO, at([20, 10], TWO, nt="NCNP", date="2024-03-01", scan_dates={**SCANS, "new": "2024-03-08"})
    )
    assert with_others.assessed_on == date(2024, 3, 8)


def test_what_decides_nothing_and_what_asks_for_regions_is_dated_to_the_last_scan() -> None:
    visit = at([20, None], TWO, date="2024-03-01", scan_dates={**SCANS, "new": "2024-03-08"})
    (missing,) = overall(TWO, visit)
    (asked,) = overall(TWO, {**visit, "targets": {"T1": 20, "T2": 10}}, required_regions=["liver"])
    assert missing.assessed_on == asked.assessed_on == date(2024, 3, 8)


def test_progression_is_dated_to_the_first_scan_that_shows_it() -> None:
    found = course(TWO, at([75, 20], TWO, nt="PD", date="2024-03-03", scan_dates=SCANS))
    (visit,) = found.visits
    (result,) = overall_results(replace(found, visits=(replace(visit, non_target_on=date(2024, 3, 5)),)))
    assert (result.category, result.assessed_on, result.progressed_on) == ("PD", date(2024, 3, 5), date(2024, 3, 5))


def test_disease_back_after_a_complete_response_is_dated_to_the_scan_that_shows_it() -> None:
    visit = at([0, 3], TWO, date="2024-06-03", scan_dates={"targets": {"T1": "2024-06-06", "T2": "2024-06-03"}})
    gone, back = overall(TWO, [0, 0], visit)
    assert (gone.category, back.category, back.rule) == ("CR", "PD", "DISEASE_BACK_AFTER_CR")
    assert back.assessed_on == date(2024, 6, 3)


def test_a_reader_s_decision_without_a_complete_response_before_it_is_shown_as_not_applied() -> None:
    (result,) = overall(LESION, at(60, reader={"reappearance": "PD"}))
    assert (result.category, result.flags) == ("PR", ("REAPPEARANCE_NOT_APPLIED",))


def test_a_reader_s_decision_is_not_applied_where_the_visit_is_not_evaluable() -> None:
    _, result = overall(NODES, [9, 8], at([12, None], NODES, reader={"reappearance": "EQ"}))
    assert (result.category, result.flags) == ("NE", ("REAPPEARANCE_NOT_APPLIED",))


def test_rereading_a_complete_response_takes_back_all_that_rested_on_it() -> None:
    rereads = at([11, 8], NODES, reader={"reappearance": "REREAD_PR"})
    results = overall(NODES, [12, 9], [9, 8], [11, 8], [9, 9], rereads)
    assert categories(results) == ["PR", "PR", "PR", "PR", "PR"]
    assert [r.flags for r in results] == [(), ("CR_REREAD_AS_PR",), (), ("CR_REREAD_AS_PR",), ()]
    assert finals(results) == categories(results)


def test_a_new_lesion_after_a_complete_response_is_no_old_disease() -> None:
    _, result = overall(LESION, 0, at(0, new="YES"))
    assert (result.category, result.rule, result.flags) == ("PD", "NEW_LESION", ())


def test_progression_by_the_sum_after_a_complete_response_keeps_the_table_s_rule() -> None:
    _, result = overall(NODES, [5, 5], [12, 12])
    assert (result.rule, result.flags) == ("TARGET_PD", ("DISEASE_AFTER_CR",))


def test_merged_nodes_after_a_complete_response_wait_for_the_reader_by_the_table() -> None:
    _, result = overall(NODES, [9, 8], {"targets": {"T1": 9, "T2": {"merged_into": "T1"}}})
    assert (result.category, result.flags) == ("PR", ("MERGED_NEEDS_READER",))


def test_persistence_ends_with_progression_and_does_not_begin_again_by_itself() -> None:
    results = overall(LESION, 70, 70, 80, 84, 80)
    assert categories(results) == ["PR", "PR", "PR", "PD", "SD"]
    assert results[2].rule == "PR_CONTINUED"
    assert (results[2].by_numbers, results[2].final) == ("SD", "PR")


def test_an_equivocal_reappearance_counts_as_not_evaluable() -> None:
    _, equivocal = overall(NODES, [9, 8], [11, 8])
    assert (equivocal.category, equivocal.called.category) == ("EQUIVOCAL_REAPPEARANCE", "NE")


def test_every_visit_between_sighting_and_proof_is_revised_with_its_dates() -> None:
    results = overall(LESION, at(60, new="EQ"), 60, at(60, new="YES", confirms_equivocal=True))
    assert (categories(results), finals(results)) == (["PR", "PR", "PD"], ["PD", "PD", "PD"])
    assert results[1].revision.revised_on == results[2].on
    assert [r.progressed_on for r in results] == [results[0].on, results[0].on, results[2].on]
    assert results[0].called.category == "PD"


def test_a_response_has_no_date_of_progression() -> None:
    (result,) = overall_results(course(LESION, 60), Protocol())
    assert result.progressed_on is None
