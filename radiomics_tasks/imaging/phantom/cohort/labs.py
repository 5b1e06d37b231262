"""How blood results and clinical events of a demo patient are declared: every 21 days, in mixed units."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from patients.vocabulary import Tumour
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient

FIRST_DAY, EVERY_DAYS = -7, 21
Knots = tuple[tuple[int, float], ...]
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Course:
    """How one analyte runs: values at some days since the start of therapy, straight lines between them.

    `undetectable_below`: smaller values are reported as a limit. `decimals`: as the laboratory prints them.
    """

    analyte: str
    unit: str
    knots: Knots
    low: str = ""
    high: str = ""
    decimals: int = 1
    undetectable_below: float = 0.0

    def at(self, day: int) -> float:
        """The value of a day; before the first and after the last of the declared ones, theirs."""
        if day <= self.knots[0][0]:
            return self.knots[0][1]
        for (before, low), (after, high) in pairwise(self.knots):
            if day <= after:
                return low + (high - low) * (day - before) / (after - before)
        return self.knots[-1][1]

    def text(self, day: int) -> str:
        """The value as printed."""
        value = self.at(day)
        if value < self.undetectable_below:
            return f"<{self.undetectable_below:g}"
        return f"{value:.{self.decimals}f}"


@dataclass(frozen=True)
class Happening:
    """One event: how many days after the start of therapy it began, and ended, and its texts."""

    day: int
    texts: Texts
    until: int | None = None


@dataclass(frozen=True)
class Declared:
    """What is known of one patient beside the scans."""

    tumour: Tumour
    courses: tuple[Course, ...]
    happenings: tuple[Happening, ...] = ()


def ldh(knots: Knots, *, in_katal: bool = False) -> Course:
    """LDH from multiples of its upper limit of normal, in U/L or in µkat/L."""
    limit, unit, low, decimals = (4.1, "µkat/L", "2.2", 2) if in_katal else (250.0, "U/L", "135", 0)
    scaled = tuple((day, limit * ratio) for day, ratio in knots)
    return Course("LDH", unit, scaled, low, f"{limit:g}", decimals)


def counts(knots: Knots, *, per_microlitre: bool = False) -> tuple[Course, Course]:
    """Neutrophils that run so beside lymphocytes of 1.5 · 10^9/L: their ratio is worked out, not declared."""
    factor, unit, decimals = (1000.0, "/µL", 0) if per_microlitre else (1.0, "10^9/L", 2)
    neutrophils = tuple((day, 1.5 * factor * ratio) for day, ratio in knots)
    limits = ((1.8, 7.7), (1.0, 4.0))
    (low, high), (least, most) = [(f"{factor * one:g}", f"{factor * two:g}") for one, two in limits]
    return (
        Course("Neutrophils", unit, neutrophils, low, high, decimals),
        Course("Lymphocytes", unit, ((0, 1.5 * factor),), least, most, decimals),
    )


def crp(knots: Knots, *, per_decilitre: bool = False) -> Course:
    """CRP from mg/L, printed in mg/L or mg/dL."""
    if per_decilitre:
        return Course("CRP", "mg/dL", tuple((day, value / 10) for day, value in knots), "", "0.5", 2)
    return Course("CRP", "mg/L", knots, "", "5", 1)


def s100b(knots: Knots, unit: str = "µg/L") -> Course:
    """S100B, in µg/L or the same as ng/mL."""
    return Course("S100B", unit, knots, "", "0.11", 3)


def copies(knots: Knots) -> Course:
    """ctDNA as copies."""
    return Course("ctDNA", "copies/mL", knots, decimals=1, undetectable_below=1.0)


def allele_share(knots: Knots) -> Course:
    """ctDNA as the share of the mutated allele."""
    return Course("ctDNA", "% VAF", knots, decimals=2, undetectable_below=0.1)


def ecog(*grades: tuple[int, int]) -> tuple[Happening, ...]:
    """Performance status at some days."""
    return tuple(Happening(day, {"kind": "ECOG", "grade": str(grade)}) for day, grade in grades)


def days_of(plan: DemoPatient) -> range:
    """The days on which blood was taken: every three weeks, to the last scan or to death."""
    last = max(scan.acquired_on for visit in plan.visits for scan in visit.scans)
    last_on = plan.died_on or last + timedelta(days=EVERY_DAYS)
    return range(FIRST_DAY, (last_on - plan.courses[0].started_on).days, EVERY_DAYS)


def result_texts(plan: DemoPatient, declared: Declared) -> Iterator[Texts]:
    """Every result of a patient as a file would say it."""
    for course in declared.courses:
        for day in days_of(plan):
            yield {
                "analyte": course.analyte,
                "date": _on(plan, day).isoformat(),
                "value": course.text(day),
                "unit": course.unit,
                "low": course.low,
                "high": course.high,
            }


def event_texts(plan: DemoPatient, declared: Declared) -> Iterator[Texts]:
    """Every event of a patient as a file would say it; death where the plan knows of it."""
    for one in declared.happenings:
        end = _on(plan, one.until).isoformat() if one.until is not None else ""
        yield {**one.texts, "date": _on(plan, one.day).isoformat(), "end": end}
    if plan.died_on is not None:
        yield {"kind": "DEATH", "date": plan.died_on.isoformat(), "detail": "DISEASE"}


def _on(plan: DemoPatient, day: int) -> date:
    return plan.courses[0].started_on + timedelta(days=day)
