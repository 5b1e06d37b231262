"""How one signs in: what this site asks of django-allauth beyond its settings.

Nobody signs up and no mail is sent: logins are made in the administration. What is secret at rest (the key of an
authenticator app, the seed of recovery codes) is stored encrypted under a key that is derived from the site's own.
"""

import base64
import time
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from monitoring.security.sessions import SIGNED_IN_AT

# Who proved himself this long ago need not do it again before he sets up a second factor.
RECENT_SECONDS = 300


class Logins(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Passwords, sessions and where they lead."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "User name and password do not belong together.",
        "too_many_login_attempts": "Too many wrong passwords. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Logins are made by administrators."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A closed login is answered as a wrong password is."""
        found: User | None = super().authenticate(request, **credentials)
        return found if found is not None and found.is_active else None

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """The password once more, unless it was given within the last five minutes."""
        if time.time() - float(context.request.session.get(SIGNED_IN_AT, 0)) < RECENT_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def send_mail(self, _template: str, _to: str, _context: Any) -> None:
        """This site sends no mail."""


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Authenticator apps and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or it was used before.",
    }

    def get_totp_issuer(self) -> str:
        """As it stands in the app."""
        return "Deltarad"

    def build_totp_svg(self, url: str) -> str:
        """The code as one path in the page itself: black on white, whatever the theme, or no camera reads it."""
        code = qrcode.QRCode(border=0)
        code.add_data(url)
        code.make(fit=True)
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
        side = len(rows) + 8
        return (
            f'<svg class="qr" viewBox="-4 -4 {side} {side}" role="img" aria-label="QR code of the key below" '
            f'xmlns="http://www.w3.org/2000/svg"><path fill="#fff" d="M-4-4h{side}v{side}h-{side}z"/>'
            f'<path fill="#000" d="{path}"/></svg>'
        )

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where the site requires a second factor, it is replaced by an administrator, never simply taken off."""
        return not (settings.MFA_REQUIRED and authenticator.type == Authenticator.Type.TOTP)

    def encrypt(self, text: str) -> str:
        """For the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """From the database."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"second factors").derive(settings.SITE_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the login behind a request has an authenticator app, or came from where one was asked for; asked once."""
    known: bool | None = getattr(request, "has_second_factor", None)
    if known is None:
        known = came_from_elsewhere(request) and settings.OIDC_HAS_SECOND_FACTOR
        known = known or Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.TOTP).exists()
        request.has_second_factor = known  # type: ignore[attr-defined]  # lives as long as the request
    return known


def came_from_elsewhere(request: HttpRequest) -> bool:
    """Whether this session was opened by the issuer that the site trusts."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "socialaccount" for record in records)
