"""Which patient a found series belongs to, and what stands in the way of filing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patients.models import Patient, Scan, Segmentation, Upload

Problem = dict[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed patient with the sentence why, the same scan where it is filed already, and the doubts."""

    patient: Patient | None
    pseudonym: str
    why: str
    same_scan: Scan | None
    problems: tuple[Problem, ...]


def proposal(upload: Upload, facts: Mapping[str, Any]) -> Proposal:
    """Compare what a series says of its patient with the patients of the upload's team."""
    identity: Mapping[str, str] = facts.get("identity", {})
    patient, why = _patient(upload, identity)
    problems: list[Problem] = []
    pseudonym = ""
    if patient is None:
        pseudonym, why = _new_pseudonym(facts), "No patient of this team has these identifiers."
        problems.append(_problem("Q_NEW_PATIENT", "New patient: choose one, or confirm the pseudonym."))
    else:
        problems.extend(identity_doubts(patient, identity))
    if not facts.get("acquired_on"):
        problems.append(_problem("Q_DATE", facts.get("date_problem") or "Enter the date of the scan."))
    if not facts.get("modality"):
        problems.append(_problem("Q_MODALITY", "The file does not say how the scan was taken: CT, MR or PET?"))
    same = _same_scan(patient, facts)
    if same is None and _elsewhere(patient, facts):
        problems.append(
            _problem(
                "Q_PIXELS_OTHER_PATIENT", "Identical images are filed under another patient. Find out whose they are."
            )
        )
    return Proposal(patient, pseudonym, why, same, tuple(problems))


def identity_doubts(patient: Patient, identity: Mapping[str, str]) -> list[Problem]:
    """Where the keyed hashes of a series disagree with those the patient's first scan brought."""
    doubts = []
    if _differs(patient.patient_id_hmac, identity.get("patient_id_hmac", "")):
        doubts.append(_problem("Q_WRONG_PATIENT", "The file's patient does not match the patient you picked."))
    for name, word in (("birth_date_hmac", "birth date"), ("sex_hmac", "sex")):
        if _differs(getattr(patient, name), identity.get(name, "")):
            doubts.append(_problem("Q_DEMOGRAPHICS", f"The {word} differs from that of the patient's earlier scans."))
    return doubts


def mask_seen_before(patient: Patient | None, outline: Mapping[str, Any], besides: Scan | None) -> Problem | None:
    """The same voxels on the same grid as an outline of another scan: most likely a mix-up of dates."""
    if patient is None or not outline.get("mask_digest"):
        return None
    earlier = Segmentation.objects.filter(scan__patient=patient, mask_digest=outline["mask_digest"])
    row = earlier.exclude(scan=besides).select_related("scan").first()
    if row is None:
        return None
    return _problem("Q_MASK_REUSED", f"This is the same mask as on {row.scan.acquired_on}. Send the one of this scan.")


def _patient(upload: Upload, identity: Mapping[str, str]) -> tuple[Patient | None, str]:
    if upload.patient is not None:
        return upload.patient, "Uploaded for this patient."
    known = identity.get("patient_id_hmac")
    if known:
        found = Patient.objects.filter(team=upload.team, patient_id_hmac=known)
        for patient in found[:1]:
            agreeing = [
                word
                for name, word in (("birth_date_hmac", "birth date"), ("sex_hmac", "sex"))
                if identity.get(name) and identity.get(name) == getattr(patient, name)
            ]
            return patient, "Same " + " and ".join([", ".join(["patient ID", *agreeing[:-1]]), *agreeing[-1:]]) + "."
    return None, ""


def _new_pseudonym(facts: Mapping[str, Any]) -> str:
    wanted = str(facts.get("synthetic_id") or "")
    if wanted and not Patient.objects.filter(pseudonym=wanted).exists():
        return wanted
    number = Patient.objects.count() + 1
    while Patient.objects.filter(pseudonym=f"P-{number:04d}").exists():
        number += 1
    return f"P-{number:04d}"


def _same_scan(patient: Patient | None, facts: Mapping[str, Any]) -> Scan | None:
    if patient is None:
        return None
    return Scan.objects.filter(patient=patient, volume_digest=facts.get("volume_digest", "")).first()


def _elsewhere(patient: Patient | None, facts: Mapping[str, Any]) -> bool:
    same = Scan.objects.filter(volume_digest=facts.get("volume_digest", ""))
    return same.exclude(patient=patient).exists() if patient else same.exists()


def _differs(kept: str, found: str) -> bool:
    return bool(kept and found and kept != found)


def _problem(code: str, sentence: str) -> Problem:
    return {"code": code, "sentence": sentence}
