"""A patient, from snapshots to findings."""

from django.conf import settings

from patients.reads.timelines import patient_timeline
from patients.writes.findings import replace_findings
from patients.writes.locking import patient_locked
from radiomics_tasks import runs
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.harmonising import rederive_patient


def reassess_patient(run_pk: int) -> None:
    """Replace every unsigned finding of one patient by what the snapshots say today.

    Safe to run twice and safe to run late: nothing is added up, everything is derived anew.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        findings = conclude(patient_timeline(claim.subject_pk), Protocol().with_settings(settings.RESPONSE_PROTOCOL))
        with patient_locked(claim.subject_pk), runs.finishing(claim):
            replace_findings(findings)
            rederive_patient(claim.subject_pk)
