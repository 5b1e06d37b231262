"""Half a form is no form: a body that ends before its told length is refused before anybody reads it.

A server hands on what came before a line broke, or before it gave a slow sender up, as if it were all.
"""

import io
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase

BROKEN_OFF = "The connection broke off. Nothing was stored. Send it again."
TOO_SLOW = "Too little arrived for a while. Nothing was stored. Check the connection and send it again."
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class WholeBody(io.IOBase):
    """The body of a request, which raises where it ends before its length."""

    def __init__(self, body: Any, length: int) -> None:
        self.body = body
        self.left = length

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes. Raises OSError where fewer come than are still to come."""
        wanted = self.left if size < 0 else min(size, self.left)
        content: bytes = self.body.read(wanted) if wanted else b""
        self.left -= len(content)
        if len(content) < wanted:
            raise ConnectionResetError("the body ended before its length")
        return content


def whole_bodies(application: Application) -> Application:
    """The application, which is given only bodies that say when they break off."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdecimal():
            environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return answer


def is_too_slow(request: HttpRequest) -> bool:
    """Whether the server gave the sender of this request up."""
    return bool(getattr(request.META.get("gunicorn.socket"), "is_too_slow", False))


class WholeForms:
    """Stands before whoever reads a form first: a form that broke off reaches no view, not even as an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            # Parsed once and kept; bodies that are no form are left for their views.
            _ = request.POST
        except UnreadablePostError:
            said, status = (TOO_SLOW, 408) if is_too_slow(request) else (BROKEN_OFF, 400)
            return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
