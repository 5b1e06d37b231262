"""What is known of who a patient is comes from scans: it is learned anew where the scans are others."""

from typing import Any

from patients.doubts import HASHES
from patients.models import Patient, Scan
from patients.planned import Plan
from patients.vocabulary import Tumour
from patients.words.identity_words import OF_THE_PATIENT, MoveKind

FACTS = ("tumour", "birth_year")


def learn_anew(plan: Plan, target: Patient) -> dict[str, Any]:
    """The identifiers of both patients from the scans they have now; the answer is what the source had before.

    What only the scans that went told is forgotten by the source, so that the next scan finds its patient.
    """
    wanted, source = plan.wanted, Patient.objects.get(pk=plan.wanted.source.pk)
    there = Patient.objects.get(pk=target.pk)
    before = {name: getattr(source, name) for name, _ in HASHES} | {name: getattr(source, name) for name in FACTS}
    gone = [scan.facts.get("identity", {}) for scan in plan.scans]
    for name, _ in HASHES:
        staying, known = _told(source, name), getattr(source, name)
        if wanted.kind is MoveKind.MERGE:
            setattr(there, name, getattr(there, name) or known)
            setattr(source, name, "")
        elif known and known not in staying and known in {identity.get(name) for identity in gone}:
            setattr(source, name, staying[0] if staying else "")
        if not getattr(there, name) and not plan.doubts:
            setattr(there, name, next(iter(_told(there, name)), ""))
    if wanted.undoes is not None and wanted.undoes.went.get("is_whole"):
        for name, value in wanted.undoes.went.get("identifiers", {}).items():
            setattr(there, name, value)
    if wanted.kind is MoveKind.MERGE:
        there.tumour = source.tumour if there.tumour == Tumour.UNKNOWN else there.tumour
        there.birth_year = there.birth_year or source.birth_year
    names = [name for name, _ in HASHES]
    source.save(update_fields=names)
    there.save(update_fields=[*names, *FACTS])
    return before


def _told(patient: Patient, name: str) -> list[str]:
    """What this patient's scans say, the one filed first before the others; not what was filed in spite of a doubt."""
    rows = Scan.objects.filter(patient=patient).order_by("filed_at", "pk")
    told = rows.values_list(f"facts__identity__{name}", "facts__confirmed")
    return [
        str(value)
        for value, confirmed in told
        if value and not {doubt["code"] for doubt in confirmed or ()} & set(OF_THE_PATIENT)
    ]
