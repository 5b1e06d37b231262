"""The door for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from monitoring.whole_bodies import whole_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")

application = whole_bodies(get_wsgi_application())

from monitoring.security.starting import refuse_unsafe  # noqa: E402  # the apps are loaded by now

refuse_unsafe()
