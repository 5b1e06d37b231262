"""Rows of the iRECIST decision tables as courses: each row is run through the engine, not looked up."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.conformance.case import CaseOutcome
from radiomics_tasks.analysis.conformance.immune_cases import immune_case
from radiomics_tasks.analysis.criteria.immune_best import immune_best

Written = dict[str, Any]

BASELINE_ON = date(2024, 1, 1)
START, OPEN, ORDER, LABEL = (
    "irecist_tp_no_open_iupd",
    "irecist_tp_open_iupd",
    "irecist_ibor_order",
    "irecist_episode_label",
)


def _new(size: float | None = None, change: str = "SAME", key: str = "n1", **more: Any) -> Written:
    return {"id": key, "kind": "NLNT" if size is None else "NLT", "size": size, "change": change, **more}


def _seen(t_sum: float | None = None, nt: str = "NA", *nl: Written, **more: Any) -> Written:
    return {"t_sum": t_sum, "nt": nt, "nl": list(nl), **more}


GONE: Written = {"t_cr": True}
N1, N2, ABSENT, NE = _new(), _new(key="n2"), _new(change="ABSENT"), _new(change="NE")
SPLIT_OFF = [_seen(100, "NCNP", N1), _seen(60, "NCNP", N1)]
RESET = {"config": {"other_category_when_resolved": "reset_new_iupd"}}
AS_PRESENT = {"config": {"nl_not_evaluated": "as_present"}}
NO_TARGETS = {"base": None}
SOON = {"gap": 14}

# Row by row: the courses whose last visit the row decides, with the category it gives.
Course = tuple[str, str, list[Written], Written]
START_COURSES: list[list[Course]] = [
    [("20 % and 5 mm", "iUPD", [_seen(120)], {}), ("part of the targets", "iUPD", [_seen(t_partial=125)], {})],
    [("unequivocal", "iUPD", [_seen(100, "PD")], {}), ("no targets", "iUPD", [_seen(nt="PD")], NO_TARGETS)],
    [
        ("fresh", "iUPD", [_seen(60, "NA", N1)], {}),
        ("over its nadir", "iUPD", [_seen(99, "NA", _new(8)), _seen(60, "NA", _new(8)), _seen(60, "NA", _new(13))], {}),
        ("unequivocally worse", "iUPD", [*SPLIT_OFF, _seen(60, "NCNP", _new(change="INC", unequivocal=True))], {}),
    ],
    [
        ("3 mm", "iUPD", [_seen(0, **GONE), _seen(3)], {}),
        ("node of 15 mm", "iUPD", [_seen(8, **GONE), _seen(12, reappearance="DISEASE")], {}),
        ("non-target", "iUPD", [_seen(0, "CR", **GONE), _seen(0, "NCNP", **GONE)], {}),
    ],
    [("node of 12 mm", "EQUIVOCAL_REAPPEARANCE", [_seen(8, **GONE), _seen(12, reappearance="NODE_10_15")], {})],
    [
        ("NE", "NE", [*SPLIT_OFF, _seen(60, "NCNP", NE)], {}),
        ("no entry", "NE", [*SPLIT_OFF, _seen(60, "NCNP")], {}),
        ("as present", "iPR", [*SPLIT_OFF, _seen(0, "CR", NE, **GONE)], AS_PRESENT),
    ],
    [("iCR", "iCR", [_seen(0, "CR", **GONE)], {}), ("none at baseline", "iCR", [_seen(8, **GONE)], {})],
    [("new lesion left", "iPR", [*SPLIT_OFF, _seen(0, "CR", N1, **GONE)], {})],
    [("left", "iPR", [_seen(0, "NCNP", **GONE)], {}), ("NE", "iPR", [_seen(0, "NE", **GONE)], {})],
    [("70 of 100 mm", "iPR", [_seen(70, "NE")], {})],
    [("71 of 100 mm", "iSD", [_seen(71, "NCNP")], {}), ("119 of 100 mm", "iSD", [_seen(119, "CR")], {})],
    [("missing", "NE", [_seen(nt="NCNP")], {})],
    [("left", "NON-iCR/NON-iUPD", [_seen(nt="NCNP")], NO_TARGETS)],
    [("gone", "iCR", [_seen(nt="CR")], NO_TARGETS)],
    [("new lesion left", "iPR", [_seen(None, "NCNP", _new(20)), _seen(None, "NCNP", _new(10)),
                                 _seen(None, "CR", _new(10))], NO_TARGETS)],
    [("not evaluated", "NE", [_seen(nt="NE")], NO_TARGETS)],
]  # fmt: skip
OPEN_COURSES: dict[str, list[Course]] = {
    "1": [("symptom", "iCPD", [_seen(130), _seen(100, "NA", N1, unscheduled_symptom=True)], SOON)],
    "2": [
        ("worse", "iUPD", [_seen(130), _seen(150)], SOON),
        ("new lesion", "iUPD", [_seen(130), _seen(130, "NA", N1)], SOON),
        ("symptom alone", "iUPD", [_seen(130), _seen(150, unscheduled_symptom=True)], SOON),
    ],
    "3": [("5 mm", "iCPD", [_seen(130), _seen(135)], {}), ("below", "iCPD", [_seen(130), _seen(122), _seen(127)], {})],
    "4": [("any increase", "iCPD", [_seen(100, "PD"), _seen(60, "PD", nt_change="INC")], {})],
    "5": [
        ("measured", "iCPD", [_seen(100, "NA", _new(12)), _seen(60, "NA", _new(17))], {}),
        ("unmeasured", "iCPD", [_seen(100, "NA", N1), _seen(60, "NA", _new(change="INC"))], {}),
    ],
    "6": [
        ("additional", "iCPD", [_seen(100, "NA", N1), _seen(60, "NA", N1, N2)], {}),
        ("driver resolved", "iCPD", [_seen(130), _seen(60, "NA", N1)], {}),
    ],
    "7": [
        ("targets", "iCPD", [_seen(100, "PD"), _seen(130, "PD")], {}),
        ("non-targets", "iCPD", [_seen(130, "NCNP"), _seen(130, "PD")], {}),
        ("driver resolved", "iCPD", [_seen(130, "NCNP"), _seen(60, "PD")], {}),
    ],
    "8": [
        ("targets", "NE", [_seen(130), _seen()], {}),
        ("known part", "NE", [_seen(130), _seen(t_partial=110)], {}),
        ("new lesion", "NE", [_seen(100, "NA", N1), _seen(60, "NA", NE)], {}),
        ("no entry", "NE", [_seen(100, "NA", N1), _seen(60)], {}),
    ],
    "9": [
        ("iCR", "iCR", [_seen(130, "NCNP"), _seen(0, "CR", **GONE)], {}),
        ("iPR", "iPR", [_seen(100, "NCNP", N1), _seen(0, "CR", N1, **GONE)], {}),
        ("NT NE", "iPR", [_seen(130, "NCNP"), _seen(0, "NE", **GONE)], {}),
        ("5 mm lower", "iSD", [_seen(97, "NA", N1), _seen(92, "NA", N1)], {}),
        ("absent", "iSD", [_seen(100, "NA", N1), _seen(100, "NA", ABSENT)], {}),
        ("fewer", "iSD", [_seen(100, "NA", N1, N2), _seen(100, "NA", ABSENT, N2)], {}),
        ("smaller", "iSD", [_seen(100, "NA", _new(20)), _seen(100, "NA", _new(14))], {}),
        ("no targets", "NON-iCR/NON-iUPD", [_seen(nt="PD"), _seen(nt="NCNP")], NO_TARGETS),
    ],
    "9a": [
        ("driver", "NE", [_seen(100, "PD"), _seen(60, "NE")], {}),
        ("no targets", "NE", [_seen(None, "NCNP", N1), _seen(None, "NE", ABSENT)], NO_TARGETS),
    ],
    "10": [
        ("targets", "iUPD", [_seen(130), _seen(134)], {}),
        ("non-targets", "iUPD", [_seen(100, "PD"), _seen(60, "PD", nt_change="SAME")], {}),
        ("new lesion", "iUPD", [_seen(100, "NA", N1), _seen(96, "NA", N1)], {}),
        ("mixed", "iUPD", [_seen(97, "NA", _new(12)), _seen(60, "NA", _new(14))], {}),
    ],
}  # fmt: skip
LABEL_COURSES: dict[str, list[Course]] = {
    "TRUE_PD": [("confirmed", "", [_seen(130), _seen(135)], {})],
    "PSP_STRICT": [
        ("iPR", "", [_seen(130), _seen(70)], {}),
        ("iCR", "", [_seen(130), _seen(0, **GONE)], {}),
    ],
    "PSP_BROAD": [
        ("13 %", "", [_seen(130), _seen(113)], {}),
        ("new lesion 13 %", "", [_seen(100, "NA", _new(30)), _seen(100, "NA", _new(26))], {}),
        ("absent", "", [_seen(100, "NA", N1), _seen(100, "NA", ABSENT)], {}),
    ],
    "UNRESOLVED": [
        ("12.5 %", "", [_seen(128), _seen(112)], {}),
        ("again within 84 days", "", [_seen(130), _seen(108), _seen(130)], {}),
        ("reset and a new iUPD at once", "", [_seen(130), _seen(60, "NA", N1)], RESET),
    ],
    "OPEN": [("no more", "", [_seen(130)], {}), ("unchanged", "", [_seen(130), _seen(130)], {})],
}  # fmt: skip


def immune_table_row(case: Mapping[str, Any]) -> CaseOutcome:
    """One row of a decision table: courses that it decides, with category, label or rule from the engine.

    `case["table"]` names the table, `case["document"]` is the table, `case["row"]` the number of the row. What
    is expected is what the row says; a row that no course is known for is not met.
    """
    answers = dict(_answers(case["table"], case["document"], case["row"]))
    expected = {label: one for label, (one, _) in answers.items()}
    obtained = {label: other for label, (_, other) in answers.items()}
    return CaseOutcome(case["id"], case.get("title", ""), expected or {"row": "known"}, obtained)


def _answers(table: str, document: Any, number: int) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if table == ORDER:
        yield from _order(document)
    elif table == LABEL:
        for label in document:
            for course in LABEL_COURSES.get(label, ()):
                yield f"{label}: {course[0]}", (label, _run(course).obtained["labels"][0])
    elif table in {START, OPEN}:
        row = document["rows"][number]
        said = row["then"] if table == OPEN else row[-1]
        rule = f"IRECIST_OPEN_{str(row['n']).upper()}" if table == OPEN else f"IRECIST_START_{number + 1}"
        for course in OPEN_COURSES[str(row["n"])] if table == OPEN else START_COURSES[number]:
            outcome = _run(course)
            category, found = outcome.obtained["tp"][-1], outcome.obtained["rules"][-1]
            is_other_setting = "config" in course[3]  # another row decides then; this one only names the setting
            expected = {"category": course[1] if is_other_setting or _says(said, course[1]) else said, "rule": rule}
            yield course[0], (expected, {"category": category, "rule": rule if is_other_setting else found})


def _says(text: str, category: str) -> bool:
    """Whether the row names the category, not merely a word that contains it."""
    return category in re.split(r"[\s(),:;]+|(?<!NON-iCR)/", text)


def _order(document: list[str]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    words = [ResponseCategory(word) for word in document]
    on = BASELINE_ON + timedelta(days=84)
    for number, better in enumerate(words):
        for worse in words[number:]:
            yield f"{better} before {worse}", (better, immune_best([(on, worse), (on, better)], BASELINE_ON))


def _run(course: Course) -> CaseOutcome:
    """The course through the engine: visits 42 days apart, the last one after `gap` days where it says so."""
    label, _, visits, more = course
    days = [42 * number for number in range(1, len(visits) + 1)]
    days[-1] = days[-1] - 42 + more.get("gap", 42)
    dated = [
        {**visit, "date": (BASELINE_ON + timedelta(days=day)).isoformat()}
        for visit, day in zip(visits, days, strict=True)
    ]
    baseline = {"date": BASELINE_ON.isoformat(), "t_sum": more.get("base", 100)}
    case = {"id": label, "baseline": baseline, "visits": dated, "expect": {}, "config": more.get("config", {})}
    return immune_case(case)
