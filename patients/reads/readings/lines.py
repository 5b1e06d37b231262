"""The lines that readers drew on slices, as far as a login may see them."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from patients.counting import whose
from patients.models import LesionReading, Reading
from patients.models.readings import IN_FORCE
from patients.reads.readings.independence import withheld_from
from patients.reads.readings.visits import visit_days
from patients.words.reading_words import ReadingState

BESIDE = ("reading__reader", "reading__patient", "lesion", "drawn_on__scan")


def drawn_lines(patient_pk: int, user: User, *, is_reader: bool, lesion_pk: int | None = None) -> list[LesionReading]:
    """What was drawn in readings in force, first signed first, and in the login's own drafts, which stand for theirs.

    `is_reader`: the login may assess, so lines of others are kept from it as their readings are.
    """
    own_draft = Q(reading__reader=user, reading__state=ReadingState.DRAFT)
    rows = _drawn(patient_pk).filter(own_draft | Q(reading__state__in=IN_FORCE))
    if lesion_pk is not None:
        rows = rows.filter(lesion=lesion_pk)
    found = list(rows.order_by("reading__signed_at", "pk"))
    own = [row for row in found if row.reading.reader_id == user.pk]
    drafted = {row.reading.timepoint_id for row in own if row.reading.state == ReadingState.DRAFT}
    replaced = [row for row in own if row.reading.signed_at and row.reading.timepoint_id in drafted]
    others = [row for row in found if row not in own]
    withheld = _withheld(patient_pk, user, others) if is_reader else ()
    return [row for row in found if row not in replaced and row not in withheld]


def drawn_line(lesion_pk: int, said_pk: int, user: User, *, is_reader: bool) -> LesionReading | None:
    """What was drawn of a lesion in one reading (`said_pk`), of any version where it is the login's own; else None."""
    row = LesionReading.objects.filter(pk=said_pk, lesion=lesion_pk, drawn_on__isnull=False)
    found = row.select_related(*BESIDE).first()
    if found is None or found.reading.reader_id == user.pk:
        return found
    is_hidden = is_reader and bool(_withheld(found.reading.patient_id, user, [found]))
    return None if is_hidden or not found.reading.is_in_force else found


def _drawn(patient_pk: int) -> QuerySet[LesionReading]:
    rows = LesionReading.objects.filter(reading__patient=patient_pk, drawn_on__isnull=False)
    return rows.select_related(*BESIDE).defer("drawn_on__scan__facts", "drawn_on__scan__instances")


def _withheld(patient_pk: int, user: User, rows: list[LesionReading]) -> list[LesionReading]:
    """Those of these lines of other readers that are kept from a reader."""
    if not rows:
        return []
    signed = Reading.objects.filter(patient=patient_pk, signed_at__isnull=False)
    withheld = withheld_from(user.pk, signed, visit_days(patient_pk))
    return [row for row in rows if (row.reading.timepoint_id, whose(row.reading)) in withheld]
