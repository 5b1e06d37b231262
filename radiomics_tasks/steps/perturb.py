"""Segmentations of one scan, extracted again and again under perturbation: what the noise bands are made of."""

import json
import logging
from typing import Any

from django.conf import settings

from patients.files import site_storage
from patients.models import Scan, Segmentation
from patients.reads.trusting.repeats import outlines_to_perturb
from patients.vocabulary import Step
from patients.writes.trusting.repeats import store_repeats
from radiomics_tasks import runs
from radiomics_tasks.errors import ChildFailure
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.perturb.spec import PerturbationSpec, spec_named
from radiomics_tasks.extraction.profiles import Profile, profile_for
from radiomics_tasks.sandbox import ChildLimits, run_child

log = logging.getLogger(__name__)


def perturb_outlines(run_pk: int) -> None:
    """Repeat every linked outline of one scan that has no repeats yet.

    Each outline is stored as soon as it is done, so that an attempt that ends early loses only the one it was at.
    A second delivery finds the run claimed or nothing waiting, and leaves politely.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        failure = None
        if settings.PERTURBATIONS:
            failure = _perturb(Scan.objects.get(pk=claim.subject_pk), claim)
        with runs.finishing(claim, failure):
            if settings.PERTURBATIONS:
                runs.arm(Step.NOISE, runs.THE_SITE)


def _perturb(scan: Scan, claim: runs.Claim) -> tuple[str, str] | None:
    """Code and sentence of the first crash, after which the other outlines were done all the same."""
    profile, spec = profile_for(scan.modality), spec_named(repeats=settings.PERTURBATIONS)
    left = outlines_to_perturb(scan.pk, build_of(settings.ENGINE).digest, profile.digest, spec.digest)
    failure = None
    while left:
        work = _Work(scan, left, profile, spec, claim)
        try:
            work.run()
        except ChildFailure as crash:
            failure = failure or (crash.code, crash.sentence)
        # What is missing after the last that was finished has broken the child.
        left = [row for row in left if row.pk not in work.done][1:]
    return failure


class _Work:
    """One child for the outlines of one scan; `done`: keys of those it has finished."""

    def __init__(
        self, scan: Scan, rows: list[Segmentation], profile: Profile, spec: PerturbationSpec, claim: runs.Claim
    ) -> None:
        self.done: set[int] = set()
        self._scan, self._rows, self._profile, self._spec, self._claim = scan, rows, profile, spec, claim
        self._store = site_storage()
        self._code = f"perturb-{claim.token.hex}"
        self._out = self._store.staging(self._code)

    def run(self) -> None:
        """Raises ChildFailure where the child broke down, after what it had finished is stored."""
        limits = ChildLimits(
            memory_mb=settings.CHILD_EXTRACT_MEMORY_MB,
            cpu_seconds=settings.CHILD_EXTRACT_SECONDS,
            wall_seconds=settings.CHILD_EXTRACT_SECONDS,
            file_mb=64,
        )
        try:
            run_child(self._job(), limits, self._beat)
        finally:
            try:
                self._beat()
            finally:
                self._store.clear_staging(self._code)

    def _job(self) -> dict[str, Any]:
        return {
            "kind": "perturb",
            "out": str(self._out),
            "result": str(self._out / "result.json"),
            "volume": str(self._store.whole(self._scan.volume_file)),
            "profile": self._profile.name,
            "engine": settings.ENGINE,
            "spec": self._spec.as_dict(),
            "outlines": [{"pk": row.pk, "mask": str(self._store.whole(row.mask_file))} for row in self._rows],
        }

    def _beat(self) -> None:
        """Hold the lease, and under it keep what is finished."""
        runs.renew(self._claim, len(self.done), len(self._rows))
        for row in self._rows:
            path = self._out / f"repeats-{row.pk}.json"
            if row.pk in self.done or not path.exists():
                continue
            told = json.loads(path.read_text())
            if told.get("repeated"):
                store_repeats(row, told["repeated"])
            else:
                log.warning("outline %s was not repeated: %s", row.pk, told["refusal"]["code"])
            self.done.add(row.pk)
