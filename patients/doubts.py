"""What speaks against filing a series under a patient: asked when it is proposed, and again when it is filed."""

from collections.abc import Mapping
from typing import Any

from patients.models import Patient, Scan, Segmentation
from patients.written_dates import day

Problem = dict[str, str]

# These hold for one patient only: another choice of patient raises or lifts them.
OF_THE_PATIENT = ("Q_WRONG_PATIENT", "Q_DEMOGRAPHICS", "Q_PIXELS_OTHER_PATIENT", "Q_UID_OTHER_PATIENT")


def problem(code: str, sentence: str) -> Problem:
    """A code and its sentence, as candidates and outlines keep them."""
    return {"code": code, "sentence": sentence}


def patient_doubts(patient: Patient | None, facts: Mapping[str, Any]) -> list[Problem]:
    """Why this series may be another person's: by its identifiers, its voxels or its UID; None: a new patient's.

    The record of every team is asked, and the answer names nobody; only who holds the images can ask.
    """
    doubts = identity_doubts(patient, facts.get("identity", {})) if patient else []
    others = Scan.objects.exclude(patient=patient)
    digest, uid = facts.get("volume_digest"), facts.get("series_instance_uid")
    if digest and others.filter(volume_digest=digest).exists():
        sentence = "Identical images are filed under another patient. Find out whose they are."
        doubts.append(problem("Q_PIXELS_OTHER_PATIENT", sentence))
    elif uid and others.filter(series_instance_uid=uid).exists():
        sentence = "This series is filed under another patient, with other images. Find out whose they are."
        doubts.append(problem("Q_UID_OTHER_PATIENT", sentence))
    return doubts


def identity_doubts(patient: Patient, identity: Mapping[str, str]) -> list[Problem]:
    """Where the keyed hashes of a series disagree with those the patient's earlier scans brought."""
    doubts = []
    if _differs(patient.patient_id_hmac, identity.get("patient_id_hmac", "")):
        sentence = "The file's patient does not match the patient you picked. Check whose scan it is."
        doubts.append(problem("Q_WRONG_PATIENT", sentence))
    different = [
        word
        for name, word in (("birth_date_hmac", "birth date"), ("sex_hmac", "sex"))
        if _differs(getattr(patient, name), identity.get(name, ""))
    ]
    if different:
        words = f"The {' and the '.join(different)} differ{'s' if len(different) == 1 else ''}"
        doubts.append(problem("Q_DEMOGRAPHICS", f"{words} from the patient's earlier scans. Check whose scan it is."))
    return doubts


def mask_seen_before(patient: Patient | None, outline: Mapping[str, Any], besides: Scan | None) -> Problem | None:
    """The same voxels on the same grid as an outline of another scan: most likely a mix-up of dates."""
    if patient is None or not outline.get("mask_digest"):
        return None
    earlier = Segmentation.objects.filter(scan__patient=patient, mask_digest=outline["mask_digest"])
    row = earlier.exclude(scan=besides).select_related("scan").first()
    if row is None:
        return None
    on = day(row.scan.acquired_on)
    return problem("Q_MASK_REUSED", f"This is the same mask as on {on}. Send the one of this scan.")


def _differs(kept: str, found: str) -> bool:
    return bool(kept and found and kept != found)
