"""Numbers for Prometheus: requests of every web process, and how the work stands; no label tells of a patient."""

import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from monitoring.access import NOT_FOUND
from radiomics_tasks.relay.site_state import SiteState, site_state

LOOPBACK = ("127.0.0.1", "::1")
# A proxy on this machine speaks from the loopback address for whoever is behind it.
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, for who has the token, or without one for this machine alone; nobody else learns that they exist."""
    if not _may_read(request):
        raise Http404(NOT_FOUND)
    work = CollectorRegistry()
    work.register(WorkCollector(site_state()))
    content = generate_latest(work) + generate_latest(_requests())
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_forwarded = any(name in request.headers for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded


def _requests() -> CollectorRegistry:
    """Of all web processes together, where they share a folder for it (web_server.py); else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return registry


class WorkCollector(Collector):
    """How the work stands, as gauges."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family after another."""
        runs = GaugeMetricFamily("deltarad_runs", "Pieces of work, by step and state", labels=["step", "state"])
        oldest = GaugeMetricFamily("deltarad_oldest_waiting_seconds", "Age of the oldest waiting work", labels=["step"])
        for step in self._state.steps:
            for state, count in (("waiting", step.waiting), ("running", step.running), ("failed", step.failed)):
                runs.add_metric([step.step.value, state], count)
            oldest.add_metric([step.step.value], step.oldest_s)
        yield from (runs, oldest)
        uploads = GaugeMetricFamily("deltarad_uploads", "Uploads by state", labels=["state"])
        for name, count in self._state.uploads.items():
            uploads.add_metric([name.value], count)
        yield uploads
        signs = GaugeMetricFamily("deltarad_sign_of_life_seconds", "Age of the last sign of life", labels=["of"])
        for sign in self._state.signs.values():
            if sign.age_s is not None:
                signs.add_metric([sign.name], sign.age_s)
        yield signs
        disk = self._state.disk
        yield GaugeMetricFamily("deltarad_disk_free_ratio", "Free share of the disk of files", disk.free_ratio)
        yield GaugeMetricFamily("deltarad_staged_bytes", "Bytes that wait to be read", disk.staged_bytes)
