"""Is the process alive, and can it do its work: for load balancers and supervisors, never with patient data."""

from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from radiomics_tasks.relay.heartbeats import INTEGRITY, RECONCILER
from radiomics_tasks.relay.site_state import site_state

BROKER_SECONDS = 2
# Tables change under a process only where it is started anew: once they were whole they stay so.
_whole: set[str] = set()


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 "ready" or "degraded", 503 "failed": pages can be shown as long as the database answers and is migrated.

    A broker that is away, a reconciler without a sign of life, late or failed work and a full disk degrade: taking
    the pages away as well would help nobody.
    """
    if not database_answers():
        return JsonResponse({"state": "failed", "database": False}, status=503)
    if not is_migrated():
        return JsonResponse({"state": "failed", "database": True, "migrations": False}, status=503)
    found = _degrees()
    state = "ready" if found["broker"] and not found["worries"] else "degraded"
    return JsonResponse({"state": state, "database": True, "migrations": True, **found})


def _degrees() -> dict[str, Any]:
    """What makes work slower or needs a person, in counts."""
    state = site_state()
    integrity = state.signs[INTEGRITY]
    return {
        "broker": broker_answers(),
        "reconciler_seconds": _whole_seconds(state.signs[RECONCILER].age_s),
        "oldest_waiting_seconds": round(state.oldest_s),
        "failed": state.failed_count,
        "disk_has_room": state.disk.has_room,
        "integrity": {"checked_seconds": _whole_seconds(integrity.age_s), "broken": integrity.told.get("broken")},
        "worries": state.worries,
    }


def _whole_seconds(age_s: float | None) -> int | None:
    return None if age_s is None else round(age_s)


def database_answers() -> bool:
    """Whether PostgreSQL answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def is_migrated() -> bool:
    """Whether the tables are those of this version."""
    if not _whole:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _whole.add("yes")
    return True


def broker_answers() -> bool:
    """Whether the broker, of whichever kind, takes a connection."""
    try:
        with current_app.connection_for_write(settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_SECONDS)
    except Exception:  # noqa: BLE001  # whatever the broker's client raises, it does not answer
        return False
    return True
