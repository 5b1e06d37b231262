"""Hide every number of a patient, a scan or an outline and keep its data; lift that again, with a reason."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from patients.models import Hold, Patient, Scan, Segmentation, Withholding
from patients.words.audit_words import Deed
from patients.words.identity_words import WithheldWhy
from patients.writes.locking import patient_locked
from patients.writes.readings.signing import reopen_visits
from patients.writes.trail.record import record

Withheld = Patient | Scan | Segmentation


def withhold(
    why: WithheldWhy, subject: Withheld, reason: str, user: User | None, hold: Hold | None = None
) -> Withholding:
    """From this moment on nothing that is derived from it is shown; the same again is the same row.

    The signed readings of its visits are re-opened. Whoever calls has the patient concluded anew.
    """
    with patient_locked(_patient_pk(subject)) as patient:
        named = {
            "why": why,
            "patient": patient,
            "scan": subject if isinstance(subject, Scan) else None,
            "segmentation": subject if isinstance(subject, Segmentation) else None,
        }
        row, is_new = Withholding.objects.get_or_create(
            **named, lifted_at=None, defaults={"reason": reason, "by": user, "hold": hold}
        )
        if is_new:
            spread(patient)
            reopen_visits(_visits(subject), f"{why.label}: {_in_words(subject)}")
            record(Deed.WITHHELD, patient=patient, subject=subject, user=user, why=str(why))
    return row


def lift(row: Withholding, user: User, reason: str) -> bool:
    """Show the numbers again; false where somebody did so before. Another withholding of it still hides them."""
    with patient_locked(row.patient_id) as patient:
        rows = Withholding.objects.filter(pk=row.pk, lifted_at=None)
        done = rows.update(lifted_at=timezone.now(), lifted_by=user, lifted_reason=reason)
        if done:
            spread(patient)
            record(Deed.WITHHOLDING_LIFTED, patient=patient, subject=row, user=user, why=row.why)
    return bool(done)


def spread(patient: Patient) -> None:
    """Write down on patient, scans and outlines what is hidden by whatever withholding is in force."""
    with transaction.atomic():
        active = Withholding.objects.filter(patient=patient, lifted_at=None)
        patient.is_withheld = active.filter(scan=None, segmentation=None).exists()
        patient.save(update_fields=["is_withheld"])
        scans = Scan.objects.filter(patient=patient)
        hidden = Q() if patient.is_withheld else Q(pk__in=active.exclude(scan=None).values("scan"))
        hidden_pks = set(scans.filter(hidden).values_list("pk", flat=True))
        scans.filter(pk__in=hidden_pks, is_withheld=False).update(is_withheld=True)
        scans.filter(is_withheld=True).exclude(pk__in=hidden_pks).update(is_withheld=False)
        outlines = Segmentation.objects.filter(scan__patient=patient)
        own = Q(scan__in=hidden_pks) | Q(pk__in=active.exclude(segmentation=None).values("segmentation"))
        own_pks = set(outlines.filter(own).values_list("pk", flat=True))
        outlines.filter(pk__in=own_pks, is_withheld=False).update(is_withheld=True)
        outlines.filter(is_withheld=True).exclude(pk__in=own_pks).update(is_withheld=False)


def _patient_pk(subject: Withheld) -> int:
    if isinstance(subject, Segmentation):
        return subject.scan.patient_id
    return subject.patient_id if isinstance(subject, Scan) else subject.pk


def _visits(subject: Withheld) -> list[int]:
    if isinstance(subject, Segmentation):
        return [subject.scan.timepoint_id]
    if isinstance(subject, Scan):
        return [subject.timepoint_id]
    return list(subject.timepoints.values_list("pk", flat=True))


def _in_words(subject: Withheld) -> str:
    if isinstance(subject, Patient):
        return "the patient"
    return f"the {subject}" if isinstance(subject, Scan) else f"outline {subject.roi_name} on the {subject.scan}"
