"""Best overall response: what counts, what confirms, and the dates."""

from dataclasses import replace
from datetime import date

from radiomics_tasks.analysis.criteria.best import best_response, reference_on
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from tests.written_courses import LESION, NODES, at, best, course, day


def test_no_visit_no_best_response() -> None:
    found = best(LESION)
    assert (found.best, found.confirmed, found.responded_on, found.progressed_on) == (None, None, None, None)
    assert (found.rule, found.confirmed_rule) == ("NO_COUNTED_VISIT", "NO_COUNTED_VISIT")


def test_the_response_is_dated_to_the_first_of_the_pair() -> None:
    found = best(LESION, 90, 65, 60, 0, 0)
    assert (found.best, found.confirmed, found.responded_on) == ("CR", "CR", date(2024, 4, 22))
    assert (found.confirmed_rule, bool(found.source)) == ("CONFIRMED_PAIR", True)


def test_without_confirmation_the_first_response_counts_for_the_date() -> None:
    assert best(LESION, 65, 80).responded_on is None
    assert best(LESION, 65, 80, confirmation=False).responded_on == date(2024, 2, 26)
    assert best(LESION, 90, confirmation=False).responded_on is None


def test_a_response_that_nothing_confirms_falls_to_stable_disease() -> None:
    found = best(LESION, 65)
    assert (found.best, found.confirmed, found.confirmed_rule) == ("PR", "SD", "REACHED_SD")
    assert best(LESION, 90).confirmed_rule == "BEST_OF_SERIES"


def test_a_response_that_came_too_early_and_was_not_confirmed_is_not_evaluable() -> None:
    found = best(LESION, at(65, date=day(41)))
    assert (found.best, found.confirmed) == ("PR", "NE")


def test_visits_after_the_next_therapy_began_do_not_count() -> None:
    found = course(LESION, 90, 60, 130)
    on = found.visits[0].on
    limited = replace(found, next_treatment_on=on)
    response = best_response(limited, overall_results(limited))
    assert (response.best, response.progressed_on) == ("SD", None)


def test_no_disease_stays_no_disease() -> None:
    assert best([], {}).best == "NED"
    found = best([], {}, {"new": "YES"})
    assert (found.best, found.progressed_on) == ("NED", date(2024, 4, 22))


def test_non_targets_only_have_no_least_duration() -> None:
    assert best([], {"nt": "NCNP", "date": day(10)}).best == "NON_CR_NON_PD"


def test_a_date_of_progression_is_back_dated_to_the_scan_of_the_first_sighting() -> None:
    visit = at(60, new="EQ", date="2024-03-06", scan_dates={"new": "2024-03-03"})
    found = best(LESION, visit, at(60, new="YES", confirms_equivocal=True))
    assert (found.best, found.progressed_on) == ("PD", date(2024, 3, 3))


def test_an_equivocal_node_between_two_complete_responses_counts_as_one_missing() -> None:
    assert best(NODES, [9, 8], [11, 8], [9, 8]).confirmed == "CR"
    assert best(NODES, [9, 8], [11, 8], [9, 8], max_ne=0).confirmed == "SD"


def test_the_reference_date_falls_back_where_it_is_not_known() -> None:
    known = course(LESION, treatment_start="2024-01-29", randomisation="2024-01-15")
    assert reference_on(known) == date(2024, 1, 29)
    assert reference_on(known, Protocol(reference="randomisation")) == date(2024, 1, 15)
    only_start = replace(known, randomised_on=None)
    assert reference_on(only_start, Protocol(reference="randomisation")) == date(2024, 1, 29)
    assert reference_on(replace(known, treatment_start=None)) == date(2024, 1, 15)
    assert reference_on(course(LESION)) == date(2024, 1, 1)
