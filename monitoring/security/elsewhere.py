"""Who signs in elsewhere (OpenID Connect): met with a login that was made here, by name once, by subject ever after."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import redirect

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


def claimed(data: dict[str, Any]) -> str:
    """The claim by which a login is met, out of the token or of what the issuer tells besides."""
    told = {**data, **(data.get("userinfo") or {}), **(data.get("id_token") or {})}
    return str(told.get(settings.OIDC_CLAIM) or "")


def _back(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    messages.error(request, sentence)
    return ImmediateHttpResponse(redirect("account_login"))
