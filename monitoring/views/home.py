"""The door: who is not signed in may sign in, everyone else goes to the place that fits the role."""

from allauth.account.views import login
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache

from monitoring.access import viewer_of
from monitoring.roles import Act
from patients.told_of import request_id
from patients.vocabulary import Role

# Who comes to look at patients first; a coordinator or steward alone comes to work off the inbox.
READING_ROLES = frozenset({Role.READER, Role.ONCOLOGIST, Role.BOARD})


@never_cache
def home(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page itself at `/`, so that a first visitor sees at once what this is."""
    if request.user.is_authenticated:
        return _place_for(request)
    response: HttpResponseBase = login(request)
    return response


def _place_for(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    if viewer.may(Act.UPLOAD) and not viewer.roles & READING_ROLES:
        return redirect("inbox")
    if viewer.may(Act.READ):
        return redirect("cohort")
    if viewer.may(Act.AUDIT):
        return redirect("audit")
    if request.user.is_staff:
        return HttpResponseRedirect("/admin/")
    return render(request, "pages/nothing.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """One and the same page for what is not there and for what belongs to others."""
    return render(request, "404.html", status=404)


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read at all, in words, on a page that asks nothing of the request."""
    is_too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    most = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    context = {"is_too_large": is_too_large, "most": most, "request_id": request_id.get()}
    said = render_to_string("400.html", context)
    return HttpResponse(said, status=413 if is_too_large else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the role does not allow, in words."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django's signature
    """A form without the page's own token: too old, or sent from elsewhere."""
    words = "This form is too old, or it came from another site. Load the page anew and send it again."
    return render(request, "403.html", {"reason": words}, status=403)
