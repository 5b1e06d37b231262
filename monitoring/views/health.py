"""Is the process alive, and can it do its work: for load balancers and supervisors, never with patient data."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

REDIS_SECONDS = 2


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 where PostgreSQL and Redis answer, 503 with the one that does not."""
    states = {"postgresql": database_answers(), "redis": redis_answers()}
    return JsonResponse(states, status=200 if all(states.values()) else 503)


def database_answers() -> bool:
    """Whether PostgreSQL answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether Redis answers PING."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, **connect_timeout(settings.REDIS_URL)
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def connect_timeout(address: str) -> dict[str, int]:
    """The connection's own time limit; a unix socket has none."""
    return {} if address.startswith("unix://") else {"socket_connect_timeout": REDIS_SECONDS}
