"""Courses for tests of the criteria, written as the cases of tests/golden are: sizes and judgements, no rows."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from radiomics_tasks.analysis.conformance.recist_cases import course_of
from radiomics_tasks.analysis.criteria.best import BestResponse, best_response
from radiomics_tasks.analysis.criteria.overall import OverallResult, overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import JudgedCourse

BASELINE_ON = date(2024, 1, 1)
LESION = [["T1", "liver", False, 100]]
NODES = [["T1", "lymph node", True, 18], ["T2", "lymph node", True, 16]]
GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> Any:
    """One of the files of written cases."""
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def day(number: int) -> str:
    """The date so many days after the baseline, as it is written."""
    return (BASELINE_ON + timedelta(days=number)).isoformat()


def course(targets: list[Any], *visits: Any, **baseline: str) -> JudgedCourse:
    """Visits 56 days apart unless dated: each the size of T1, the sizes of all, or a written visit."""
    rows = []
    for number, visit in enumerate(visits, start=1):
        row = visit if isinstance(visit, dict) else {"targets": _sizes(targets, visit)}
        rows.append({"date": day(56 * number), **row})
    return course_of({"baseline": {"date": day(0), "targets": targets, **baseline}, "visits": rows})


def at(sizes: Any, targets: list[Any] | None = None, **judged: Any) -> dict[str, Any]:
    """A written visit: the sizes with judgements beside them."""
    return {"targets": _sizes(LESION if targets is None else targets, sizes), **judged}


def _sizes(targets: list[Any], sizes: Any) -> dict[str, Any]:
    values = sizes if isinstance(sizes, list) else [sizes]
    return dict(zip([target[0] for target in targets], values, strict=False))


def overall(targets: list[Any], *visits: Any, **settings: Any) -> tuple[OverallResult, ...]:
    """The overall responses of such a course under a protocol."""
    return overall_results(course(targets, *visits), Protocol().with_settings(settings))


def best(targets: list[Any], *visits: Any, **settings: Any) -> BestResponse:
    """The best response of such a course under a protocol."""
    protocol = Protocol().with_settings(settings)
    found = course(targets, *visits)
    return best_response(found, overall_results(found, protocol), protocol)


def categories(results: tuple[OverallResult, ...]) -> list[str]:
    """The overall responses, called."""
    return [result.category.value for result in results]


def finals(results: tuple[OverallResult, ...]) -> list[str]:
    """The overall responses once later visits are known."""
    return [result.final.value for result in results]
