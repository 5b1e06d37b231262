"""Every row of the RECIST 1.1 decision tables, as courses through the engine."""

import json
from typing import Any

import pytest

from radiomics_tasks.analysis.conformance.case import plain
from radiomics_tasks.analysis.conformance.recist_tables import recist_table_row
from radiomics_tasks.analysis.criteria.rules import tables
from tests.written_courses import golden

DOCUMENT = golden("decision_tables.json")
ROWS = [
    {"id": f"{name} {number}", "table": name, "row": number, "document": document}
    for name, document in DOCUMENT.items()
    if name.startswith("recist11")
    for number in range(len(document.get("rows", [None])))
]


@pytest.mark.parametrize("case", ROWS, ids=[case["id"] for case in ROWS])
def test_row(case: dict[str, Any]) -> None:
    outcome = recist_table_row(case)
    assert plain(outcome.obtained) == plain(outcome.expected)
    assert outcome.is_met


def test_every_combination_of_the_three_tables_is_decided() -> None:
    numbers = {"recist11_overall_with_targets": 100, "recist11_overall_nontarget_only": 16}
    numbers["recist11_overall_no_disease_at_baseline"] = 4
    for name, number in numbers.items():
        assert sum(len(recist_table_row(case).expected) for case in ROWS if case["table"] == name) == number


def test_our_tables_are_the_published_ones() -> None:
    for name, table in tables.TABLES.items():
        assert list(table.inputs) == DOCUMENT[name]["inputs"]
        assert [[*row.when, row.then.value] for row in table.rows] == DOCUMENT[name]["rows"]


def test_every_row_has_a_rule_and_a_source() -> None:
    rows = [row for table in tables.TABLES.values() for row in table.rows]
    assert all(row.rule.isupper() and row.source for row in rows)
    assert all(tables.SOURCES.values())


def test_an_unknown_table_is_not_met() -> None:
    outcome = recist_table_row({"id": "x 0", "table": "x", "row": 0, "document": {"rows": [[]]}})
    assert not outcome.is_met


def test_a_changed_row_is_noticed() -> None:
    changed = json.loads(json.dumps(DOCUMENT["recist11_overall_with_targets"]))
    changed["rows"][6][-1] = "CR"
    case = {"id": "changed", "table": "recist11_overall_with_targets", "row": 6, "document": changed}
    assert not recist_table_row(case).is_met


def test_an_unknown_condition_after_cr_is_not_met() -> None:
    document = {"rows": [{"when": "the moon is full", "then": "PD"}]}
    assert not recist_table_row({"id": "x", "table": "recist11_after_cr", "row": 0, "document": document}).is_met
