"""Every row of the iRECIST decision tables, as courses through the engine."""

import json
from typing import Any

import pytest

from radiomics_tasks.analysis.conformance.case import plain
from radiomics_tasks.analysis.conformance.immune_tables import immune_table_row
from radiomics_tasks.analysis.conformance.run import cases_in
from tests.written_courses import golden

DOCUMENT = golden("decision_tables.json")
ROWS = [case for case in cases_in(DOCUMENT) if case["table"].startswith("irecist_")]


@pytest.mark.parametrize("case", ROWS, ids=[case["id"] for case in ROWS])
def test_row(case: dict[str, Any]) -> None:
    outcome = immune_table_row(case)
    assert plain(outcome.obtained) == plain(outcome.expected)
    assert outcome.is_met


def test_rows_are_all_there() -> None:
    assert len(ROWS) == 16 + 11 + 1 + 1
    assert sum(len(immune_table_row(case).expected) for case in ROWS) > 90


def test_an_unknown_table_is_not_met() -> None:
    assert not immune_table_row({"id": "x", "table": "irecist_mood", "row": 0, "document": {}}).is_met


def test_a_changed_row_is_noticed() -> None:
    changed = json.loads(json.dumps(DOCUMENT))
    changed["irecist_tp_open_iupd"]["rows"][2]["then"] = "iUPD"
    changed["irecist_tp_no_open_iupd"]["rows"][9][-1] = "iSD"
    changed["irecist_ibor_order"].reverse()
    missed = [case["id"] for case in cases_in(changed) if not _is_met(case)]
    assert missed == ["irecist_tp_no_open_iupd 10", "irecist_tp_open_iupd 3", "irecist_ibor_order 1"]


def _is_met(case: Any) -> bool:
    return not case["table"].startswith("irecist_") or immune_table_row(case).is_met
