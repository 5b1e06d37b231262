"""Files of written cases: every kind is recognised, and what is none is refused with a sentence."""

from typing import Any

import pytest

from radiomics_tasks.analysis.conformance.run import cases_in, run_case
from radiomics_tasks.errors import Refusal
from tests.written_courses import golden

FILES = [("recist11_vectors", 101), ("irecist_vectors", 74), ("irecist_ibor_table3", 8), ("edges", 5)]


@pytest.mark.parametrize(("name", "number"), FILES)
def test_every_case_of_a_file_is_met(name: str, number: int) -> None:
    outcomes = [run_case(case) for case in cases_in(golden(f"{name}.json"))]
    assert len(outcomes) == number
    assert [outcome.case_id for outcome in outcomes if not outcome.is_met] == []


def test_every_row_of_the_decision_tables_is_met() -> None:
    outcomes = [run_case(case) for case in cases_in(golden("decision_tables.json"))]
    assert [outcome.case_id for outcome in outcomes if not outcome.is_met] == []
    assert len([outcome for outcome in outcomes if outcome.case_id.startswith("recist11_")]) == 38
    assert outcomes[0].title == "PD; *; *; PD"


def test_one_case_alone_is_a_file_too() -> None:
    case = golden("recist11_vectors.json")[0]
    assert list(cases_in(case)) == [case]


def test_tables_that_are_none_of_response_are_passed_over() -> None:
    assert list(cases_in({"acquisition_levels": {"rows": [["slice thickness", "warn"]]}})) == []


def test_a_file_of_something_else_is_refused() -> None:
    with pytest.raises(Refusal, match="E_NO_CASES"):
        list(cases_in("R01"))


COURSE = {"id": "X", "baseline": {"date": "2024-01-01", "targets": [["T1", "liver", False, 10]]}, "expect": {}}
BAD: list[tuple[Any, str]] = [
    (7, "Case without id is not a RECIST"),
    ({"id": "X"}, "Case X is not a RECIST"),
    ({"id": "X", "baseline": {}, "visits": []}, "Case X is not a RECIST"),
    ({"id": "X", "table": "percist", "row": 0, "document": {}}, "Case X is not a RECIST"),
    ({**COURSE, "visits": [{"targets": {}}]}, "'date' is missing"),
    ({**COURSE, "visits": [{"date": "yesterday", "targets": {}}]}, "yesterday"),
    ({**COURSE, "visits": [{"date": "2024-02-01", "targets": {"T1": "7,5"}}]}, "cannot be read"),
    ({**COURSE, "visits": [], "config": {"mood": 1}}, "no setting named mood"),
]


@pytest.mark.parametrize(("case", "words"), BAD)
def test_a_case_that_cannot_be_read_is_refused_by_name(case: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        run_case(case)
