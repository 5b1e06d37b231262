"""iRECIST courses written short: sums, judgements and new lesions visit by visit, 42 days apart."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from patients.words.reading_words import NewLesionKind, NonTarget, SizeState, Trend
from radiomics_tasks.analysis.criteria.immune import ImmuneCourse, immune_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.criteria.visits import ImmuneVisit, NewLesionSeen

BASELINE_ON = date(2024, 1, 1)
DAYS = 42


def on(number: int) -> date:
    """The date of a visit, the first being number 1."""
    return BASELINE_ON + timedelta(days=DAYS * number)


def lesion(key: str = "n1", size: Any = None, state: str = "", trend: str = "SAME", **more: Any) -> NewLesionSeen:
    """A new lesion at one visit: measured where it has a size."""
    kind = NewLesionKind.NON_TARGET if size is None else NewLesionKind.TARGET
    found = state or ("PRESENT" if size is None else "MEASURED")
    size_mm = None if size is None else Decimal(str(size))
    return NewLesionSeen(key, more.pop("kind", kind), SizeState(found), size_mm, Trend(trend), **more)


def seen(size: Any = None, nt: str = "NA", *new: NewLesionSeen, **more: Any) -> ImmuneVisit:
    """A visit; it gets its date from where it stands in the course."""
    sum_mm = None if size is None else Decimal(str(size))
    return ImmuneVisit(more.pop("on", BASELINE_ON), sum_mm, non_target=NonTarget(nt), new_lesions=new, **more)


def immune(*visits: Any, baseline: Any = 100, **settings: Any) -> ImmuneCourse:
    """iRECIST over such visits (a number is a sum without anything else) under a protocol."""
    dated = []
    for number, visit in enumerate(visits, start=1):
        one = visit if isinstance(visit, ImmuneVisit) else seen(visit)
        values = {name: getattr(one, name) for name in ImmuneVisit.__dataclass_fields__}
        dated.append(ImmuneVisit(**{**values, "on": on(number) if one.on == BASELINE_ON else one.on}))
    baseline_mm = None if baseline is None else Decimal(str(baseline))
    has_targets = settings.pop("has_targets", None)
    protocol = Protocol().with_settings(settings)
    return immune_results(BASELINE_ON, baseline_mm, dated, protocol, has_targets=has_targets)


def words(course: ImmuneCourse) -> list[str]:
    """The categories, called."""
    return [result.category.value for result in course.visits]
