"""Take a wrong link back: the outline waits again, and what it had superseded counts again."""

from django.contrib.auth.models import User
from django.utils import timezone

from patients.models import Lesion, Segmentation
from patients.models.lesions import UNLINKED
from patients.words.audit_words import Deed
from patients.writes.locking import patient_locked
from patients.writes.readings.signing import reopen_readings_of
from patients.writes.trail.record import record

WHY_LENGTH = 200


def unlink_outline(segmentation: Segmentation, user: User | None) -> bool:
    """A person says that an outline does not show its lesion; false where it had none any more.

    Who and when stay with the outline. The outline of that lesion that it superseded last is current again.
    Signed readings of the visit are re-opened. The lesion stays, also without outlines.
    """
    with patient_locked(segmentation.scan.patient_id):
        row = Segmentation.objects.select_related("lesion", "scan").get(pk=segmentation.pk)
        if row.lesion is None or row.superseded_at is not None:
            return False
        _take(row, row.lesion, f"by {user or 'the operator'}", user)
    return True


def set_aside(outline: Segmentation, why: str) -> None:
    """The worker takes an outline from a lesion that it may not show, and links it to none by itself again."""
    if outline.lesion is not None:
        _take(outline, outline.lesion, f"to be looked at: {why}", None)


def _take(row: Segmentation, lesion: Lesion, by: str, user: User | None) -> None:
    said = f"Taken from {lesion.tracking_id} {by} on {timezone.localtime():%Y-%m-%d %H:%M}; {row.linked_why}"
    row.lesion, row.linked_why = None, said[:WHY_LENGTH]
    row.notes = [*row.notes, {"code": UNLINKED, "sentence": said}]
    row.save(update_fields=["lesion", "linked_why", "notes"])
    earlier = Segmentation.objects.filter(superseded_by=row, lesion=lesion).order_by("-superseded_at", "-pk").first()
    if earlier is not None:
        Segmentation.objects.filter(pk=earlier.pk).update(superseded_by=None, superseded_at=None)
    record(Deed.OUTLINE_UNLINKED, patient=row.scan.patient_id, subject=row, user=user)
    reopen_readings_of(row.scan.patient_id, f"An outline was taken from {lesion.tracking_id} {by}"[:WHY_LENGTH])
