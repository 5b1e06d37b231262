"""Which patient a found series belongs to, and what stands in the way of filing it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patients.doubts import Problem, patient_doubts, problem
from patients.models import Patient, Scan, Upload

PSEUDONYM_LENGTH = 64


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
    patient, why = _patient(upload, facts.get("identity", {}))
    problems: list[Problem] = []
    if patient is None:
        problems.append(problem("Q_NEW_PATIENT", "New patient: choose one, or confirm the pseudonym."))
    if not facts.get("acquired_on"):
        problems.append(problem("Q_DATE", facts.get("date_problem") or "Enter the date of the scan."))
    if not facts.get("modality"):
        problems.append(problem("Q_MODALITY", "The file does not say how the scan was taken: CT, MR or PET?"))
    problems.extend(patient_doubts(patient, facts))
    return Proposal(
        patient,
        pseudonym="" if patient else _new_pseudonym(upload, facts),
        why=why,
        same_scan=_same_scan(patient, facts),
        problems=tuple(problems),
    )


def _patient(upload: Upload, identity: Mapping[str, str]) -> tuple[Patient | None, str]:
    if upload.patient is not None:
        return upload.patient, "Uploaded for this patient."
    known = identity.get("patient_id_hmac")
    same_id = (
        list(Patient.objects.filter(team=upload.team_id, patient_id_hmac=known, merged_into=None)[:2]) if known else []
    )
    if len(same_id) > 1:
        return None, "Several patients of this team have this patient ID: choose one."
    if not same_id:
        return None, "No patient of this team has these identifiers."
    agreeing = [
        word
        for name, word in (("birth_date_hmac", "birth date"), ("sex_hmac", "sex"))
        if identity.get(name) and identity.get(name) == getattr(same_id[0], name)
    ]
    return same_id[0], f"Same {_listed(['patient ID', *agreeing])}."


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _new_pseudonym(upload: Upload, facts: Mapping[str, Any]) -> str:
    """A free pseudonym that every series of the same patient gets, and no series of another one.

    It comes from the keyed hash of the patient ID, not from counting: several new patients may arrive in one
    upload. Where there is no ID nothing says that two series show the same person, so each has its own.
    """
    wanted = str(facts.get("synthetic_id") or "")[:PSEUDONYM_LENGTH]
    if wanted and not Patient.objects.filter(pseudonym=wanted).exists():
        return wanted
    who = facts.get("identity", {}).get("patient_id_hmac") or facts.get("volume_digest", "")
    letters = hashlib.sha256(f"{upload.team_id}|{who}".encode()).hexdigest().upper()
    offered = (f"P-{letters[:length]}" for length in range(6, PSEUDONYM_LENGTH - 2))
    return next(name for name in offered if not Patient.objects.filter(pseudonym=name).exists())


def _same_scan(patient: Patient | None, facts: Mapping[str, Any]) -> Scan | None:
    if patient is None:
        return None
    return Scan.objects.filter(patient=patient, volume_digest=facts.get("volume_digest", "")).first()
