"""Segmentations of one scan, from voxels to snapshots."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from patients.files import Storage
from patients.models import Scan, Segmentation
from patients.reads import lesions as known
from patients.vocabulary import Organ, Step
from patients.writes.features import store_measurement, store_snapshot
from patients.writes.lesions import let_meet
from patients.writes.locking import patient_locked
from radiomics_tasks import runs
from radiomics_tasks.analysis.matching import OutlineFacts
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.build import build_digest
from radiomics_tasks.extraction.profiles import Profile, profile_for
from radiomics_tasks.meetings import WHICH_IS_WHICH, meetings
from radiomics_tasks.sandbox import ChildLimits, run_child

Result = dict[str, Any]


def extract_features(run_pk: int) -> None:
    """Measure and extract every waiting outline of one scan.

    A second delivery finds the run claimed or nothing waiting, and leaves politely.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        scan = Scan.objects.select_related("patient").get(pk=claim.subject_pk)
        _link_what_meets(scan)
        profile = profile_for(scan.modality)
        waiting = known.outlines_to_measure(scan.pk, build_digest(), profile.digest)
        results = _compute(scan, waiting, profile, claim)  # no transaction is open
        with patient_locked(scan.patient_id), runs.finishing(claim, _worth_another_try(results)):
            _store(waiting, results)
            runs.arm(Step.REASSESS, scan.patient_id)


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


def _compute(scan: Scan, waiting: list[Segmentation], profile: Profile, claim: runs.Claim) -> dict[int, Result]:
    """One child for all outlines; after a crash one child for each that is left, so that one lesion hides no other."""
    results: dict[int, Result] = {}
    if not waiting:
        return results
    try:
        _run(scan, waiting, profile, claim, results)
    except ChildFailure as failure:
        left = [row for row in waiting if row.pk not in results]
        if waiting == left and len(left) == 1:
            return {left[0].pk: _failed(failure)}
        for row in left:
            try:
                _run(scan, [row], profile, claim, results)
            except ChildFailure as own:
                results[row.pk] = _failed(own)
    return results


def _failed(failure: ChildFailure) -> Result:
    return {"failure": {"code": failure.code, "sentence": failure.sentence}}


def _run(scan: Scan, rows: list[Segmentation], profile: Profile, claim: runs.Claim, results: dict[int, Result]) -> None:
    store = Storage(Path(settings.DATA_DIR))
    code = f"extract-{claim.token.hex}"
    out = store.staging(code)
    job = {
        "kind": "extract",
        "out": str(out),
        "result": str(out / "result.json"),
        "volume": str(store.path(scan.volume_file)),
        "volume_digest": scan.volume_digest,
        "modality": scan.modality,
        "profile": profile.name,
        "outlines": [{"pk": row.pk, "mask": str(store.path(row.mask_file))} for row in rows],
    }
    limits = ChildLimits(
        memory_mb=settings.CHILD_EXTRACT_MEMORY_MB,
        cpu_seconds=settings.CHILD_EXTRACT_SECONDS,
        wall_seconds=settings.CHILD_EXTRACT_SECONDS,
        file_mb=64,
    )
    done = len(results)

    def beat() -> None:
        runs.renew(claim, done + len(list(out.glob("outline-*.json"))), done + len(rows))

    try:
        run_child(job, limits, beat)
    finally:
        results.update(_finished(out))
        store.clear_staging(code)


def _finished(out: Path) -> dict[int, Result]:
    """What the child had written when it ended, however it ended."""
    rows = [json.loads(path.read_text()) for path in out.glob("outline-*.json")]
    return {int(row["pk"]): row for row in rows}


def _store(waiting: list[Segmentation], results: dict[int, Result]) -> None:
    for row in waiting:
        result = results.get(row.pk, {})
        failure = result.get("refusal") or result.get("failure") or {}
        if result.get("measurement"):
            store_measurement(row, result["measurement"])
        if result.get("snapshot"):
            store_snapshot(row, result["snapshot"])
        if failure or row.failure:
            Segmentation.objects.filter(pk=row.pk).update(failure=failure)


def _worth_another_try(results: dict[int, Result]) -> tuple[str, str] | None:
    """Code and sentence of the first crash among the outlines; a refusal would only be repeated."""
    crashes = [result["failure"] for result in results.values() if result.get("failure")]
    return (crashes[0]["code"], crashes[0]["sentence"]) if crashes else None
