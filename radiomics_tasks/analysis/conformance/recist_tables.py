"""Rows of the RECIST 1.1 decision tables as courses: each row is run through the engine, not looked up."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

from radiomics_tasks.analysis.conformance.case import CaseOutcome
from radiomics_tasks.analysis.conformance.recist_cases import recist_case

Written = dict[str, Any]

BASELINE_ON = date(2024, 1, 1)
# In this order each one keeps its meaning after the one before: 80 mm over a nadir of 70 mm is still SD.
TARGET_MM: dict[str, Any] = {"CR": "ABSENT", "PR": 70, "SD": 80, "PD": 130, "NE": None}
VALUES = {
    "target": tuple(TARGET_MM),
    "nontarget": ("CR", "NCNP", "PD", "NE", "NA"),
    "new": ("NO", "EQ", "YES", "NE"),
}
LESION = [["T1", "liver", False, 100]]
NODES = [["N1", "lymph node", True, 18], ["N2", "lymph node", True, 16]]


def recist_table_row(case: Mapping[str, Any]) -> CaseOutcome:
    """One row of a decision table: every course that it decides, with the engine's answer.

    `case["table"]` names the table, `case["document"]` is the table, `case["row"]` the number of the row. A row
    that nobody knows how to make a course of is expected to be answered, and is not.
    """
    scenarios = _SCENARIOS.get(case["table"])
    expected: dict[str, Any] = {}
    obtained: dict[str, Any] = {}
    for scenario in scenarios(case["document"], case["row"]) if scenarios else ():
        outcome = recist_case(scenario)
        expected[outcome.case_id] = dict(outcome.expected)
        obtained[outcome.case_id] = {key: outcome.obtained[key] for key in outcome.expected}
    return CaseOutcome(case["id"], case.get("title", ""), expected or {"row": "known"}, obtained)


def _course(label: str, targets: list[Any], visits: list[Written], expect: Written) -> Written:
    """A written course; visits 56 days apart unless they say on which `day`."""
    dated = [
        {**visit, "date": (BASELINE_ON + timedelta(days=visit.get("day", 56 * number))).isoformat()}
        for number, visit in enumerate(visits, start=1)
    ]
    baseline = {"date": BASELINE_ON.isoformat(), "targets": targets}
    return {"id": label, "baseline": baseline, "visits": dated, "expect": expect}


def _overall(document: Mapping[str, Any], number: int) -> Iterator[Written]:
    """Everything that the row matches and no row before it."""
    inputs, rows = document["inputs"], document["rows"]
    choices = [VALUES[name] for name in inputs]
    if inputs == ["nontarget", "new"]:
        choices[0] = tuple(value for value in choices[0] if value != "NA")
    for found in product(*choices):
        matching = [n for n, row in enumerate(rows) if _fits(row[:-1], found)]
        if matching[0] != number:
            continue
        seen = dict(zip(inputs, found, strict=True))
        visit: Written = {"nt": seen.get("nontarget", "NA"), "new": seen["new"]}
        if "target" in seen:
            visit["targets"] = {"T1": TARGET_MM[seen["target"]]}
        targets = LESION if "target" in seen else []
        yield _course("/".join(found), targets, [visit], {"overall": [rows[number][-1]]})


def _fits(patterns: list[str], found: tuple[str, ...]) -> bool:
    return all(pattern == "*" or one in pattern.split("|") for pattern, one in zip(patterns, found, strict=True))


def _confirmed(document: Mapping[str, Any], number: int) -> Iterator[Written]:
    """Both visits 28 days apart, the first once after and once before the least duration of SD."""
    first, second, then = document["rows"][number]
    late, _, rest = then.partition(" if min_sd")
    early = late if not rest else rest.split("else ")[-1] if "else " in rest else "PD"
    for label, day, confirmed in (("SD long enough", 56, late), ("SD too short", 30, early)):
        sizes = [{"T1": TARGET_MM[category]} for category in (first, second)]
        visits: list[Written] = [{"day": day, "targets": sizes[0]}, {"day": day + 28, "targets": sizes[1]}]
        yield _course(label, LESION, visits, {"cbor": confirmed})
    if "re-reading" in then:
        visits = [{"targets": {"N1": 9, "N2": 8}}, _nodes(11, 8, reader="REREAD_PR")]
        yield _course("re-read", NODES, visits, {"cbor": "PR"})


def _nodes(first_mm: float, second_mm: float, reader: str = "", **judged: str) -> Written:
    decided = {"reader": {"reappearance": reader}} if reader else {}
    return {"targets": {"N1": first_mm, "N2": second_mm}, **decided, **judged}


def _lesion(size: Any, reader: str = "", **judged: str) -> Written:
    decided = {"reader": {"reappearance": reader}} if reader else {}
    return {"targets": {"T1": size}, **decided, **judged}


# For the beginning of each row's condition: what a second visit, after a CR, may show, and the flags it brings.
BACK = ["DISEASE_AFTER_CR"]
ASK = ["EQUIVOCAL_REAPPEARANCE", "ADJUDICATE"]
AFTER_CR: dict[str, list[tuple[str, Written, list[str]]]] = {
    "reader: PD": [("node", _nodes(11, 8, "PD"), BACK), ("lesion", _lesion(3, "PD"), BACK)],
    "reader: equivocal": [("node", _nodes(11, 8, "EQ"), ASK), ("lesion", _lesion(3, "EQ"), ASK)],
    "target PD": [
        ("sum", _lesion(60), BACK),
        ("nodes", _nodes(14, 14), BACK),
        ("non-target", _lesion("ABSENT", nt="PD"), BACK),
        ("new", _lesion("ABSENT", nt="CR", new="YES"), []),
    ],
    "a non-nodal target": [
        ("3 mm", _lesion(3), BACK),
        ("too small", _lesion("TSTM"), BACK),
        ("node", _nodes(15, 2), BACK),
        ("non-target", _lesion("ABSENT", nt="NCNP"), BACK),
    ],
    "only node(s)": [("10 mm", _nodes(10, 8), ASK), ("14.9 mm", _nodes(12, 9.9), ASK)],
    "nothing is back": [("not evaluated", _lesion("ABSENT", nt="NE"), ["NOT_EVALUATED_AFTER_CR"])],
}


def _after_cr(document: Mapping[str, Any], number: int) -> Iterator[Written]:
    row = document["rows"][number]
    if row["when"].startswith("reader: earlier CR"):
        expect = {"overall": ["PR", "PR"], "flags": [["CR_REREAD_AS_PR"], []]}
        yield _course("re-read", NODES, [_nodes(9, 8), _nodes(11, 8, "REREAD_PR")], expect)
    category = row["then"].split(",")[0].split(" (")[0]
    for beginning, scenarios in AFTER_CR.items():
        if row["when"].startswith(beginning):
            for label, visit, flags in scenarios:
                is_node = "N1" in visit["targets"]
                gone = _nodes(9, 8) if is_node else _lesion("ABSENT", **({"nt": "CR"} if "nt" in visit else {}))
                expect = {"overall": ["CR", category], "flags": [[], flags]}
                yield _course(label, NODES if is_node else LESION, [gone, visit], expect)


def _persistence(_document: Mapping[str, Any], _number: int) -> Iterator[Written]:
    """The published example, under both settings."""
    visits = [_lesion(size) for size in (70, 70, 80, 80, 80)]
    yield _course("recist_group", LESION, visits, {"overall": ["PR"] * 5, "cbor": "PR"})
    strict = _course("strict", LESION, visits, {"overall": ["PR", "PR", "SD", "SD", "SD"], "cbor": "PR"})
    yield {**strict, "config": {"pr_persistence": "strict"}}


_SCENARIOS: dict[str, Callable[[Mapping[str, Any], int], Iterator[Written]]] = {
    "recist11_overall_with_targets": _overall,
    "recist11_overall_nontarget_only": _overall,
    "recist11_overall_no_disease_at_baseline": _overall,
    "recist11_bor_confirmed": _confirmed,
    "recist11_after_cr": _after_cr,
    "recist11_pr_persistence": _persistence,
}
