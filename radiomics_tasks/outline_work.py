"""Outlines of one scan in limited children, which write what they find of each as soon as it is done."""

import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from patients.files import site_storage
from patients.models import Scan, Segmentation
from radiomics_tasks import runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.ring_work import RingWork
from radiomics_tasks.sandbox import ChildLimits, run_child

Result = dict[str, Any]
log = logging.getLogger(__name__)


class OutlineWork:
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
            "threads": settings.EXTRACT_THREADS,
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


def worth_another_try(results: dict[int, Result]) -> tuple[str, str] | None:
    """Code and sentence of the first crash among the outlines; a refusal would only be repeated."""
    crashes = [result["failure"] for result in results.values() if result.get("failure")]
    return (crashes[0]["code"], crashes[0]["sentence"]) if crashes else None
