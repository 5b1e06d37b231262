"""Segmentations of one scan, from voxels to snapshots."""

import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from patients.failpoints import reached
from patients.files import site_storage
from patients.models import Scan, Segmentation
from patients.reads import lesions as known
from patients.vocabulary import Organ, Step
from patients.words.regions import Region
from patients.writes.features import store_measurement, store_ring, store_snapshot
from patients.writes.lesions import let_meet
from patients.writes.locking import patient_locked
from radiomics_tasks import runs
from radiomics_tasks.analysis.matching import OutlineFacts
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.profiles import Profile, profile_for
from radiomics_tasks.jumps import hold_jumps
from radiomics_tasks.meetings import WHICH_IS_WHICH, meetings
from radiomics_tasks.ring_work import RingWork, rings_to_take
from radiomics_tasks.sandbox import ChildLimits, run_child

Result = dict[str, Any]
log = logging.getLogger(__name__)


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
        work = _Work(scan, profile, claim)
        work.compute(waiting, rings)  # no transaction is open
        with patient_locked(scan.patient_id), runs.finishing(claim, _worth_another_try(work.results)):
            _store(waiting, work.results)
            _store_rings(rings, work.rings)
            runs.arm(Step.NOISE, runs.THE_SITE)  # first, as gathering holds its own run when it arms the other
            runs.arm(Step.REASSESS, scan.patient_id)
            if settings.PERTURBATIONS:
                runs.arm(Step.PERTURB, scan.pk)


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


class _Work:
    """The children of one scan: what they found of each outline (`results`) and of its rings, by the outline's key."""

    def __init__(self, scan: Scan, profile: Profile, claim: runs.Claim) -> None:
        self._scan, self._profile, self._claim = scan, profile, claim
        self._files = site_storage()
        self.results: dict[int, Result] = {}
        self.rings: dict[int, Result] = {}

    def compute(self, waiting: list[Segmentation], rings: list[RingWork]) -> None:
        """One child for all; after a crash one for each outline that is left, so that one lesion hides no other."""
        if not waiting and not rings:
            return
        try:
            self._run(waiting, rings)
        except ChildFailure as failure:
            left = [row for row in waiting if row.pk not in self.results]
            untried = [ring for ring in rings if ring.outline.pk not in self.rings]
            # Where every outline had been done it was a ring that broke the child: the first without a result.
            untried = untried if left else untried[1:]
            if waiting == left and len(left) == 1:
                self.results[left[0].pk] = _failed(failure)
                left = []
            for row in left:
                try:
                    self._run([row], [])
                except ChildFailure as own:
                    self.results[row.pk] = _failed(own)
            self._rings(untried)

    def _rings(self, rings: list[RingWork]) -> None:
        """The rings that are left; one that breaks the child is left out until the scan is measured again."""
        while rings:
            try:
                self._run([], rings)
            except ChildFailure as failure:
                log.warning("a ring of scan %s was not taken: %s", self._scan.pk, failure.code)
            rings = [ring for ring in rings if ring.outline.pk not in self.rings][1:]

    def _run(self, rows: list[Segmentation], rings: list[RingWork]) -> None:
        code = f"extract-{self._claim.token.hex}"
        out = self._files.staging(code)
        limits = ChildLimits(
            memory_mb=settings.CHILD_EXTRACT_MEMORY_MB,
            cpu_seconds=settings.CHILD_EXTRACT_SECONDS,
            wall_seconds=settings.CHILD_EXTRACT_SECONDS,
            file_mb=64,
        )
        done = len(self.results)

        def beat() -> None:
            runs.renew(self._claim, done + len(list(out.glob("outline-*.json"))), done + len(rows))

        try:
            run_child(self._job(out, rows, rings), limits, beat)
        finally:
            self.results.update(_finished(out, "outline"))
            self.rings.update(_finished(out, "rings"))
            self._files.clear_staging(code)

    def _job(self, out: Path, rows: list[Segmentation], rings: list[RingWork]) -> Result:
        def path(row: Segmentation) -> str:
            return str(self._files.whole(row.mask_file))

        return {
            "kind": "extract",
            "out": str(out),
            "result": str(out / "result.json"),
            "volume": str(self._files.whole(self._scan.volume_file)),
            "volume_digest": self._scan.volume_digest,
            "modality": self._scan.modality,
            "profile": self._profile.name,
            "engine": settings.ENGINE,
            "outlines": [{"pk": row.pk, "mask": path(row)} for row in rows],
            "rings": [
                {
                    "pk": ring.outline.pk,
                    "mask": path(ring.outline),
                    "organ": ring.organ,
                    "others": [path(other) for other in ring.others],
                    "context": ring.context,
                }
                for ring in rings
            ],
        }


def _failed(failure: ChildFailure) -> Result:
    return {"failure": {"code": failure.code, "sentence": failure.sentence}}


def _finished(out: Path, kind: str) -> dict[int, Result]:
    """What the child had written when it ended, however it ended."""
    rows = [json.loads(path.read_text()) for path in out.glob(f"{kind}-*.json")]
    return {int(row["pk"]): row for row in rows}


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


def _worth_another_try(results: dict[int, Result]) -> tuple[str, str] | None:
    """Code and sentence of the first crash among the outlines; a refusal would only be repeated."""
    crashes = [result["failure"] for result in results.values() if result.get("failure")]
    return (crashes[0]["code"], crashes[0]["sentence"]) if crashes else None
