"""The forms of signing in, without words inside their fields: the label above says it, and stays."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp


class Bare:
    """No placeholder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]  # beside a form
            field.widget.attrs.pop("placeholder", None)


class LoginForm(Bare, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Name and password."""


class ReauthenticateForm(Bare, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class ChangePasswordForm(Bare, account.ChangePasswordForm):  # type: ignore[misc]
    """Another password."""


class CodeForm(Bare, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code after the password."""


class CodeAgainForm(Bare, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code once more."""


class AppForm(Bare, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""
