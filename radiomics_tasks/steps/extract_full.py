"""Segmentations of one scan under a profile that was asked for, beside the one that is followed."""

from django.conf import settings

from patients.models import Scan
from patients.reads.lesions import outlines_to_take_further
from patients.writes.features import store_extra
from patients.writes.locking import patient_locked
from radiomics_tasks import runs
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.profiles import profile_named
from radiomics_tasks.outline_work import OutlineWork, worth_another_try


def extract_full(run_pk: int) -> None:
    """Extract every measured outline of one scan that has no snapshot yet under the profile of the run.

    Nothing else changes: what courses, changes, bands and models are made of is the plain profile's.
    A second delivery finds the run claimed or nothing waiting, and leaves politely.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        scan, profile = Scan.objects.get(pk=claim.subject_pk), profile_named(claim.input_key)
        waiting = outlines_to_take_further(scan.pk, build_of(settings.ENGINE).digest, profile.digest)
        work = OutlineWork(scan, profile, claim)
        work.compute(waiting, [])  # no transaction is open
        with patient_locked(scan.patient_id), runs.finishing(claim, worth_another_try(work.results)):
            for row in waiting:
                snapshot = work.results.get(row.pk, {}).get("snapshot")
                if snapshot:
                    store_extra(row, snapshot)
