"""Every setting, from the environment: a wrong value stops the start with a sentence."""

import os
import zoneinfo
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from monitoring import environment
from monitoring.log_lines import logging_to_stderr
from monitoring.parts import AUTH_PASSWORD_VALIDATORS as AUTH_PASSWORD_VALIDATORS
from monitoring.parts import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from monitoring.parts import INSTALLED_APPS as INSTALLED_APPS
from monitoring.parts import MIDDLEWARE as MIDDLEWARE
from monitoring.parts import PASSWORD_HASHERS as PASSWORD_HASHERS
from monitoring.security.unsafe import refusals

BASE_DIR = Path(__file__).resolve().parent.parent

# ---- where this site keeps its own files
HOME_DIR = environment.folder("DELTARAD_HOME", BASE_DIR / ".deltarad")
DATA_DIR = environment.folder("DELTARAD_DATA_DIR", HOME_DIR / "data")
STATIC_ROOT = environment.folder("DELTARAD_STATIC_ROOT", HOME_DIR / "static")

# ---- what kind of run this is
DEBUG = environment.flag("DELTARAD_DEBUG", default=False)
# Set by manage.py for the demo and for the private servers of this checkout: nothing leaves this machine.
IS_LOCAL = environment.flag("DELTARAD_LOCAL", default=False)
IS_HOSPITAL = "DATABASE_URL" in os.environ and not IS_LOCAL and not DEBUG

# ---- secrets. Without servers (help, check, type checking) there is nothing to sign, and no file is made.
_KEPT_IN = HOME_DIR if "DATABASE_URL" in os.environ else None
SECRET_KEY = environment.secret("DELTARAD_SECRET_KEY", _KEPT_IN, is_required=IS_HOSPITAL)
# The HMAC key of patient identifiers: another key is another site, whose patients are never met again.
SITE_KEY = environment.secret("DELTARAD_SITE_KEY", _KEPT_IN, is_required=IS_HOSPITAL)

# The HMAC key of the audit trail: whoever may write every row must not know it.
AUDIT_KEY = environment.secret("DELTARAD_AUDIT_KEY", _KEPT_IN, is_required=IS_HOSPITAL)
# Where the heads of the audit trail are noted, outside the database; best a folder that is copied elsewhere.
AUDIT_DIR = environment.folder("DELTARAD_AUDIT_DIR", HOME_DIR / "audit")

