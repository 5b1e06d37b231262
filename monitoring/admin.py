"""The administration goes through the same door as everything else, and shows nothing of what opens it."""

from allauth.account import admin as _account
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _social
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

# Imported so that they are registered by now, whatever the order of the apps.
REGISTERING = (_account, _mfa, _social)
admin.site.unregister([EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])
# One door: throttled, with the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
