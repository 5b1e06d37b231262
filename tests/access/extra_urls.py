"""The site's addresses and one more, of which nobody has written who may see it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from monitoring.urls import urlpatterns as written


def unwritten(_request: HttpRequest, code: str = "") -> HttpResponse:
    """A view that asks nobody."""
    return HttpResponse("everything")


urlpatterns = [*written, path("unwritten", unwritten, name="unwritten")]