# ---- servers
DATABASES = {
    "default": {
        **environment.database("DATABASE_URL", "postgresql:///deltarad"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
REDIS_URL = environment.redis("REDIS_URL", "redis://localhost:6379/0")
# Where the hints about waiting work go: the Redis-protocol server, or RabbitMQ (amqp:// or amqps://).
BROKER_URL = environment.any_broker("DELTARAD_BROKER_URL", REDIS_URL)
IS_RABBITMQ = BROKER_URL.startswith("amqp")
# Who may read /metrics: whoever has this token; without one, requests from this machine that no proxy handed on.
METRICS_TOKEN = environment.text("DELTARAD_METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured("DELTARAD_METRICS_TOKEN must have at least 16 characters.")
# In the database, so that every process counts the same failed sign-ins, and no page fails for want of Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# ---- the web
ALLOWED_HOSTS = environment.words("DELTARAD_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("DELTARAD_CSRF_TRUSTED_ORIGINS")
IS_HTTPS = environment.flag("DELTARAD_HTTPS", default=IS_HOSPITAL)
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
# A browser takes such a name only from this very host, over https and for the whole site.
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "monitoring.views.home.stale_form"
# In the session, not in a cookie: messages name patients.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Only behind a proxy that sets these headers itself and drops the caller's own.
IS_BEHIND_PROXY = environment.flag("DELTARAD_BEHIND_PROXY", default=False)
if IS_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if IS_BEHIND_PROXY else 0
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * environment.whole("DELTARAD_SESSION_MINUTES", 480)
SESSION_IDLE_SECONDS = 60 * environment.whole("DELTARAD_SESSION_IDLE_MINUTES", 15 if IS_HOSPITAL else 480)
X_FRAME_OPTIONS = "DENY"
ROOT_URLCONF = "monitoring.urls"
WSGI_APPLICATION = "monitoring.wsgi.application"
ASGI_APPLICATION = "monitoring.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            # Every form has a key beside its CSRF token.
            "builtins": ["monitoring.templatetags.form_keys"],
        },
    }
]

# ---- signing in: django-allauth, without sign-up and without mail
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "monitoring.security.logins.Logins"
_FORMS = "monitoring.security.door_forms"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
}
MFA_FORMS = {
    "authenticate": f"{_FORMS}.CodeForm",
    "reauthenticate": f"{_FORMS}.CodeAgainForm",
    "activate_totp": f"{_FORMS}.AppForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, at the latest
ACCOUNT_PRESERVE_USERNAME_CASING = True
# Wrong passwords: of one name from anywhere, and from one address. They are forgotten by themselves.
ACCOUNT_RATE_LIMITS = {"login": "300/5m/ip", "login_failed": "50/5m/ip,10/5m/key", "change_password": "10/5m/user"}
# Requests with one access token, and wrong ones from one address.
TOKEN_RATE_LIMITS = {"token": "600/5m/key", "token_failed": "50/5m/ip"}
MFA_ADAPTER = "monitoring.security.logins.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute wrong
# Signing in elsewhere (OpenID Connect): logins are still made here, and met by a claim of the issuer's.
SOCIALACCOUNT_ADAPTER = "monitoring.security.elsewhere.LoginsElsewhere"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form could not lead away: form-action is the site alone
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_ISSUER = environment.text("DELTARAD_OIDC_ISSUER", "")
OIDC_CLAIM = environment.text("DELTARAD_OIDC_CLAIM", "preferred_username")
# Whether the issuer asks for a second factor itself, so that this site need not.
OIDC_HAS_SECOND_FACTOR = environment.flag("DELTARAD_OIDC_SECOND_FACTOR", default=False)
SOCIALACCOUNT_PROVIDERS = environment.openid_connect(OIDC_ISSUER)
# Whether nobody sees a patient with a password alone.
MFA_REQUIRED = environment.flag("DELTARAD_MFA", default=IS_HOSPITAL)
MFA_WAIVED = environment.text("DELTARAD_MFA_WAIVED", "").strip()

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- static files: hashed, compressed and cached for ever, except where the sources are served as they are
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "monitoring.assets.PlotlyFinder",
]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Files that several machines share: a Django storage of the site; else the folder itself, which all of them mount.
FILE_STORAGE = environment.text("DELTARAD_FILE_STORAGE", "")
if FILE_STORAGE:
    STORAGES["files"] = {"BACKEND": FILE_STORAGE, "OPTIONS": environment.record("DELTARAD_FILE_STORAGE_OPTIONS")}

# ---- language and time: UTC in store, the site's zone on screen
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("DELTARAD_TIME_ZONE", "UTC")
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"DELTARAD_TIME_ZONE must be a zone such as Europe/Berlin, not {TIME_ZONE!r}.")

# ---- uploads: private storage first
if "DATABASE_URL" in os.environ:
    environment.private_folder("DELTARAD_DATA_DIR", DATA_DIR)
# One file a request, as its body, streamed into it; no form carries a file.
FILE_UPLOAD_HANDLERS = ["monitoring.form_files.NoFormFiles"]
UPLOAD_MAX_FILE_BYTES = environment.whole("DELTARAD_UPLOAD_MAX_FILE_BYTES", 2 * 1024**3)
UPLOAD_MAX_FILES = environment.whole("DELTARAD_UPLOAD_MAX_FILES", 20_000)
UPLOAD_MAX_BYTES = environment.whole("DELTARAD_UPLOAD_MAX_BYTES", 20 * 1024**3)
UPLOAD_MAX_UNPACKED_BYTES = environment.whole("DELTARAD_UPLOAD_MAX_UNPACKED_BYTES", 4 * 1024**3)
STAGING_HOURS = environment.whole("DELTARAD_STAGING_HOURS", 24)
# What may wait to be read at once, of one login and of one team, and how much of the disk stays free.
STAGING_USER_BYTES = environment.whole("DELTARAD_STAGING_USER_BYTES", 100 * 1024**3)
STAGING_TEAM_BYTES = environment.whole("DELTARAD_STAGING_TEAM_BYTES", 400 * 1024**3)
FREE_DISK_PERCENT = environment.whole("DELTARAD_FREE_DISK_PERCENT", 10 if IS_HOSPITAL else 1, least=0)
if FREE_DISK_PERCENT > 90:
    raise ImproperlyConfigured("DELTARAD_FREE_DISK_PERCENT must be at most 90.")

# ---- what takes the numbers: our own engine, or pyradiomics, whose numbers are the definition
ENGINE = environment.one_of("DELTARAD_ENGINE", ("own", "pyradiomics"))

