"""Open a lesion that nobody has outlined: measured elsewhere, or only looked at."""

from django.contrib.auth.models import User

from patients.models import Lesion, Patient
from patients.vocabulary import LesionRole, Organ
from patients.words.audit_words import Deed
from patients.words.reading_words import NewLesionKind
from patients.writes.lesions import LesionRefused, check_lesion, new_uid
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record


def open_unoutlined_lesion(
    patient: Patient,
    tracking_id: str,
    organ: Organ,
    *,
    is_node: bool,
    role: LesionRole,
    user: User | None,
    new_kind: NewLesionKind | None = None,
) -> Lesion:
    """A lesion that is followed without an outline; one may be linked to it later.

    Raises LesionRefused: E_TARGETS beyond five targets or two in one organ, E_NAME, and E_KIND where a lesion
    that is not new is given the kind of a new one.
    """
    if new_kind is not None and role != LesionRole.NEW:
        raise LesionRefused("E_KIND", "Only a new lesion is measured as a new one. Choose the role New.")
    with patient_locked(patient.pk) as row:
        check_lesion(row, tracking_id, organ, role, is_node=is_node, opener_pk=user.pk if user else None)
        lesion = Lesion.objects.create(
            patient=row,
            tracking_uid=new_uid(),
            tracking_id=tracking_id.strip(),
            organ=organ,
            is_node=is_node,
            role=role,
            new_kind=new_kind or "",
            created_by=user,
        )
        record(Deed.LESION_OPENED, patient=row, subject=lesion, user=user)
    return lesion
