"""What speaks against filing a series under a patient: asked when it is proposed, and again when it is filed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from patients.bodies import Compared, compared_bodies
from patients.models import Patient, Scan, Segmentation
from patients.words.identity_words import OF_THE_PATIENT as OF_THE_PATIENT
from patients.written_dates import day

Problem = dict[str, str]
UIDS = ("series_instance_uid", "frame_of_reference_uid", "study_instance_uid")
HASHES = (("patient_id_hmac", "patient ID"), ("birth_date_hmac", "birth date"), ("sex_hmac", "sex"))


def problem(code: str, sentence: str) -> Problem:
    """A code and its sentence, as candidates and outlines keep them."""
    return {"code": code, "sentence": sentence}


def patient_doubts(patient: Patient | None, facts: Mapping[str, Any]) -> list[Problem]:
    """Why this series may be another person's: by its identifiers, its body, its voxels or its UIDs.

    Without a patient: a new one's. The record of every team is asked, and the answer names nobody; only who holds
    the images can ask.
    """
    doubts = [*identity_doubts(patient, facts.get("identity", {})), *_body_doubts(patient, facts)] if patient else []
    filed = filed_elsewhere(patient, facts)
    if filed is not None and filed.volume_digest == facts.get("volume_digest"):
        sentence = "Identical images are filed under another patient. Find out whose they are."
        doubts.append(problem("Q_PIXELS_OTHER_PATIENT", sentence))
    elif filed is not None:
        sentence = "This series is filed under another patient, with other images. Find out whose they are."
        doubts.append(problem("Q_UID_OTHER_PATIENT", sentence))
    if same_numbers(patient, facts) is not None:
        sentence = "An image of this series has the number of one that is filed already, with other contents."
        doubts.append(problem("Q_IMAGE_NUMBER", f"{sentence} Find out which is right."))
    return doubts


def filed_elsewhere(patient: Patient | None, facts: Mapping[str, Any]) -> Scan | None:
    """A scan of somebody else with these voxels, else of this series, study or frame of reference, or these images."""
    others = Scan.objects.exclude(patient=patient).select_related("patient").order_by("pk")
    digest = facts.get("volume_digest")
    same = others.filter(volume_digest=digest).first() if digest else None
    if same is not None:
        return same
    told = {name: facts[name] for name in UIDS if facts.get(name)}
    found = others.filter(Q(*told.items(), _connector=Q.OR)).first() if told else None
    numbers = facts.get("sop_instance_uids") or []
    return found or (others.filter(facts__sop_instance_uids__has_any_keys=numbers).first() if numbers else None)


def same_numbers(patient: Patient | None, facts: Mapping[str, Any]) -> Scan | None:
    """Another scan of the patient that has an image of the same number (SOP Instance UID) with another file."""
    here = _files_by_number(facts)
    if patient is None or not here:
        return None
    others = Scan.objects.filter(patient=patient, facts__sop_instance_uids__has_any_keys=list(here))
    for scan in others.exclude(volume_digest=facts.get("volume_digest", "")).order_by("pk"):
        there = _files_by_number(scan.facts)
        if any(there[number] != file for number, file in here.items() if number in there):
            return scan
    return None


def _files_by_number(facts: Mapping[str, Any]) -> dict[str, str]:
    return dict(zip(facts.get("sop_instance_uids") or (), facts.get("instances") or (), strict=False))


def identity_doubts(patient: Patient, identity: Mapping[str, str]) -> list[Problem]:
    """Where the keyed hashes of a series disagree with those the patient's earlier scans brought."""
    doubts = []
    if _differs(patient.patient_id_hmac, identity.get("patient_id_hmac", "")):
        sentence = "The file's patient does not match the patient you picked. Check whose scan it is."
        doubts.append(problem("Q_WRONG_PATIENT", sentence))
    different = [word for name, word in HASHES[1:] if _differs(getattr(patient, name), identity.get(name, ""))]
    if different:
        words = f"The {' and the '.join(different)} differ{'s' if len(different) == 1 else ''}"
        doubts.append(problem("Q_DEMOGRAPHICS", f"{words} from the patient's earlier scans. Check whose scan it is."))
    return doubts


def _body_doubts(patient: Patient, facts: Mapping[str, Any]) -> list[Problem]:
    different = [row["what"] for row in bodies_beside(patient, facts) if not row["is_same"]]
    if not different:
        return []
    words = f"The {' and the '.join(different)} differ{'s' if len(different) == 1 else ''}"
    return [problem("Q_BODY", f"{words} from the patient's scan nearest in time. Check whose scan it is.")]


def bodies_beside(patient: Patient, facts: Mapping[str, Any]) -> list[Compared]:
    """Height, weight and chest beside those of the patient's scan nearest in time that tells of each."""
    if not (facts.get("physique") or facts.get("body")):
        return []
    rows = Scan.objects.filter(patient=patient, is_withheld=False).exclude(volume_digest=facts.get("volume_digest", ""))
    told = rows.values_list("acquired_on", "facts__physique", "facts__body")
    own = date.fromisoformat(facts["acquired_on"]) if facts.get("acquired_on") else None
    found: dict[str, Compared] = {}
    for on, physique, body in sorted(told, key=lambda row: _days(own, row[0])):
        for row in compared_bodies(facts, {"physique": physique, "body": body}, _days(own, on)):
            found.setdefault(row["what"], row)
    return list(found.values())


def _days(one: date | None, other: date) -> int:
    return abs((one - other).days) if one else 0


def mask_seen_before(patient: Patient | None, outline: Mapping[str, Any], besides: Scan | None) -> Problem | None:
    """The same voxels on the same grid as an outline of another scan: a mix-up of dates, or of patients."""
    row = mask_elsewhere(patient, outline, besides)
    if row is None:
        return None
    if patient is None or row.scan.patient_id != patient.pk:
        sentence = "This is the same mask as on another patient's scan. Send the one of this scan."
        return problem("Q_MASK_REUSED", sentence)
    on = day(row.scan.acquired_on)
    return problem("Q_MASK_REUSED", f"This is the same mask as on {on}. Send the one of this scan.")


def mask_elsewhere(patient: Patient | None, outline: Mapping[str, Any], besides: Scan | None) -> Segmentation | None:
    """The outline of another scan with the same voxels on the same grid, the patient's own before anybody else's.

    The very images under another patient bring the very outlines: that is told of the images.
    """
    if not outline.get("mask_digest"):
        return None
    alike = Segmentation.objects.filter(mask_digest=outline["mask_digest"]).select_related("scan").order_by("pk")
    if besides is not None:
        alike = alike.exclude(scan=besides)
    own = alike.filter(scan__patient=patient).first() if patient else None
    if own is not None or (patient is None and besides is None):
        return own
    return alike.exclude(scan__volume_digest=besides.volume_digest).first() if besides else None


def _differs(kept: str, found: str) -> bool:
    return bool(kept and found and kept != found)
