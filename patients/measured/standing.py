"""One patient's rows of a table as visits, lesions and lines of therapy, beside what is filed already."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from patients.measured.rows import CourseNamed, KnownPatient, LesionNamed, LesionSized, MeasuredRow, MeasuredVisit
from patients.vocabulary import LesionRole


def course_in_force(on: date, courses: Sequence[CourseNamed]) -> CourseNamed | None:
    """The line of therapy that a visit belongs to: the last that began before its day, else the first.

    A visit on day zero itself still belongs to the line before, as the baseline of the new one does.
    """
    ordered = sorted(courses, key=lambda course: course.started_on)
    begun = [course for course in ordered if course.started_on < on]
    return begun[-1] if begun else next(iter(ordered), None)


@dataclass(frozen=True)
class PatientRows:
    """The rows of one patient, in the order of the file, and what is known of that patient."""

    rows: tuple[MeasuredRow, ...]
    known: KnownPatient

    @cached_property
    def visits(self) -> Mapping[tuple[date, str], MeasuredVisit]:
        """What the file says, visit by visit and reader by reader."""
        grouped: dict[tuple[date, str], list[MeasuredRow]] = {}
        for row in self.rows:
            grouped.setdefault(row.visit, []).append(row)
        return {
            visit: MeasuredVisit(*visit, rows[0].judged, frozenset(self._sized(row.sized) for row in rows if row.sized))
            for visit, rows in grouped.items()
        }

    def _sized(self, sized: LesionSized) -> LesionSized:
        """A lesion as it is filed, where it is: a table need not repeat what was entered since."""
        filed = next((known for known in self.known.patient.lesions if known.name == sized.lesion.name), None)
        return replace(sized, lesion=filed) if filed else sized

    @cached_property
    def lesions(self) -> Mapping[str, LesionNamed]:
        """The lesions of the file as they are first named there."""
        found: dict[str, LesionNamed] = {}
        for row in self.rows:
            if row.sized:
                found.setdefault(row.lesion_name, row.sized.lesion)
        return found

    @cached_property
    def targets(self) -> Mapping[str, LesionNamed]:
        """The target lesions by name, those that are filed first and as they are filed."""
        filed = {lesion.name: lesion for lesion in self.known.patient.lesions}
        return {
            n: lesion for n, lesion in {**filed, **self.lesions, **filed}.items() if lesion.role is LesionRole.TARGET
        }

    @cached_property
    def courses(self) -> Mapping[date, CourseNamed]:
        """The lines of therapy of the file by their day zero, as they are first named there."""
        found: dict[date, CourseNamed] = {}
        for row in self.rows:
            if row.course:
                found.setdefault(row.course.started_on, row.course)
        return found

    @cached_property
    def all_courses(self) -> tuple[CourseNamed, ...]:
        """Every line of therapy, filed or not, one for each day zero."""
        return tuple({**self.courses, **{c.started_on: c for c in self.known.patient.courses}}.values())

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The day of every visit, filed or not, in order."""
        filed = {last for _, last in self.known.visit_days}
        return tuple(sorted({row.on for row in self.rows} | filed))

    @cached_property
    def baselines(self) -> frozenset[date]:
        """The day of the baseline of each line of therapy; the first visit where there is none."""
        last = [max((day for day in self.days if day <= c.started_on), default=None) for c in self.all_courses]
        return frozenset(day for day in last if day) or frozenset(self.days[:1])

    @property
    def first_baseline(self) -> date:
        """The day up to which nothing can be new."""
        return min(self.baselines)

    def seen(self, name: str) -> Iterator[tuple[date, MeasuredVisit]]:
        """The visits at which a lesion is named, filed or not, in order."""
        every = {*self.visits.values(), *self.known.patient.visits}
        for visit in sorted(every, key=lambda visit: (visit.on, visit.reader)):
            if any(one.lesion.name == name for one in visit.sized):
                yield visit.on, visit
