"""Who signs in elsewhere (OpenID Connect): met with a login that was made here, by name once, by subject ever after.

django-allauth brings the code flow with state and PKCE; here it is held to what it leaves out: a nonce, the token's
signature and end, and that token and userinfo speak of the same subject. Roles are never taken from a token.
"""

from secrets import compare_digest
from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import add_query_params
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from requests import RequestException

UNKNOWN = "You are known where you signed in, but there is no open login for you here. Ask an administrator."
FAILED = "Signing in elsewhere did not come to its end. Try again."


class LoginsElsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No login is made by signing in."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Logins are made by administrators."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the login; a name that is another subject's already is nobody's."""
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise _back(request, UNKNOWN)
            return
        name = claimed(sociallogin.account.extra_data)
        user = User.objects.filter(username=name, is_active=True).first() if name else None
        if user is None or SocialAccount.objects.filter(user=user).exists():
            raise _back(request, UNKNOWN)
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, _provider: Any, **_more: Any) -> None:
        """Back to the sign-in page, whatever went wrong there."""
        raise _back(request, FAILED)


class ProvedLogin(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """A token counts only for the sign-in that it was asked for."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """The login that the token speaks of. Raises OAuth2Error."""
        found = super().complete_login(request, app, token, **kwargs)
        told = found.account.extra_data
        proved, beside = told.get("id_token") or {}, told.get("userinfo") or {}
        expected = nonce_of(request.GET.get("state", ""))
        if "exp" not in proved or not compare_digest(str(proved.get("nonce", "")), expected):
            raise OAuth2Error("the token is not of this sign-in")
        if proved.get("sub") != beside.get("sub"):
            raise OAuth2Error("token and userinfo speak of two subjects")
        return found

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Its claims, with the signature checked although it came straight from the issuer."""
        self.did_fetch_access_token = False
        claims: dict[str, Any] = super()._decode_id_token(app, id_token)
        return claims


def set_out(request: HttpRequest, provider_id: str) -> HttpResponse:
    """On the way to the issuer, with a nonce that belongs to the state of this sign-in."""
    try:
        answer: HttpResponse = openid.login(request, provider_id)
    except RequestException:
        # The issuer is asked for its addresses first.
        refusal: HttpResponse = _back(request, FAILED).response
        return refusal
    state = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("state")
    if state:
        answer.headers["Location"] = add_query_params(answer.headers["Location"], {"nonce": nonce_of(state[0])})
    return answer


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the issuer."""
    try:
        view = OAuth2CallbackView.adapter_view(ProvedLogin(request, provider_id))
        answer: HttpResponse = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer


def nonce_of(state: str) -> str:
    """The nonce of one sign-in; the state is kept in the session of the browser that set out."""
    return salted_hmac("openid connect nonce", state, algorithm="sha256").hexdigest()


def claimed(data: dict[str, Any]) -> str:
    """The claim by which a login is met, out of the token or of what the issuer tells besides."""
    told = {**data, **(data.get("userinfo") or {}), **(data.get("id_token") or {})}
    return str(told.get(settings.OIDC_CLAIM) or "")


def _back(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    messages.error(request, sentence)
    return ImmediateHttpResponse(redirect("account_login"))
