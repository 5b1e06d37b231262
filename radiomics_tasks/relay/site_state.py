"""How the work of a site stands, in counts and ids: for the status page, for supervisors and for metrics."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from patients.files import Storage, site_storage
from patients.models import Upload, UploadedFile
from patients.vocabulary import RunState, Step, UploadState
from patients.writes.staging_room import WAITING, disk_has_room
from radiomics_tasks.models import Heartbeat, ProcessingRun
from radiomics_tasks.relay.heartbeats import BACKUP, INTEGRITY, JANITOR, RECONCILER

# When somebody should look: the oldest waiting work, and the reconciler's last sign of life.
LATE_SECONDS = 600
SILENT_SECONDS = 60
FAILED_SHOWN = 50


@dataclass(frozen=True, slots=True)
class StepState:
    """The runs of one step: how many wait, run and have failed, and how long the oldest has waited."""

    step: Step
    waiting: int
    running: int
    failed: int
    oldest_s: float

    @property
    def is_late(self) -> bool:
        """Whether somebody should look."""
        return self.oldest_s > LATE_SECONDS


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: when, how long ago, what it told, and whether that is too long ago."""

    name: str
    beat_at: datetime | None
    age_s: float | None
    told: dict[str, Any]
    is_late: bool


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of this machine's files, and what waits in staging."""

    free_bytes: int
    total_bytes: int
    has_room: bool
    staged_bytes: int

    @property
    def free_ratio(self) -> float:
        """Free of all."""
        return self.free_bytes / self.total_bytes


@dataclass(frozen=True, slots=True)
class SiteState:
    """Everything at one moment."""

    steps: tuple[StepState, ...]
    signs: dict[str, Sign]
    disk: Disk
    uploads: dict[UploadState, int]
    failed: tuple[ProcessingRun, ...] = field(default=())

    @property
    def failed_count(self) -> int:
        """Work that waits for a person."""
        return sum(step.failed for step in self.steps)

    @property
    def oldest_s(self) -> float:
        """How long the oldest work has waited."""
        return max((step.oldest_s for step in self.steps), default=0.0)

    @property
    def worries(self) -> list[str]:
        """What somebody should look at, in words."""
        found = [f"{step.step.label}: waiting for {step.oldest_s / 60:.0f} min" for step in self.steps if step.is_late]
        if self.signs[RECONCILER].is_late:
            found.append("The reconciler gives no sign of life: is a worker running, or manage.py reconcile --loop?")
        if self.failed_count:
            one = self.failed_count == 1
            what = (
                "1 piece of work has failed and waits"
                if one
                else f"{self.failed_count} pieces of work have failed and wait"
            )
            found.append(f"{what} for a person.")
        if not self.disk.has_room:
            found.append("The disk is nearly full: uploads are refused.")
        if self.signs[INTEGRITY].told.get("broken"):
            found.append(f"The last check of what is stored found {self.signs[INTEGRITY].told['broken']} damaged.")
        return found


def site_state() -> SiteState:
    """Six queries and a look at the disk, however much there is."""
    failed = ProcessingRun.objects.filter(state=RunState.FAILED).order_by("-finished_at", "-pk")[:FAILED_SHOWN]
    uploads = dict(Upload.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return SiteState(
        _steps(),
        _signs(),
        _disk(site_storage()),
        {state: uploads.get(state, 0) for state in UploadState},
        tuple(failed),
    )


def _steps() -> tuple[StepState, ...]:
    """What waits for its next try is counted from when it may begin."""
    waits = Q(state=RunState.QUEUED) | Q(state=RunState.RETRY_WAIT, wake_at__lt=Now())
    rows = (
        ProcessingRun.objects.order_by()
        .values("step")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=[RunState.QUEUED, RunState.RETRY_WAIT])),
            running=Count("pk", filter=Q(state=RunState.RUNNING)),
            failed=Count("pk", filter=Q(state=RunState.FAILED)),
            since=Min("armed_at", filter=waits),
            now=Now(),
        )
    )
    found: dict[str, dict[str, Any]] = {row["step"]: dict(row) for row in rows}
    nothing = {"waiting": 0, "running": 0, "failed": 0, "since": None, "now": None}
    return tuple(_step(step, found.get(step, nothing)) for step in Step)


def _step(step: Step, row: dict[str, Any]) -> StepState:
    oldest_s = (row["now"] - row["since"]).total_seconds() if row["since"] else 0.0
    return StepState(step, row["waiting"], row["running"], row["failed"], max(0.0, oldest_s))


def _signs() -> dict[str, Sign]:
    rows = {row.name: row for row in Heartbeat.objects.all()}
    silent_s = {RECONCILER: max(SILENT_SECONDS, 3 * settings.RECONCILE_SECONDS)}
    return {name: _sign(name, rows.get(name), silent_s.get(name)) for name in (RECONCILER, JANITOR, INTEGRITY, BACKUP)}


def _sign(name: str, row: Heartbeat | None, silent_s: float | None) -> Sign:
    if row is None or row.beat_at is None:
        return Sign(name, None, None, {}, is_late=silent_s is not None)
    age = timezone.now() - row.beat_at
    is_late = silent_s is not None and age > timedelta(seconds=silent_s)
    return Sign(name, row.beat_at, age.total_seconds(), row.told, is_late)


def _disk(storage: Storage) -> Disk:
    place = next(folder for folder in (storage.root, *storage.root.parents) if folder.is_dir())
    usage = shutil.disk_usage(place)
    staged = UploadedFile.objects.filter(upload__state__in=WAITING).aggregate(total=Sum("size"))["total"] or 0
    has_room = disk_has_room(storage, 0, settings.FREE_DISK_PERCENT / 100)
    return Disk(usage.free, usage.total, has_room, int(staged))
