"""A patient to assess, and what a browser sends for one of its visits."""

from typing import Any

from django.utils import timezone

from patients.models import Patient, Timepoint
from patients.outlined import NOTHING, outlined_visits
from patients.vocabulary import Step
from radiomics_tasks.models import ProcessingRun


def visits(patient: Patient) -> list[Timepoint]:
    """The visits in the order of time."""
    return list(patient.timepoints.order_by("scans__acquired_on"))


def address(visit: Timepoint, page: str = "assessment") -> str:
    return f"/patients/{visit.patient.code}/visits/{visit.pk}/{page}"


def entered(visit: Timepoint, **said: Any) -> dict[str, Any]:
    """A whole form: every lesion measured on its outline, the judgements of a quiet visit; `said` besides."""
    lesions = {f"lesion-{lesion.pk}-state": "MEASURED" for lesion in visit.patient.lesions.all()}
    outlines = outlined_visits(visit.patient_id).get(visit.pk, NOTHING).digest
    judged = {"outlines": outlines, "non_target": "NCNP", "new_disease": "NO", "version": "1", "act": "sign"}
    return {**lesions, **judged, **said}


def is_armed(patient: Patient) -> bool:
    """Whether the patient is to be concluded again."""
    return ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk).exists()


def words(answer: Any) -> str:
    """The text of a page, blanks made one."""
    return " ".join(answer.content.decode().split())


def today() -> str:
    return timezone.localdate().isoformat()
