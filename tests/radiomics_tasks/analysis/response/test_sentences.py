"""The reasons of a call as sentences: for every made-up course, and the ones that need a course of their own."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.rules.tables import TABLES
from radiomics_tasks.analysis.criteria.visits import JudgedCourse
from radiomics_tasks.analysis.response.sentences import DECIDED_BY, immune_sentences, overall_sentences
from tests.made_up_courses import made_up
from tests.written_courses import LESION, at, overall

NAMES = {"T0": "liver 1", "T1": "liver 2", "T2": "liver 3", "n1": "new 1", "n2": "new 2", "n3": "new 3"}
PROTOCOLS = st.sampled_from(
    [{}, {"other_category_when_resolved": "reset_new_iupd"}, {"post_cr": "off"}, {"nl_not_evaluated": "as_present"}]
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(made_up(), PROTOCOLS)
def test_every_call_has_sentences_without_a_code_or_a_gap(course: JudgedCourse, chosen: dict[str, str]) -> None:
    protocol = Protocol().with_settings(chosen)
    results = overall_results(course, protocol)
    for result, immune in zip(results, immune_course(course, results, protocol).visits, strict=True):
        told = [*overall_sentences(result, NAMES), *immune_sentences(immune, NAMES)]
        assert len(told) >= 3 and all(told)
        assert [words for words in told if re.search(r"[{}_]|None|\bT\d\b", words)] == []


def test_every_rule_of_the_tables_has_a_sentence() -> None:
    assert {row.rule for table in TABLES.values() for row in table.rows} <= set(DECIDED_BY)


def test_a_visit_that_was_revised_says_since_when() -> None:
    first, second = overall(LESION, at(95, new="EQ"), at(95, new="YES", confirms_equivocal=True))
    assert "called SD at first; revised on 22 Apr 2024: progression since 26 Feb 2024" in overall_sentences(first, {})
    assert not any("at first" in words for words in overall_sentences(second, {}))


def test_without_targets_no_sum_is_told() -> None:
    (result,) = overall([], {"nt": "NCNP"})
    assert overall_sentences(result, {}) == (
        "Non-target disease is still there and not unequivocally worse",
        "non-target disease: still there, not unequivocally worse",
        "new lesions: no new lesion",
    )


def test_without_a_baseline_sum_there_is_nothing_to_compare_with() -> None:
    (result,) = overall([["T1", "liver", False, None]], 20)
    assert "target response NE: sum 20.0 mm; no complete baseline sum to compare with" in overall_sentences(result, {})


def test_a_missing_target_is_named() -> None:
    (result,) = overall([*LESION, ["T2", "lung", False, 20]], at({"T1": 60}, []) | {"targets": {"T1": 60}})
    told = overall_sentences(result, {"T2": "lung 1"})
    assert "without a size: lung 1" in told
    assert told[1] == (
        "target response NE: sum of the measured targets 60.0 mm; "
        "not enough for progression, and not comparable with sums of all targets"
    )


def test_measured_targets_that_already_progress_are_held_against_the_nadir() -> None:
    (result,) = overall([*LESION, ["T2", "lung", False, 20]], at({"T1": 60}, []) | {"targets": {"T1": 150}})
    told = overall_sentences(result, {"T2": "lung 1"})
    assert told[1].startswith("target response PD: sum of the measured targets 150.0 mm; +25.0 % and +30.0 mm over")