# ---- what is computed beside each lesion's own features
HAS_RINGS = environment.flag("DELTARAD_RINGS", default=True)
# Whether every scan is extracted under the full profile, too, when nothing else waits.
HAS_FULL_PROFILES = environment.flag("DELTARAD_FULL_PROFILES", default=False)
# Filtered images that one extraction computes side by side; the numbers do not hang on it.
EXTRACT_THREADS = environment.whole("DELTARAD_EXTRACT_THREADS", 1)
# How often each outline is extracted under perturbation; 0: not at all.
PERTURBATIONS = environment.whole("DELTARAD_PERTURBATIONS", 8, least=0)
if PERTURBATIONS == 1:
    raise ImproperlyConfigured("DELTARAD_PERTURBATIONS must be 0, or at least 2: one repeat has no spread.")

# ---- clinical
VISIT_WINDOW_DAYS = environment.whole("DELTARAD_VISIT_WINDOW_DAYS", 14, least=0)
# What differs from the protocol's defaults; a system check tells what is not a setting of it.
RESPONSE_PROTOCOL = environment.record("DELTARAD_RESPONSE_PROTOCOL")
ACQUISITION_RULES = environment.text("DELTARAD_ACQUISITION_RULES", "")

# ---- the relay: leases on runs, and the limits of the child that parses and extracts
LEASE_SECONDS = environment.whole("DELTARAD_LEASE_SECONDS", 60)
LEASE_RENEW_SECONDS = environment.whole("DELTARAD_LEASE_RENEW_SECONDS", 15)
if 2 * LEASE_RENEW_SECONDS > LEASE_SECONDS:
    raise ImproperlyConfigured("DELTARAD_LEASE_RENEW_SECONDS must be at most half of DELTARAD_LEASE_SECONDS.")
MAX_ATTEMPTS = environment.whole("DELTARAD_MAX_ATTEMPTS", 3)
# Before a command that waits for work says that nothing moves; longer than a lease and its reconciling.
WAIT_SECONDS = environment.whole("DELTARAD_WAIT_SECONDS", 600, least=LEASE_SECONDS)
RECONCILE_SECONDS = environment.whole("DELTARAD_RECONCILE_SECONDS", 15)
# In which every stored file is read once and held against its name; 0: only `manage.py verify` does that.
VERIFY_HOURS = environment.whole("DELTARAD_VERIFY_HOURS", 24, least=0)
# Address space, not resident memory: the libraries alone reserve several hundred MB.
CHILD_READ_MEMORY_MB = environment.whole("DELTARAD_CHILD_READ_MEMORY_MB", 2048, least=512)
CHILD_EXTRACT_MEMORY_MB = environment.whole("DELTARAD_CHILD_EXTRACT_MEMORY_MB", 4096, least=1024)
CHILD_READ_SECONDS = environment.whole("DELTARAD_CHILD_READ_SECONDS", 120)
CHILD_EXTRACT_SECONDS = environment.whole("DELTARAD_CHILD_EXTRACT_SECONDS", 900)

# ---- Celery: the table of runs is the record of work, so the broker may forget or repeat
CELERY_BROKER_URL = environment.broker(BROKER_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"read_timeout": 5, "write_timeout": 5}
    if IS_RABBITMQ
    else {
        "visibility_timeout": max(14_400, 4 * CHILD_EXTRACT_SECONDS),
        "queue_order_strategy": "priority",
        "priority_steps": [0, 3, 6, 9],
        "sep": ":",
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    }
)
# RabbitMQ's own priorities: a queue is made with them, and 9 is served first.
CELERY_TASK_QUEUE_MAX_PRIORITY = 9 if IS_RABBITMQ else None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
# Beyond the child's own limit, which is the one that speaks in words.
CELERY_TASK_SOFT_TIME_LIMIT = CHILD_EXTRACT_SECONDS + 300
CELERY_TASK_TIME_LIMIT = CHILD_EXTRACT_SECONDS + 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"

# ---- logs: to stderr, without request data or patient data
LOG_LEVEL = environment.text("DELTARAD_LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    raise ImproperlyConfigured(f"DELTARAD_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {LOG_LEVEL!r}.")
LOGGING = logging_to_stderr(LOG_LEVEL, is_plain=DEBUG)

# ---- what a site for patients is never started with
for _refusal in refusals(globals()):
    raise ImproperlyConfigured(_refusal)
