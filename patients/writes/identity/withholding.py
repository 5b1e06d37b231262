"""Hide every number of a patient, a scan or an outline and keep its data; lift that again, with a reason."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from patients.models import Hold, Patient, Scan, Segmentation, Withholding
from patients.words.audit_words import Deed
from patients.words.identity_words import WithheldWhy
from patients.writes.findings import forget_findings
from patients.writes.locking import patient_locked
from patients.writes.readings.signing import reopen_visits
from patients.writes.trail.record import record
from patients.writes.trusting.registry import replace_outputs

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
            forget_findings(patient.pk)
            replace_outputs(patient.pk, ())
            reopen_visits(_visits(subject), f"{why.label}: {_in_words(subject)}")
            record(Deed.WITHHELD, patient=patient, subject=subject, user=user, why=str(why))
    return row


class LiftRefused(Exception):
    """Numbers that this login may not show again, with a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def lift(row: Withholding, user: User, reason: str) -> bool:
    """Show the numbers again; false where somebody did so before. Another withholding of it still hides them.

    Raises LiftRefused where an upload put it under investigation and the login sent that upload.
    """
    if row.hold is not None and user.pk in _senders(row.hold):
        raise LiftRefused("Your own upload put this under investigation: another steward decides.")
    with patient_locked(row.patient_id) as patient:
        rows = Withholding.objects.filter(pk=row.pk, lifted_at=None)
        done = rows.update(lifted_at=timezone.now(), lifted_by=user, lifted_reason=reason)
        if done:
            spread(patient)
            record(Deed.WITHHOLDING_LIFTED, patient=patient, subject=row, user=user, why=row.why)
    return bool(done)


def _senders(hold: Hold) -> set[int | None]:
    return {hold.asked_by_id, hold.candidate.upload.created_by_id if hold.candidate else None} - {None}


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
