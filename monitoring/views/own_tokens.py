"""One's own access tokens: made here, shown once, revoked here."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.access import NOT_FOUND, code_or_404, signed_in, user_of
from monitoring.security.logins import has_second_factor
from monitoring.token_form import TokenForm
from patients.models import AccessToken
from patients.reads.tokens import is_usable, tokens_of
from patients.words.token_words import Scope
from patients.writes.tokens import TokenRefused, make_token, revoke_tokens


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_page(request: HttpRequest) -> HttpResponseBase:
    """Every token of this login, and a form for another one."""
    if request.method == "POST":
        response: HttpResponseBase = _made(request)
        return response
    return _page(request, TokenForm())


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def _made(request: HttpRequest) -> HttpResponse:
    """A new token, shown in the answer to its form and never again."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    scopes = [Scope(one) for one in said["scopes"]]
    try:
        made, secret = make_token(
            user_of(request), said["name"], scopes, said["days"], has_second_factor=has_second_factor(request)
        )
    except TokenRefused as refused:
        form.add_error("name", str(refused))
        return _page(request, form, status=422)
    return _page(request, TokenForm(), made=made, secret=secret)


@signed_in
@require_POST
def token_revoke(request: HttpRequest) -> HttpResponse:
    """End one of one's own; revoked twice it stays as it is."""
    user, code = user_of(request), code_or_404(request.POST.get("token", ""))
    if not AccessToken.objects.filter(user=user, code=code).exists():
        raise Http404(NOT_FOUND)
    if revoke_tokens(user.pk, code):
        messages.success(request, "The token is revoked: it opens nothing any more.")
    return redirect("own_tokens")


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    rows = [
        {"token": one, "scopes": [Scope(word).label for word in one.scopes], "is_open": is_usable(one, now)}
        for one in tokens_of(user_of(request).pk)
    ]
    return render(request, "pages/tokens.html", {"rows": rows, "form": form, **more}, status=status)
