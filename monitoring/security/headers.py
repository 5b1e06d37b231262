"""Strict headers on every answer, whoever made it: a view, an error, a redirect, a static file.

The outermost middleware. Each answer gets a number that stands in the log and on the error page, so that who met
an error can name it, and nothing else about it need leave the house.
"""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = logging.getLogger(__name__)
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
ID_HEADER = "X-Request-ID"

# What an answer without a policy of its own may load: nothing.
CLOSED = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
ALWAYS = {
    "Content-Security-Policy": CLOSED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Pages are kept nowhere; what may be kept (static files, slices by digest) says so itself.
    "Cache-Control": "private, no-store",
}


class StrictHeaders:
    """Fill in what no one else has said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = uuid.uuid4().hex[:12]
        held = REQUEST_ID.set(number)
        request.request_id = number  # type: ignore[attr-defined]  # for error pages; lives as long as the request
        try:
            response = self.get_response(request)
            if response.status_code >= 500:
                log.error("request %s answered %s", number, response.status_code)
        finally:
            REQUEST_ID.reset(held)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers[ID_HEADER] = number
        return response
