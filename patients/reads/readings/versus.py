"""The readings of one visit beside each other, with what each led to and what was decided between them."""

from collections import defaultdict
from dataclasses import dataclass

from patients.models import Adjudication, Reading, ResponseAssessment
from patients.models.readings import IN_FORCE
from patients.vocabulary import Criterion

JUDGED = (Criterion.RECIST_1_1, Criterion.IRECIST)


@dataclass(frozen=True, slots=True)
class CalledRow:
    """What the readers' own judgements led to under one criterion, in one line of therapy, a category each."""

    criterion: Criterion
    course: str
    categories: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the readings were called differently."""
        return len(set(self.categories)) > 1


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
    """Everything about one visit's readings, in five queries."""
    rows = Reading.objects.filter(timepoint=timepoint_pk, state__in=IN_FORCE).select_related("reader")
    readings = tuple(rows.prefetch_related("lesions__lesion", "lesions__merged_into").order_by("signed_at", "pk"))
    decisions = Adjudication.objects.filter(timepoint=timepoint_pk).select_related("decided_by", "reading__reader")
    return Versus(readings, _calls(timepoint_pk, readings), tuple(decisions.order_by("pk")))


def _calls(timepoint_pk: int, readings: tuple[Reading, ...]) -> tuple[CalledRow, ...]:
    called: dict[tuple[str, str], dict[int | None, str]] = defaultdict(dict)
    rows = ResponseAssessment.objects.filter(timepoint=timepoint_pk, criterion__in=JUDGED, reader__isnull=False)
    for row in rows.select_related("course").order_by("course__started_on", "-criterion"):
        called[row.criterion, row.course.name if row.course else ""][row.reader_id] = row.category
    return tuple(
        CalledRow(Criterion(criterion), course, tuple(by_reader.get(row.reader_id, "") for row in readings))
        for (criterion, course), by_reader in called.items()
    )
