"""Every published visit of studies 1 to 3: the target response beside a plain calculation of its own."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from patients.words.reading_words import SizeState
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, Target, TargetSeen
from tests.measured_elsewhere import Row, ghaffari

COUNTED = {"NE": None, "TSTM": Decimal(5), "ABSENT": Decimal(0)}


def size_of(row: Row) -> Decimal | None:
    return COUNTED[row["state"]] if row["state"] in COUNTED else Decimal(row["diameter_mm"])


def by_hand(sizes: Sequence[Decimal | None]) -> Iterator[str]:
    """One non-nodal target: the first size is the baseline."""
    baseline = nadir = sizes[0]
    for size in sizes[1:]:
        if size is None:
            yield "NE"
            continue
        grows = size - nadir >= 5 and 5 * (size - nadir) >= nadir
        shrinks = 10 * (baseline - size) >= 3 * baseline
        yield "CR" if size == 0 else "PD" if grows else "PR" if shrinks else "SD"
        nadir = min(nadir, size)


def course_of(rows: Sequence[Row]) -> JudgedCourse:
    visits = tuple(
        JudgedVisit(date.fromisoformat(row["date"]), (TargetSeen("1", size_of(row), SizeState(row["state"])),))
        for row in rows[1:]
    )
    return JudgedCourse(date.fromisoformat(rows[0]["date"]), (Target("1", "LUNG", False, size_of(rows[0])),), visits)


def test_every_published_visit_is_called_as_by_hand(data_dir):
    courses: dict[str, list[Row]] = {}
    for row in ghaffari(data_dir):
        courses.setdefault(row["patient"], []).append(row)
    differing, visits = [], 0
    for patient, rows in courses.items():
        obtained = [result.target.category.value for result in overall_results(course_of(rows))]
        visits += len(obtained)
        if obtained != list(by_hand([size_of(row) for row in rows])):
            differing.append(patient)
    assert (differing, len(courses), visits) == ([], 628, 2967)
