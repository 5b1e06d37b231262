"""The door for a ASGI server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")

application = get_asgi_application()

from monitoring.security.starting import refuse_unsafe  # noqa: E402  # the apps are loaded by now

refuse_unsafe()
