"""Every course of three visits over a few changes of each kind, called under both criteria, counted and explained.

One non-nodal target of 25 mm, where 20 % is exactly 5 mm, changes by -40 %, -10 %, 0, +4 mm, +5 mm or +25 % since
the visit before; the non-targets are gone, still there, worse (than last time, too) or not evaluated; of new lesions
there is none to tell, another one (10 mm), growth of all known ones (by 5 mm), nothing left, or nothing was
evaluated. Visits are 42 days apart. `python -m tests.every_course` prints the table of counts.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from multiprocessing import get_context

from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, SizeState, Trend
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.irecist.states import ImmuneResult
from radiomics_tasks.analysis.criteria.overall import OverallResult, overall_results
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, NewLesionSeen, Target, TargetSeen
from radiomics_tasks.analysis.response.sentences import immune_sentences, overall_sentences
from tests import by_hand

BASELINE_ON = date(2024, 1, 1)
DAYS = 42
VISITS = 3
TARGET = Target("T1", "liver", False, Decimal(25))
SIZE_CHANGES = ("-40 %", "-10 %", "0", "+4 mm", "+5 mm", "+25 %")
NON_TARGETS = (NonTarget.CR, NonTarget.NCNP, NonTarget.PD, NonTarget.NE)
NEW = {
    "none": NewDisease.NO,
    "new": NewDisease.YES,
    "grown": NewDisease.YES,
    "gone": NewDisease.NO,
    "NE": NewDisease.NE,
}

State = tuple[str, NonTarget, str]
Counts = tuple[Counter[str], Counter[str]]
STATES: tuple[State, ...] = tuple(product(SIZE_CHANGES, NON_TARGETS, NEW))


@dataclass(frozen=True)
class Written:
    """A course so far: its visits, the target's last size, and the last sizes of the new lesions named so far."""

    states: tuple[State, ...] = ()
    visits: tuple[JudgedVisit, ...] = ()
    size_mm: Decimal = Decimal(25)
    known_mm: dict[str, Decimal] = field(default_factory=dict)

    @property
    def course(self) -> JudgedCourse:
        return JudgedCourse(BASELINE_ON, (TARGET,), self.visits, has_non_targets=True)

    def then(self, state: State) -> "Written":
        """The course with one more visit."""
        change, non_target, new = state
        number = len(self.visits) + 1
        size_mm = changed(self.size_mm, change)
        known_mm, entries = _new_lesions(new, self.known_mm, f"N{number}")
        visit = JudgedVisit(
            BASELINE_ON + timedelta(days=DAYS * number),
            (TargetSeen("T1", size_mm),),
            non_target=non_target,
            non_target_trend=Trend.INCREASED if non_target is NonTarget.PD else Trend.SAME,
            new=NEW[new],
            new_lesions=entries,
        )
        return Written((*self.states, state), (*self.visits, visit), size_mm, known_mm)


def changed(size_mm: Decimal, change: str) -> Decimal:
    """A size after a change in percent or millimetres."""
    number = Decimal(change.split()[0])
    return size_mm * (100 + number) / 100 if change.endswith("%") else size_mm + number


def _new_lesions(
    new: str, known_mm: dict[str, Decimal], fresh: str
) -> tuple[dict[str, Decimal], tuple[NewLesionSeen, ...]]:
    """The sizes known from now on, and what is told of each; what grows or is gone unknown to all has a name, too."""
    if new == "none":
        return known_mm, ()
    if new == "NE":
        return known_mm, tuple(_entry(key, None) for key in known_mm)
    if new == "new":
        sizes = {**known_mm, fresh: Decimal(10)}
    else:
        known = known_mm or {fresh: Decimal(10)}
        sizes = {key: Decimal(0) if new == "gone" else mm + 5 for key, mm in known.items()}
    return sizes, tuple(_entry(key, mm, has_grown=new == "grown") for key, mm in sizes.items())


