"""Courses made up by hypothesis: sizes near every limit, nodes, missing data, new lesions with their own states."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from patients.words.reading_words import NewDisease, NewLesionKind, NonTarget, Reappearance, SizeState, Trend
from radiomics_tasks.analysis.criteria.visits import JudgedCourse, JudgedVisit, NewLesionSeen, Target, TargetSeen

BASELINE_ON = date(2024, 1, 1)
TENTHS = st.integers(1, 500).map(lambda tenths: Decimal(tenths) / 10)
GAPS = st.sampled_from([14, 25, 26, 28, 42, 70])
MOSTLY_NO = st.sampled_from([False] * 5 + [True])
MOSTLY_YES = st.sampled_from([True] * 9 + [False])
NOT_THERE = {SizeState.ABSENT, SizeState.NOT_EVALUABLE}
KINDS = {"n1": NewLesionKind.TARGET, "n2": NewLesionKind.TARGET, "n3": NewLesionKind.NON_TARGET}
FOLLOWED = ["-40 %", "-10 %", "-1", "0", "+4", "+5", "+25 %"]


@st.composite
def made_up(draw: Any, *, with_nodes: bool = True, least: int = 1, most: int = 5) -> JudgedCourse:
    """A whole line of therapy: up to three targets and up to three new lesions."""
    targets = tuple(
        Target(f"T{n}", "liver", with_nodes and draw(st.booleans()), draw(TENTHS) + 10)
        for n in range(draw(st.integers(0, 3)))
    )
    has_non_targets = draw(st.booleans())
    sizes = {target.key: target.baseline_mm or Decimal(0) for target in targets}
    on, visits = BASELINE_ON, []
    for _ in range(draw(st.integers(least, most))):
        on += timedelta(days=draw(GAPS))
        seen = tuple(draw(target_seen(target, sizes[target.key])) for target in targets)
        sizes |= {one.key: one.size_mm for one in seen if one.size_mm}
        visits.append(draw(judged_visit(on, seen, has_non_targets=has_non_targets)))
    return JudgedCourse(BASELINE_ON, targets, tuple(visits), has_non_targets)


@st.composite
def target_seen(draw: Any, target: Target, last_mm: Decimal) -> TargetSeen:
    """One target: any size, one that follows from the last, a node around its limits, or a state without one."""
    how = draw(st.sampled_from(["followed"] * 5 + ["any", "limit", "ABSENT", "TSTM", "NE"]))
    if how == "NE":
        return TargetSeen(target.key, None, SizeState.NOT_EVALUABLE)
    if how == "TSTM":
        return TargetSeen(target.key, Decimal(5), SizeState.TOO_SMALL)
    if how == "ABSENT":
        return TargetSeen(target.key, Decimal(0), SizeState.ABSENT)
    if how == "limit":
        return TargetSeen(target.key, draw(st.sampled_from([Decimal(n) / 10 for n in (50, 99, 100, 149, 150)])))
    if how == "any":
        return TargetSeen(target.key, draw(TENTHS))
    return TargetSeen(target.key, followed(last_mm, draw(st.sampled_from(FOLLOWED))))


def followed(last_mm: Decimal, change: str) -> Decimal:
    """The last size changed in percent or by millimetres, at least 0.1 mm."""
    number = Decimal(change.split()[0])
    size_mm = last_mm * (100 + number) / 100 if change.endswith("%") else last_mm + number
    return max(size_mm, Decimal("0.1"))


@st.composite
def judged_visit(draw: Any, on: date, seen: tuple[TargetSeen, ...], *, has_non_targets: bool) -> JudgedVisit:
    """A reader's judgements beside the sizes; a new lesion that is there makes the visit one with new disease."""
    new_lesions = tuple(draw(new_lesion(key)) for key in KINDS if draw(st.integers(0, 3)) == 0)
    is_there = any(one.state not in NOT_THERE for one in new_lesions)
    other = [NewDisease.NO] * 6 + [NewDisease.NE, NewDisease.EQUIVOCAL, NewDisease.YES]
    return JudgedVisit(
        on,
        seen,
        non_target=draw(st.sampled_from(NonTarget)) if has_non_targets else NonTarget.NA,
        non_target_trend=draw(st.sampled_from([None, *Trend])),
        new=NewDisease.YES if is_there else draw(st.sampled_from(other)),
        confirms_equivocal=draw(MOSTLY_NO),
        equivocal_resolved=draw(MOSTLY_NO),
        reappearance=draw(st.sampled_from([None] * 9 + list(Reappearance))),
        new_lesions=new_lesions,
        is_for_symptom=draw(MOSTLY_NO),
        is_read=draw(MOSTLY_YES),
    )


@st.composite
def new_lesion(draw: Any, key: str) -> NewLesionSeen:
    """One new lesion with a state."""
    shown = SizeState.MEASURED if KINDS[key] is NewLesionKind.TARGET else SizeState.PRESENT
    state = draw(st.sampled_from([shown, shown, shown, SizeState.TOO_SMALL, SizeState.ABSENT, SizeState.NOT_EVALUABLE]))
    size = Decimal(draw(st.sampled_from([8, 10, 12, 13, 15, 20]))) if state is SizeState.MEASURED else None
    is_worse = state is SizeState.PRESENT and draw(MOSTLY_NO)
    return NewLesionSeen(key, KINDS[key], state, size, draw(st.sampled_from(Trend)), is_worse)


def scaled(course: JudgedCourse, factor: Decimal) -> JudgedCourse:
    """The course with every size of its targets multiplied."""

    def resized(visit: JudgedVisit) -> JudgedVisit:
        sizes = (replace(t, size_mm=None if t.size_mm is None else t.size_mm * factor) for t in visit.targets)
        return replace(visit, targets=tuple(sizes))

    targets = tuple(replace(t, baseline_mm=(t.baseline_mm or Decimal(0)) * factor) for t in course.targets)
    return replace(course, targets=targets, visits=tuple(resized(visit) for visit in course.visits))


def without_data(visit: JudgedVisit) -> JudgedVisit:
    """The same visit with nothing evaluated."""
    targets = tuple(TargetSeen(seen.key, None, SizeState.NOT_EVALUABLE) for seen in visit.targets)
    return JudgedVisit(visit.on, targets, non_target=NonTarget.NE, new=NewDisease.NE)
