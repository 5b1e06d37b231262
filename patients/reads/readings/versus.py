"""The readings of one visit beside each other, with what each led to and what was decided between them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from patients.models import Adjudication, Reading, ResponseAssessment
from patients.models.readings import IN_FORCE
from patients.reads.readings.judgements import is_withheld
from patients.reads.readings.skipped import earlier_of_line, skipped_sentences, visits_in_order
from patients.vocabulary import Criterion

JUDGED = (Criterion.RECIST_1_1, Criterion.IRECIST)


@dataclass(frozen=True, slots=True)
class CalledRow:
    """What the readers' own judgements led to under one criterion, in one line of therapy, a category each.

    A reader without a login (measured elsewhere) has no calls apart: "" among the categories. `skipped` says which
    earlier visits one of them has not signed: then the categories are not compared.
    """

    criterion: Criterion
    course: str
    categories: tuple[str, ...]
    skipped: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the readings were called differently, from the same visits."""
        return not self.skipped and len(set(filter(None, self.categories))) > 1


@dataclass(frozen=True, slots=True)
class Versus:
    """The readings in force in the order of their signing, what they led to, and the decisions, first to last."""

    readings: tuple[Reading, ...]
    calls: tuple[CalledRow, ...]
    decisions: tuple[Adjudication, ...]

    def is_by(self, user_pk: int) -> bool:
        """Whether a login signed here."""
        return any(row.reader_id == user_pk for row in self.readings)

    def is_decided_by(self, user_pk: int) -> bool:
        """Whether a login decided here: then nothing is to be kept from it."""
        return any(row.decided_by_id == user_pk for row in self.decisions)


def versus_of(timepoint_pk: int) -> Versus:
    """Everything about one visit's readings, in seven queries."""
    in_force = Reading.objects.filter(~is_withheld(), timepoint=timepoint_pk, state__in=IN_FORCE)
    rows = in_force.select_related("reader")
    readings = tuple(rows.prefetch_related("lesions__lesion", "lesions__merged_into").order_by("signed_at", "pk"))
    decisions = Adjudication.objects.filter(timepoint=timepoint_pk).select_related("decided_by", "reading__reader")
    return Versus(readings, _calls(timepoint_pk, readings), tuple(decisions.order_by("pk")))


def _calls(timepoint_pk: int, readings: tuple[Reading, ...]) -> tuple[CalledRow, ...]:
    called: dict[tuple[str, str, date | None], dict[int | None, str]] = defaultdict(dict)
    rows = ResponseAssessment.objects.filter(timepoint=timepoint_pk, criterion__in=JUDGED, reader__isnull=False)
    for row in rows.select_related("course").order_by("course__started_on", "-criterion"):
        line = (row.course.name, row.course.started_on) if row.course else ("", None)
        called[row.criterion, *line][row.reader_id] = row.category
    skipped = _skipped(timepoint_pk, readings, {started_on for _, _, started_on in called})
    return tuple(
        CalledRow(
            Criterion(criterion),
            course,
            tuple(by_reader.get(row.reader_id, "") for row in readings),
            skipped[started_on],
        )
        for (criterion, course, started_on), by_reader in called.items()
    )


def _skipped(
    timepoint_pk: int, readings: Sequence[Reading], lines: Collection[date | None]
) -> dict[date | None, tuple[str, ...]]:
    """By the day that a line of therapy began: the earlier visits of it that one of the readers has not signed."""
    if not readings or not lines:
        return dict.fromkeys(lines, ())
    patient_pk = readings[0].patient_id
    visits = visits_in_order([patient_pk])[patient_pk]
    signed: dict[int | None, set[int]] = defaultdict(set)
    rows = Reading.objects.filter(patient=patient_pk, reader__isnull=False, state__in=IN_FORCE)
    for reader, visit in rows.values_list("reader_id", "timepoint_id"):
        signed[reader].add(visit)
    return {
        started_on: tuple(
            skipped_sentences(readings, signed, visits, earlier_of_line(visits, timepoint_pk, started_on))
        )
        for started_on in lines
    }
