"""Segmentations of one scan, from voxels to snapshots."""

from django.conf import settings

from patients.failpoints import reached
from patients.models import Scan, Segmentation
from patients.reads import lesions as known
from patients.vocabulary import Organ, Step
from patients.words.regions import Region
from patients.writes.features import store_measurement, store_ring, store_snapshot
from patients.writes.lesions import let_meet
from patients.writes.locking import patient_locked
from radiomics_tasks import runs
from radiomics_tasks.analysis.matching import OutlineFacts
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.profiles import full_profile_for, profile_for
from radiomics_tasks.jumps import hold_jumps
from radiomics_tasks.meetings import WHICH_IS_WHICH, meetings
from radiomics_tasks.outline_work import OutlineWork, Result, worth_another_try
from radiomics_tasks.ring_work import RingWork, rings_to_take


def extract_features(run_pk: int) -> None:
    """Measure and extract every waiting outline of one scan.

    A second delivery finds the run claimed or nothing waiting, and leaves politely.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        scan = Scan.objects.select_related("patient").get(pk=claim.subject_pk)
        _link_what_meets(scan)
        hold_jumps(scan)
        profile = profile_for(scan.modality)
        waiting = known.outlines_to_measure(scan.pk, build_of(settings.ENGINE).digest, profile.digest)
        rings = rings_to_take(scan, profile) if settings.HAS_RINGS else []
        work = OutlineWork(scan, profile, claim)
        work.compute(waiting, rings)  # no transaction is open
        with patient_locked(scan.patient_id), runs.finishing(claim, worth_another_try(work.results)):
            if not Scan.objects.filter(pk=scan.pk, patient=scan.patient_id).exists():
                # Put under another patient meanwhile, which armed this run again: nothing is stored, it begins anew.
                return
            _store(waiting, work.results)
            _store_rings(rings, work.rings)
            runs.arm(Step.NOISE, runs.THE_SITE)  # first, as gathering holds its own run when it arms the other
            runs.arm(Step.REASSESS, scan.patient_id)
            if settings.PERTURBATIONS:
                runs.arm(Step.PERTURB, scan.pk)
            full = full_profile_for(scan.modality) if settings.HAS_FULL_PROFILES else None
            if full is not None:
                runs.arm(Step.FULL, scan.pk, full.name)


def _link_what_meets(scan: Scan) -> None:
    """Outlines that were filed without a lesion meet theirs by name, organ and place, or go on waiting."""
    waiting = [row for row in known.outlines_to_meet(scan.pk) if row.centroid_mm]
    facts = [
        OutlineFacts(row.roi_name, row.tracking_uid, Organ(row.organ) if row.organ else None, tuple(row.centroid_mm))
        for row in waiting
    ]
    for row, meeting in zip(waiting, meetings(scan.patient_id, scan.facts.get("body"), facts), strict=True):
        if meeting.lesion_pk is not None and known.is_outlined_beside(row, meeting.lesion_pk):
            let_meet(row, WHICH_IS_WHICH.lesion_pk, WHICH_IS_WHICH.why)
        else:
            let_meet(row, meeting.lesion_pk, meeting.why)


def _store_rings(rings: list[RingWork], results: dict[int, Result]) -> None:
    for ring in rings:
        for region, extracted in results.get(ring.outline.pk, {}).get("rings", {}).items():
            store_ring(ring.outline, Region(region), extracted)


def _store(waiting: list[Segmentation], results: dict[int, Result]) -> None:
    for row in waiting:
        result = results.get(row.pk, {})
        failure = result.get("refusal") or result.get("failure") or {}
        if result.get("measurement"):
            store_measurement(row, result["measurement"])
        reached("snapshot_before_insert")
        if result.get("snapshot"):
            store_snapshot(row, result["snapshot"])
        reached("snapshot_mid_insert")
        if failure or row.failure:
            Segmentation.objects.filter(pk=row.pk).update(failure=failure)
