"""A model that was approved or retired, to a new conclusion for every patient that was scanned."""

from patients.models import Patient
from patients.vocabulary import Step
from radiomics_tasks import runs


def apply_model(run_pk: int) -> None:
    """Have every patient with a visit concluded again. Safe to run twice: nothing is queued twice."""
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        patients = Patient.objects.filter(timepoints__isnull=False).distinct().order_by("pk")
        with runs.finishing(claim):
            for patient_pk in patients.values_list("pk", flat=True):
                runs.arm(Step.REASSESS, patient_pk)