def _entry(key: str, size_mm: Decimal | None, *, has_grown: bool = False) -> NewLesionSeen:
    trend = Trend.INCREASED if has_grown else Trend.SAME
    if size_mm:
        return NewLesionSeen(key, NewLesionKind.TARGET, SizeState.MEASURED, size_mm, trend)
    state = SizeState.NOT_EVALUABLE if size_mm is None else SizeState.ABSENT
    return NewLesionSeen(key, NewLesionKind.TARGET, state, None, trend)


def called(course: JudgedCourse) -> tuple[tuple[OverallResult, ...], tuple[ImmuneResult, ...]]:
    """RECIST 1.1 and iRECIST over a course."""
    results = overall_results(course)
    return results, immune_course(course, results).visits


def unexplained(result: OverallResult, immune: ImmuneResult) -> list[str]:
    """What a call of the last visit lacks: a rule, its source, or sentences that say it."""
    names = {"T1": "target"}
    missing = [] if result.rule and result.source and result.target.rule and result.target.source else ["rule"]
    missing += [] if immune.rule and immune.source and immune.reason else ["iRECIST rule"]
    told = (*overall_sentences(result, names), "", *immune_sentences(immune, names))
    missing += [] if all(told[:1]) and told[told.index("") + 1] else ["sentences"]
    return missing + [f"sentence {words!r}" for words in told if "{" in words or "_" in words]


def checked(written: Written) -> tuple[str, str]:
    """The calls of the last visit; AssertionError where they lack reasons or are not those worked out by hand."""
    results, immune = called(written.course)
    assert unexplained(results[-1], immune[-1]) == [], written.states
    words = results[-1].category.value, immune[-1].category.value
    assert words == (by_hand.recist(written.states)[-1], by_hand.irecist(written.states)[-1]), written.states
    return words


def counted_from(start: Written, depth: int) -> list[Counts]:
    """The categories of every course that goes on from one, visit by visit; each of them checked."""
    counts: list[Counts] = [(Counter(), Counter()) for _ in range(depth)]
    for state in STATES:
        written = start.then(state)
        for counter, word in zip(counts[0], checked(written), strict=True):
            counter[word] += 1
        if depth > 1:
            counts = counts[:1] + added(counts[1:], counted_from(written, depth - 1))
    return counts


def added(some: list[Counts], others: list[Counts]) -> list[Counts]:
    """Counts of two sets of courses together."""
    return [(one[0] + other[0], one[1] + other[1]) for one, other in zip(some, others, strict=True)]


def _after_first(state: State) -> list[Counts]:
    return counted_from(Written().then(state), VISITS - 1)


def all_counts(processes: int = 2) -> list[Counts]:
    """The counts of all 120, 14,400 and 1,728,000 courses; takes minutes."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        later: list[Counts] = [(Counter(), Counter()) for _ in range(VISITS - 1)]
        for counts in pool.map(_after_first, STATES):
            later = added(later, counts)
    return counted_from(Written(), 1) + later


def table(counts: list[Counts]) -> str:
    """The counts as the README shows them."""
    return "\n".join(_lines(counts))


def _lines(counts: list[Counts]) -> Iterator[str]:
    numbers = [sum(recist.values()) for recist, _ in counts]
    yield "| category | " + " | ".join(f"visit {n}" for n in range(1, len(counts) + 1)) + " |"
    yield "| --- |" + " ---: |" * len(counts)
    for criterion, words in enumerate(("RECIST 1.1", "iRECIST")):
        yield f"| **{words}** | " + " | ".join(f"{number:,}" for number in numbers) + " |"
        total: Counter[str] = sum((pair[criterion] for pair in counts), Counter())
        for category in sorted(total, key=lambda name: (-total[name], name)):
            yield f"| {category} | " + " | ".join(f"{pair[criterion][category]:,}" for pair in counts) + " |"


if __name__ == "__main__":
    sys.stdout.write(table(all_counts()) + "\n")
