"""The written cases of iRECIST, run through the engine: every expected value with the one obtained."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from patients.vocabulary import ResponseCategory
from patients.words.reading_words import NewLesionKind, NonTarget, SizeState, Trend
from radiomics_tasks.analysis.conformance.case import CaseOutcome
from radiomics_tasks.analysis.criteria.immune import ImmuneCourse, immune_results
from radiomics_tasks.analysis.criteria.immune_best import counted, immune_best, immune_summary
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, NewLesionSeen

STATES = {"ABSENT": SizeState.ABSENT, "NE": SizeState.NOT_EVALUABLE, "TSTM": SizeState.TOO_SMALL}
VISIT_DAYS = 42
ANY_DAY = date(2024, 1, 1)


def immune_case(case: Mapping[str, Any]) -> CaseOutcome:
    """A case of irecist_vectors.json: a baseline, visits with sums and judgements, what is expected of them.

    Examples
    --------
    >>> visits = [{"date": "2024-02-12", "t_sum": 125}, {"date": "2024-03-25", "t_sum": 130}]
    >>> baseline = {"date": "2024-01-01", "t_sum": 100}
    >>> case = {"id": "X", "baseline": baseline, "visits": visits, "expect": {"tp": ["iUPD", "iCPD"]}}
    >>> immune_case(case).agrees
    {'tp': True}
    """
    protocol = Protocol().with_settings(case.get("config", {}))
    baseline = case["baseline"]
    start = baseline.get("treatment_start")
    course = immune_results(
        date.fromisoformat(baseline["date"]),
        _mm(baseline["t_sum"]),
        [_visit(visit) for visit in case["visits"]],
        protocol,
        treatment_start=date.fromisoformat(start) if start else None,
    )
    return CaseOutcome(case["id"], case.get("title", ""), case["expect"], _obtained(course, protocol))


def ibor_case(case: Mapping[str, Any]) -> CaseOutcome:
    """A case of irecist_ibor_table3.json: categories visit by visit (42 days apart), and the best of them."""
    words = ["POST_iCPD" if word == "POST" else word for word in case["tp"]]
    days = [ANY_DAY + timedelta(days=VISIT_DAYS * number) for number in range(1, len(words) + 1)]
    series = counted([(on, ResponseCategory(word)) for on, word in zip(days, words, strict=True)])
    obtained = {"tp": case["tp"], "ibor": immune_best(series, ANY_DAY)}
    return CaseOutcome(case["id"], "Seymour 2017, Table 3", {"ibor": case["ibor"]}, obtained)


def _obtained(course: ImmuneCourse, protocol: Protocol) -> dict[str, Any]:
    summary = immune_summary(course, protocol)
    blocks = [
        {"start": block.opened_on, "drivers": block.drivers, "outcome": block.outcome} for block in summary.blocks
    ]
    return {
        "tp": [result.category for result in course.visits],
        "flags": [result.flags for result in course.visits],
        "rules": [result.rule for result in course.visits],
        "alternative": [result.alternative for result in course.visits],
        "blocks": blocks,
        "labels": [block.label for block in summary.blocks],
        "ibor": summary.best,
        "ibor_confirmed": summary.confirmed_best,
        "icpd_date": summary.confirmed_progression_on,
        "ipfs_event": summary.progression,
        "first_seen": course.first_seen,
    }


def _visit(entry: Mapping[str, Any]) -> ImmuneVisit:
    change = entry.get("nt_change")
    return ImmuneVisit(
        on=date.fromisoformat(entry["date"]),
        sum_mm=_mm(entry.get("t_sum")),
        partial_mm=_mm(entry.get("t_partial")),
        are_targets_gone=entry.get("t_cr", False),
        non_target=NonTarget(entry.get("nt", "NA")),
        non_target_trend=Trend(change) if change else None,
        new_lesions=tuple(_new_lesion(lesion) for lesion in entry.get("nl", ())),
        is_for_symptom=entry.get("unscheduled_symptom", False),
        reappearance=entry.get("reappearance", ""),
        is_read=entry.get("read", True),
    )


def _new_lesion(entry: Mapping[str, Any]) -> NewLesionSeen:
    size_mm, change = _mm(entry.get("size")), entry.get("change", "SAME")
    present = SizeState.PRESENT if size_mm is None else SizeState.MEASURED
    return NewLesionSeen(
        key=entry["id"],
        kind=NewLesionKind(entry["kind"]),
        state=STATES.get(change, present),
        size_mm=size_mm,
        trend=Trend.SAME if change in STATES else Trend(change),
        is_unequivocal=entry.get("unequivocal", False),
    )


def _mm(number: Any) -> Decimal | None:
    return None if number is None else Decimal(repr(number))
