"""A patient, from snapshots to findings."""

from patients.models import Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Step
from patients.writes.findings import note_standing, replace_findings
from patients.writes.locking import patient_locked
from patients.writes.trusting.registry import replace_outputs
from radiomics_tasks import runs
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.analysis.trust.hosted.hosting import hosted_outputs
from radiomics_tasks.footing import standing_grounds
from radiomics_tasks.harmonising import rederive_patient
from radiomics_tasks.hosting import computing_models, ensure_default_model
from radiomics_tasks.in_force import site_protocol
from radiomics_tasks.volume_cohort import moves_cohort


def reassess_patient(run_pk: int) -> None:
    """Replace every unsigned finding of one patient by what the snapshots say today.

    Safe to run twice and safe to run late: nothing is added up, everything is derived anew.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        ensure_default_model()
        timeline = patient_timeline(claim.subject_pk, with_facts=True)
        protocol, grounds = site_protocol(), standing_grounds(claim.subject_pk)
        findings = conclude(timeline, protocol, grounds)
        hosted = hosted_outputs(timeline, findings.deltas, computing_models(), findings.comparisons)
        with patient_locked(claim.subject_pk):
            # Before this run's row is held: gathering holds its own when it arms this one.
            if moves_cohort(findings):
                runs.arm(Step.NOISE, runs.THE_SITE)
            with runs.finishing(claim):
                if replace_findings(findings):
                    runs.arm(Step.SCOREBOARD, Patient.objects.values_list("team", flat=True).get(pk=claim.subject_pk))
                replace_outputs(claim.subject_pk, hosted)
                note_standing(claim.subject_pk, grounds.rules.digest, protocol.digest)
                rederive_patient(claim.subject_pk)
