"""Every written RECIST 1.1 course, with each value it expects, and the published tables beside them."""

import csv
from typing import Any

import pytest

from radiomics_tasks.analysis.conformance.case import plain
from radiomics_tasks.analysis.conformance.recist_cases import recist_case
from tests.written_courses import LESION, at, best, categories, day, golden, overall

VECTORS = golden("recist11_vectors.json")


@pytest.mark.parametrize("case", VECTORS, ids=[case["id"] for case in VECTORS])
def test_vector(case: dict[str, Any]) -> None:
    outcome = recist_case(case)
    obtained = plain({key: outcome.obtained[key] for key in outcome.expected})
    assert obtained == plain(outcome.expected)
    assert outcome.is_met


def test_vectors_are_all_there() -> None:
    assert len(VECTORS) == 101
    assert sum(len(case["expect"]) for case in VECTORS) == 228


def test_a_wrong_expectation_is_noticed() -> None:
    case = VECTORS[0]
    outcome = recist_case({**case, "expect": {**case["expect"], "overall": ["SD"], "mood": "good"}})
    assert outcome.agrees == {"target": True, "overall": False, "sum": True, "mood": False}
    assert not outcome.is_met


# The four cases that a well-known open implementation calls wrong.
TWO = [["T1", "liver", False, 40], ["T2", "lung", False, 40]]
TEXTBOOK = [
    ([["T1", "liver", False, 100]], [50, 70], ["PR", "PD"]),
    (TWO, [[40, None]], ["NE"]),
    ([["T1", "liver", False, 12]], [15], ["SD"]),
    ([["T1", "lymph node", True, 20]], [9], ["CR"]),
]


@pytest.mark.parametrize(("targets", "visits", "expected"), TEXTBOOK, ids=["nadir", "missing", "5 mm", "node"])
def test_textbook_case(targets: list[Any], visits: list[Any], expected: list[str]) -> None:
    assert categories(overall(targets, *visits)) == expected


def published(data_dir, name: str) -> list[dict[str, str]]:
    with (data_dir / "recist" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def vignette(row: dict[str, str]) -> Any:
    """Sums become two targets of half each; where a target is missing the other one carries the sum."""
    sums = [None if text == "NA" else float(text) for text in row["lesion_sums_mm"].split("|")]
    gone = row["all_nodes_below_10mm_others_absent"].split("|")
    missing = row["any_missing"].split("|")
    are_nodes = any(flag == "Y" and size for flag, size in zip(gone, sums, strict=True))
    targets = [["T1", "a", are_nodes, sums[0] / 2], ["T2", "b", are_nodes, sums[0] / 2]]
    visits = [
        [size, None] if flag == "Y" else [size / 2, size / 2] for size, flag in zip(sums[1:], missing[1:], strict=True)
    ]
    return targets, visits


def test_vignettes_of_the_target_response(data_dir) -> None:
    rows = published(data_dir, "target_response_vignettes")
    assert [row["id"] for row in rows] == [f"V{number:02}" for number in range(1, 17)]
    for row in rows:
        targets, visits = vignette(row)
        results = overall(targets, *visits)
        called = ["BASELINE", *(result.target.category.value for result in results)]
        assert "|".join(called) == row["expected_sequence"], row["id"]


NON_TARGET = {
    "CR": ["CR"],
    "Non-CR/Non-PD": ["NCNP"],
    "Not evaluated": ["NE"],
    "Non-PD or not all evaluated": ["CR", "NCNP", "NE", "NA"],
    "Not all evaluated": ["NE"],
    "Non-PD": ["CR", "NCNP", "NA"],
    "Any": ["CR", "NCNP", "NE", "PD"],
    "PD": ["PD"],
    "Unequivocal PD": ["PD"],
}
TARGET: dict[str, list[Any]] = {
    "CR": [0],
    "PR": [60],
    "SD": [100],
    "PD": [130],
    "Not all evaluated": [None],
    "Any": [0, 60, 100, 130, None],
}
CODES = {"Non-CR/Non-PD": "NON_CR_NON_PD"}
NEW = {"No": ["NO"], "Yes": ["YES"], "Yes or No": ["NO", "YES"]}


def test_published_table_with_targets(data_dir) -> None:
    for row in published(data_dir, "recist11_timepoint_with_target"):
        for size in TARGET[row["target"]]:
            for nt in NON_TARGET[row["non_target"]]:
                for new in NEW[row["new_lesions"]]:
                    (result,) = overall(LESION, at(size, nt=nt, new=new))
                    assert result.category == row["overall"], (row, size, nt, new)


def test_published_table_of_non_targets_only(data_dir) -> None:
    for row in published(data_dir, "recist11_timepoint_non_target_only"):
        for nt in NON_TARGET[row["non_target"]]:
            for new in NEW[row["new_lesions"]]:
                (result,) = overall([], {"nt": nt, "new": new})
                assert result.category == CODES.get(row["overall"], row["overall"]), (row, nt, new)


def test_published_table_of_best_responses(data_dir) -> None:
    """Both visits 28 days apart, the first once after and once before the least duration of SD."""
    size = {"CR": 0, "PR": 70, "SD": 80, "PD": 130, "NE": None}
    for row in published(data_dir, "recist11_best_overall_confirmed"):
        for first in (30, 56):
            visits = at(size[row["first"]], date=day(first)), at(size[row["second"]], date=day(first + 28))
            assert best(LESION, *visits).confirmed.value in row["bor"].replace(",", "").split(" "), row
