"""Patients whose last scan has another kernel than those before: their texture is blocked until somebody accepts it."""

from typing import Any

from patients.models import LesionPair, Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Reference
from patients.words.trust_words import Comparability
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.factories import facts, followed_patient

SOFT, SHARP = "STANDARD", "BONE"


def acquired(kernel: str) -> dict[str, Any]:
    """The facts of a CT scan with this kernel."""
    scaled = {"RescaleSlope": 1.0, "RescaleIntercept": -1024.0, "RescaleType": "HU"}
    acquisition = {**scaled, "Manufacturer": "GE MEDICAL SYSTEMS", "ConvolutionKernel": kernel, "KVP": 120.0}
    return facts(acquisition=acquisition, geometry={"spacing_mm": [0.8, 0.8, 2.5]})


def sharpened(patient: Patient) -> Patient:
    """Give the last scan of a patient a sharp kernel, the others a soft one, and conclude as a worker would."""
    scans = list(patient.scans.order_by("acquired_on"))
    for scan in scans:
        scan.facts = acquired(SHARP if scan is scans[-1] else SOFT)
        scan.save(update_fields=["facts"])
    concluded(patient)
    return patient


def concluded(patient: Patient) -> None:
    """What the worker would make of the patient now."""
    replace_findings(conclude(patient_timeline(patient.pk, with_facts=True)))


def sharpened_patient(*args: Any, **more: Any) -> Patient:
    """`followed_patient`, its last scan with another kernel."""
    return sharpened(followed_patient(*args, **more))


def blocked_pair(patient: Patient) -> LesionPair:
    """The last visit of the first lesion against baseline."""
    pairs = LesionPair.objects.filter(patient=patient, level=Comparability.BLOCK_TEXTURE, reference=Reference.BASELINE)
    return pairs.order_by("lesion_id").first() or pairs.get()


def unscaled_patient(*args: Any, **more: Any) -> Patient:
    """`followed_patient`, its last scan not scaled to HU: nothing of it may be compared."""
    patient = followed_patient(*args, **more)
    scans = list(patient.scans.order_by("acquired_on"))
    for scan in scans:
        scan.facts = acquired(SOFT)
        scan.facts["acquisition"]["RescaleType"] = "OD" if scan is scans[-1] else "HU"
        scan.save(update_fields=["facts"])
    concluded(patient)
    return patient
