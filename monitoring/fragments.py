"""Whole page or fragment: the same view answers a browser with the page and htmx with the part of it."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, and not for a page that it will put in place whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def query_around(request: HttpRequest) -> str:
    """The query of the page that a fragment stands in; empty where it is not told, or is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "")).query
    except ValueError:
        return ""


def page_or_fragment(request: HttpRequest, name: str, context: dict[str, Any], fragment: str = "") -> HttpResponse:
    """`pages/<name>.html`, or `fragments/<fragment or name>.html` where htmx asks for the part."""
    template = f"fragments/{fragment or name}.html" if wants_fragment(request) else f"pages/{name}.html"
    return render(request, template, context)


def fragment(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """One part of a page; 422 where it is a form that did not hold."""
    return render(request, f"fragments/{name}.html", context, status=status)
