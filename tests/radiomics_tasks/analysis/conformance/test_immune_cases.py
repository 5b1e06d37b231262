"""Every written iRECIST course, with each value it expects, and the vignettes beside them."""

import csv
from datetime import date, timedelta
from typing import Any

import pytest

from radiomics_tasks.analysis.conformance.case import plain
from radiomics_tasks.analysis.conformance.immune_cases import ibor_case, immune_case
from tests.written_courses import golden

VECTORS = golden("irecist_vectors.json")
TABLE_3 = golden("irecist_ibor_table3.json")
NEW = [{"id": "n1", "kind": "NLNT"}, {"id": "n2", "kind": "NLNT"}]
# One visit for each word of a vignette.
VISITS: dict[str, dict[str, Any]] = {
    "SD": {"t_sum": 100, "nt": "NCNP"},
    "PR": {"t_sum": 60, "nt": "NCNP"},
    "PD": {"t_sum": 125, "nt": "NCNP"},
    "NE": {"t_sum": None, "nt": "NCNP"},
    "PD(no further worsening)": {"t_sum": 125, "nt": "NCNP"},
    "PD(worse: sum +5 mm or more)": {"t_sum": 130, "nt": "NCNP"},
    "PD(worse)": {"t_sum": 130, "nt": "NCNP"},
    "PD(new lesion)": {"t_sum": 100, "nt": "NCNP", "nl": NEW[:1]},
    "PD(additional new lesion)": {"t_sum": 100, "nt": "NCNP", "nl": NEW},
    "PD(last assessment; patient dies/withdrawn)": {"t_sum": 125, "nt": "NCNP"},
    "PD(non-target unequivocal)": {"t_sum": 60, "nt": "PD"},
    "PD(target now PD too)": {"t_sum": 75, "nt": "PD"},
}


@pytest.mark.parametrize("case", VECTORS, ids=[case["id"] for case in VECTORS])
def test_vector(case: dict[str, Any]) -> None:
    outcome = immune_case(case)
    obtained = plain({key: outcome.obtained[key] for key in outcome.expected})
    assert obtained == plain(outcome.expected)
    assert outcome.is_met


@pytest.mark.parametrize("case", TABLE_3, ids=[case["id"] for case in TABLE_3])
def test_best_response_of_the_published_table(case: dict[str, Any]) -> None:
    assert ibor_case(case).is_met


def test_vectors_are_all_there() -> None:
    assert (len(VECTORS), len(TABLE_3)) == (74, 8)
    assert sum(len(case["expect"]) for case in VECTORS) == 180


def test_a_wrong_expectation_is_noticed() -> None:
    case = VECTORS[1]
    outcome = immune_case({**case, "expect": {**case["expect"], "labels": ["PSP_BROAD"], "mood": "good"}})
    assert [key for key, agrees in outcome.agrees.items() if not agrees] == ["labels", "mood"]
    assert not ibor_case({**TABLE_3[0], "ibor": "iPR"}).is_met


def test_vignettes(data_dir) -> None:
    with (data_dir / "recist" / "irecist_vignettes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    for row in rows:
        visits = []
        for words, week in zip(row["recist_like_sequence"].split("|"), row["weeks"].split("|"), strict=True):
            on = date(2024, 1, 1) + timedelta(weeks=int(week))
            visits.append({"date": on.isoformat(), **VISITS[words]})
        baseline = {"date": "2024-01-01", "t_sum": 100}
        expected = [word.split(";")[0] for word in row["expected_irecist"].split("|")]
        outcome = immune_case({"id": row["id"], "baseline": baseline, "visits": visits, "expect": {"tp": expected}})
        assert plain(outcome.obtained["tp"]) == expected, row["id"]
