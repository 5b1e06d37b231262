"""Strict headers on every answer, whoever made it: a view, an error, a redirect, a static file."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
    """The outermost middleware: fill in what no one else has said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        return response
