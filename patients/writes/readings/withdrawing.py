"""Signed assessments that no longer describe one patient count no more; what was signed stays as it was."""

from collections.abc import Collection

from django.db.models import Q

from patients.models import LesionReading, Patient, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.words.audit_words import Deed
from patients.words.reading_words import ReadingState
from patients.writes.readings.content import WHY_LENGTH
from patients.writes.readings.drafts import next_version
from patients.writes.trail.record import record


def withdraw_readings(
    patient: Patient, visit_pks: Collection[int], lesion_pks: Collection[int], scan_pks: Collection[int], why: str
) -> list[Reading]:
    """Withdraw what was signed of these visits, of these lesions, or on these scans; the answer is what was.

    Where the visit still has something to assess its reader finds a draft with the reason, filled with what still
    is of this patient. Call it with the patient locked, after the change.
    """
    said = Q(lesions__lesion__in=lesion_pks) | Q(lesions__merged_into__in=lesion_pks)
    said |= Q(lesions__drawn_on__scan__in=scan_pks) | Q(lesions__outline__scan__in=scan_pks)
    rows = Reading.objects.filter(said | Q(timepoint__in=visit_pks), patient=patient, state__in=IN_FORCE)
    withdrawn = list(rows.distinct().order_by("pk"))
    for row in withdrawn:
        Reading.objects.filter(pk=row.pk).update(state=ReadingState.WITHDRAWN)
        record(Deed.READING_WITHDRAWN, patient=patient, subject=row, version=row.version)
        if Timepoint.objects.filter(Q(scans__isnull=False) | Q(judged_on__isnull=False), pk=row.timepoint_id).exists():
            _offer(row, why)
    others = ~Q(lesion__patient=patient) | Q(merged_into__isnull=False) & ~Q(merged_into__patient=patient)
    others |= Q(drawn_on__scan__in=scan_pks)
    LesionReading.objects.filter(others, reading__patient=patient, reading__state=ReadingState.DRAFT).delete()
    return withdrawn


def offer_again(patient: Patient, visit_pks: Collection[int], why: str) -> None:
    """Scans are back: whoever had signed these visits finds a draft filled with what was withdrawn."""
    rows = Reading.objects.filter(timepoint__in=visit_pks, patient=patient).order_by("version")
    newest = {(row.timepoint_id, row.reader_id, row.reader_name): row for row in rows}
    for row in newest.values():
        if row.state == ReadingState.WITHDRAWN:
            _offer(row, why)


def _offer(row: Reading, why: str) -> None:
    own = Reading.objects.filter(timepoint=row.timepoint_id, reader=row.reader_id, state=ReadingState.DRAFT)
    draft = own.filter(reader_name=row.reader_name).first()
    if draft is None:
        next_version(row, why[:WHY_LENGTH])
    else:
        draft.reopened_why = why[:WHY_LENGTH]
        draft.save(update_fields=["reopened_why"])
