"""Every request has an id, which its log lines, its answer and whoever reports a fault have in common.

It also counts requests by view and status, and answers in words where the database is not there.
"""

import re
import sys
import time
from collections.abc import Callable
from uuid import uuid4

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from prometheus_client import Counter, Histogram

from patients.told_of import request_id, telling_of_request

HEADER = "X-Request-ID"
# A proxy's own id is taken over only where it is nothing but an id.
_AN_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
BUSY = "The database does not answer. Nothing was stored. Try again in a moment."
ANSWERED = Counter("deltarad_requests_total", "Requests answered", ["view", "method", "status"])
SECONDS = Histogram(
    "deltarad_request_seconds", "Time to an answer", ["view"], buckets=(0.05, 0.1, 0.2, 0.3, 0.4, 0.75, 1.5, 3, 10, 60)
)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class RequestsTold:
    """Stands first of all, so that every answer has its id, refusals of others included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        said = request.headers.get(HEADER, "")
        own = said if _AN_ID.fullmatch(said) else uuid4().hex
        began_at = time.monotonic()
        with telling_of_request(own):
            response = self.get_response(request)
        match = request.resolver_match
        # The view's name and nothing that a caller chose: an address may hold anything.
        view = (match.view_name if match else None) or "none"
        method = request.method if request.method in METHODS else "other"
        ANSWERED.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.monotonic() - began_at)
        response.headers[HEADER] = own
        return response


def server_error(_request: HttpRequest) -> HttpResponseBase:
    """Django's page of a fault; where the database does not answer, wherever that was noticed, a sentence and 503."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        said = render_to_string("500.html", {"request_id": request_id.get()})
        return HttpResponse(said, status=500)
    return HttpResponse(BUSY, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "5"})
