"""Addresses of signing in, of one's own login and its second factor: views of django-allauth under our own words."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path

from monitoring.security import elsewhere
from monitoring.views import own_login, own_tokens

urlpatterns = [
    path("sign-in", account.login, name="account_login"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/with/<str:provider_id>", elsewhere.set_out, name="openid_connect_login"),
    path("sign-in/with/<str:provider_id>/back", elsewhere.come_back, name="openid_connect_callback"),
    path("sign-out", account.logout, name="account_logout"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/again", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/password", own_login.password_page, name="account_change_password"),
    path("account/second-factor", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/tokens", own_tokens.tokens_page, name="own_tokens"),
    path("account/tokens/revoke", own_tokens.token_revoke, name="token_revoke"),
]
