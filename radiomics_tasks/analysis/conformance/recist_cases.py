"""Written RECIST 1.1 cases: courses and rows of the decision tables, run through the engine."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from patients.words.reading_words import NewDisease, NonTarget, Reappearance, SizeState
from radiomics_tasks.analysis.conformance.case import CaseOutcome
from radiomics_tasks.analysis.criteria.best import best_response
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, Target, TargetSeen


def recist_case(case: Mapping[str, Any]) -> CaseOutcome:
    """One course of sizes and judgements, with everything the engine says about it.

    `case["baseline"]["targets"]` lists key, organ, whether it is a node, and mm; `case["visits"]` have `date`,
    `targets` (mm, "ABSENT", "TSTM", null, {"parts": […]} or {"merged_into": key}; no entry is not evaluable),
    `nt`, `new` and the reader's decisions; `case["config"]` are settings of the protocol.
    """
    protocol = Protocol().with_settings(case.get("config", {}))
    course = course_of(case)
    results = overall_results(course, protocol)
    best = best_response(course, results, protocol)
    obtained = {
        "target": [result.target.category for result in results],
        "overall": [result.category for result in results],
        "overall_final": [result.final for result in results],
        "sum": [result.target.sum_mm for result in results],
        "nadir": [result.target.nadir_mm for result in results],
        "flags": [result.flags for result in results],
        "assessment_dates": [result.assessed_on for result in results],
        "rule": [result.rule for result in results],
        "bor": best.best,
        "cbor": best.confirmed,
        "response_date": best.responded_on,
        "pd_date": best.progressed_on,
    }
    return CaseOutcome(case["id"], case.get("title", ""), case["expect"], obtained)


def course_of(case: Mapping[str, Any]) -> JudgedCourse:
    """The judged course that a written case describes."""
    baseline, visits = case["baseline"], case["visits"]
    targets = tuple(Target(key, organ, is_node, millimetres(mm)) for key, organ, is_node, mm in baseline["targets"])
    return JudgedCourse(
        baseline_on=date.fromisoformat(baseline["date"]),
        targets=targets,
        visits=tuple(_visit(visit) for visit in visits),
        has_non_targets=any(visit.get("nt", "NA") != "NA" for visit in visits),
        regions_with_disease=tuple(dict.fromkeys(target.organ for target in targets)),
        treatment_start=_day(baseline.get("treatment_start")),
        randomised_on=_day(baseline.get("randomisation")),
    )


def millimetres(written: float | None) -> Decimal | None:
    """A written size as an exact decimal.

    >>> millimetres(8.2) - millimetres(3.2)
    Decimal('5.0')
    """
    return None if written is None else Decimal(repr(written))


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _visit(visit: Mapping[str, Any]) -> JudgedVisit:
    scans = visit.get("scan_dates", {})
    days = {key: date.fromisoformat(day) for key, day in scans.get("targets", {}).items()}
    first_on = date.fromisoformat(visit["date"])
    new_on = _day(scans.get("new"))
    decided = visit.get("reader", {}).get("reappearance")
    return JudgedVisit(
        on=max([first_on, *days.values(), *([new_on] if new_on else [])]),
        targets=tuple(
            seen_target(key, written, days.get(key, first_on)) for key, written in visit.get("targets", {}).items()
        ),
        non_target=NonTarget(visit.get("nt", "NA")),
        new=NewDisease(visit.get("new", "NO")),
        new_on=new_on,
        confirms_equivocal=visit.get("confirms_equivocal", False),
        equivocal_resolved=visit.get("equivocal_resolved", False),
        regions_not_scanned=tuple(visit.get("regions_not_scanned", ())),
        reappearance=Reappearance(decided) if decided else None,
        is_merged_cr_confirmed=visit.get("merged_cr_confirmed", False),
    )


def seen_target(key: str, written: Any, on: date) -> TargetSeen:
    """One target as it is written in a case.

    >>> seen_target("T1", {"parts": [18, 15]}, date(2024, 1, 1)).size_mm
    Decimal('33')
    """
    match written:
        case None:
            return TargetSeen(key, None, SizeState.NOT_EVALUABLE, on=on)
        case "ABSENT":
            return TargetSeen(key, Decimal(0), SizeState.ABSENT, on=on)
        case "TSTM":
            return TargetSeen(key, Protocol().too_small_mm, SizeState.TOO_SMALL, on=on)
        case {"parts": parts}:
            total = sum((Decimal(repr(part)) for part in parts), Decimal(0))
            return TargetSeen(key, total, SizeState.SPLIT, on=on)
        case {"merged_into": into}:
            return TargetSeen(key, Decimal(0), SizeState.MERGED, into, on)
    return TargetSeen(key, Decimal(repr(written)), on=on)
