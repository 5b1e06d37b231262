"""One's own login: what allauth's views leave to the site."""

from allauth.account.views import password_change
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from monitoring.access import signed_in, user_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def password_page(request: HttpRequest) -> HttpResponseBase:
    """Another password; whoever signs in elsewhere has none here."""
    if not user_of(request).has_usable_password():
        messages.info(request, "Your login has no password here: it is kept where you sign in.")
        return redirect("mfa_index")
    response: HttpResponseBase = password_change(request)
    return response
